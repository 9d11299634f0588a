from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import SourceError
from rag.html import extract_html, find_charset


def test_structure_becomes_marks_and_blank_lines() -> None:
    page = extract_html(
        "<body><h1>Titre</h1><div><p>Un <b>mot</b>\n fort.</p>suite</div>"
        "<ul><li>A<li><p>B</p></ul><table><tr><td>C<td>D</table>E<br>F<br><br>G</body>"
    )
    assert page.text.split("\n\n") == [
        "# Titre", "Un mot fort.", "suite", "• A", "• B", "C", "D", "E\nF", "G",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>secret()</script>",
        "<style>.secret{}</style>",
        "<!-- secret -->",
        "<div style='display:none'>secret</div>",
        "<span style='max-height:0px;overflow:hidden'>secret</span>",
        "<p style='mso-hide: all'>secret</p>",
        "<p hidden>secret</p>",
        "<div class='preheader'><p>secret</p></div>",
        "<p class='email-footer small'>secret</p>",
        "<footer><p>secret</p></footer>",
        "<div id='footer'><a>secret</a></div>",
        "<template><p>secret</p></template>",
        "<img alt='secret'>",
        "<a href='secret' onclick='secret()'></a>",
        "<noscript>secret</noscript>",
        "<textarea>secret</textarea>",
    ],
)
def test_what_readers_do_not_see_is_left_out(hidden: str) -> None:
    text = extract_html(f"<body><p>avant</p>{hidden}<p>après</p></body>").text
    assert "secret" not in text
    assert text.startswith("avant")
    assert text.endswith("après")


def test_visible_styles_are_kept() -> None:
    page = "<body class='has-footer'><p style='max-height:0.5em;opacity:0.9'>vu</p></body>"
    assert extract_html(page).text == "vu"


def test_entities_are_text_and_invisible_signs_are_dropped() -> None:
    text = extract_html("<p>5&nbsp;&lt;b&gt; &amp; &#847;&zwnj;&shy;fin</p>").text
    assert text == "5\u00a0<b> & fin"


def test_the_head_gives_title_newsletter_and_date() -> None:
    page = extract_html(
        "<head><title>Un titre | La Lettre</title>"
        "<meta property='article:published_time' content='2025-02-04T08:00:00Z'></head>"
        "<body><h1>Un titre</h1><p>texte</p></body>"
    )
    assert (page.title, page.newsletter, page.date) == ("Un titre", "La Lettre", date(2025, 2, 4))
    named = extract_html("<meta property='og:site_name' content='Le Site'><title>T</title><p>x")
    assert (named.title, named.newsletter, named.date) == ("T", "Le Site", None)


def test_charset_is_read_from_the_page() -> None:
    assert find_charset(b"<meta charset='windows-1250'>") == "windows-1250"
    assert find_charset(b'<meta content="text/html; charset=iso-8859-15">') == "iso-8859-15"
    assert find_charset(b"<p>charset</p>") == ""


@pytest.mark.parametrize("tag", ["div", "b", "span", "blockquote", "table"])
def test_a_bomb_of_nested_elements_is_refused(tag: str) -> None:
    with pytest.raises(SourceError, match="nested 200000 deep"):
        extract_html(f"<{tag}>" * 200_000 + "fin")


def test_many_flat_elements_are_read() -> None:
    text = extract_html("<p>mot" * 20_000 + "<br>" * 20_000 + "<li>x" * 20_000).text
    assert text.count("mot") == 20_000


@given(st.text(alphabet="<>/pdivlb h1=\"'&;!- a\n", max_size=200))
def test_any_markup_gives_text(page: str) -> None:
    extract_html(page)
