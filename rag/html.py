"""HTML → text with its paragraphs, headings and bullets, without what the reader does not see."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from rag.dates import parse_date
from rag.errors import SourceError


def _read_words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DEEPEST = 1500
_HIDDEN_TAGS = _read_words(
    "head script style template noscript svg math iframe object canvas nav footer button select"
    " textarea audio video map"
)
_BLOCKS = _read_words(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset"
    " figcaption figure form h1 h2 h3 h4 h5 h6 header hr html legend li main ol p pre section"
    " summary table tbody td tfoot th thead tr ul"
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|max-height\s*:\s*0(?!\.)"
    r"|font-size\s*:\s*[01]px|opacity\s*:\s*0(?![.\d])",
    re.I,
)
_HIDDEN_CLASS = re.compile(
    r"(?:^|\s)(?:footer|preheader|pre-header|preview-?text|email-footer|mcnPreviewText|unsubscribe)"
    r"(?:[-_\s]|$)",
    re.I,
)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w.:-]+)", re.I)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)(?:[^<>]{0,4000}(/)>)?")
# Their end tags are optional or they have none, so an opening one need not mean a level more.
_FLAT = _read_words(
    "p li td th tr dd dt tbody thead tfoot option colgroup html head body br img hr input meta"
    " link col wbr source area base embed param track"
)
_INVISIBLE = re.compile("[\u00ad\u034f\u200b\u200c\u200e\u200f\u2060\ufeff]")
_SPACE = re.compile(r"[ \t\n\r\f]+")
_DATE_META = (
    "article:published_time",
    "datePublished",
    "date",
    "dc.date",
    "dcterms.created",
    "pubdate",
)


@dataclass(frozen=True, slots=True)
class HtmlText:
    """A page's text and what its head says; "" and None where it says nothing."""

    text: str
    title: str = ""
    newsletter: str = ""
    date: date | None = None


def find_charset(data: bytes) -> str:
    """Return the encoding that a page declares in its first bytes, or ""."""
    match = _CHARSET.search(data, 0, 2048)
    return match[1].decode("ascii") if match else ""


def extract_html(page: str) -> HtmlText:
    """Return the text of a page: a blank line between paragraphs, `#` before headings, `•` before
    list items. Scripts, hidden preheaders, navigation and footers are left out.

    Raises SourceError if elements are nested over 1,500 deep, which no letter needs.
    """
    from selectolax.lexbor import LexborHTMLParser

    depth = _measure_depth(page)
    if depth > _DEEPEST:
        raise SourceError(f"HTML nested {depth} deep: at most {_DEEPEST} is read")
    tree = LexborHTMLParser(page)
    text = _render(tree.body) if tree.body else ""
    metas = {
        name: content
        for node in tree.css("meta")
        if (name := node.attributes.get("property") or node.attributes.get("name"))
        and (content := node.attributes.get("content"))
    }
    head_title = next((_clean(node.text()) for node in tree.css("title")), "")
    headings = [clean for node in tree.css("h1") if (clean := _clean(node.text()))]
    title, newsletter = headings[0] if len(headings) == 1 else "", metas.get("og:site_name", "")
    if not title:
        title = _clean(metas.get("og:title", "")) or head_title
    if not newsletter and title and head_title.startswith(title):
        newsletter = head_title[len(title) :].strip(" |–—-·•:")
    day = next((d for name in _DATE_META if (d := parse_date(metas.get(name)))), None)
    return HtmlText(text, title, _clean(newsletter), day)


def _measure_depth(page: str) -> int:
    """Return how deep elements are nested at most, end tags that are missing counted as nesting.

    The parser's time grows with the square of the depth, so this is measured before it runs.
    """
    depth = deepest = 0
    for match in _TAG.finditer(page):
        if match[3] or match[2].lower() in _FLAT:
            continue
        depth = max(0, depth - 1) if match[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _render(body: Any) -> str:
    """Walk the tree without recursion and return its visible text."""
    out: list[str] = []
    line: list[str] = []
    prefix = ""

    def flush(separator: str) -> None:
        nonlocal prefix
        content = "".join(line)
        line.clear()
        lines = [_SPACE.sub(" ", part).strip(" ") for part in content.split("\v")]
        content = "\n".join(part for part in lines if part.strip())
        if content:
            out.append(prefix + content + separator)
            prefix = ""

    root = body.mem_id
    node, leaving = body, False
    while node is not None:
        tag = node.tag
        if not leaving:
            if tag == "-text":
                line.append(_INVISIBLE.sub("", node.text_content or ""))
            elif tag == "br":
                if line and line[-1].endswith("\v"):
                    flush("\n\n")
                else:
                    line.append("\v")
            elif tag in _BLOCKS and not _is_hidden(node):
                flush("\n\n")
                if tag == "li":
                    prefix = "• "
                elif tag in _HEADINGS:
                    prefix = "#" * _HEADINGS[tag] + " "
            if node.child is not None and not _is_hidden(node):
                node = node.child
                continue
        elif tag in _BLOCKS:
            flush("\n\n")
            if tag == "li" or tag in _HEADINGS:
                prefix = ""
        if node.mem_id == root:  # comparing nodes would compare their markup
            break
        if node.next is not None:
            node, leaving = node.next, False
        else:
            node, leaving = node.parent, True
    flush("")
    return "".join(out).strip()


def _is_hidden(node: Any) -> bool:
    tag = node.tag
    if tag in _HIDDEN_TAGS:
        return True
    if tag in ("body", "-text"):
        return False
    attributes = node.attributes
    return bool(attributes) and (
        "hidden" in attributes
        or bool(_HIDDEN_STYLE.search(attributes.get("style") or ""))
        or bool(_HIDDEN_CLASS.search(attributes.get("class") or ""))
        or bool(_HIDDEN_CLASS.fullmatch(attributes.get("id") or ""))
    )


def _clean(text: str) -> str:
    return _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()
