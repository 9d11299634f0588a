"""Build rag/models/words/common.txt: words that are no names though a capital letter begins them.

Input: parallel.xx-yy.tsv.gz and techdocs.xx-yy.tsv.gz (source, sentence in xx, sentence in yy) and
news-fr.jsonl.gz (articles in French) in the folder given. A word of
a language is common if it is written small in most places other than the start of a sentence. In
German, where nouns have capitals, a word with a capital is a noun, not a name, if the other side
of its sentence pairs seldom holds it. One line a language: its code, then the words folded (no
accents, small), most frequent first.

    python training/words/build_words.py DATA/train rag/models/words/common.txt
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from pathlib import Path

from rag.words import fold_text

LANGUAGES = ("fr", "en", "de", "es", "it", "pt", "nl")
KEPT = 6000
_WORD = re.compile(r"[^\W\d_]+")


def count_words(folder: Path) -> tuple[dict[str, Counter[str]], dict[str, Counter[str]]]:
    """Return, by language, how often each folded word stands as a common word and as a name."""
    common: dict[str, Counter[str]] = {code: Counter() for code in LANGUAGES}
    names: dict[str, Counter[str]] = {code: Counter() for code in LANGUAGES}
    paths = [*folder.glob("parallel.*.tsv.gz"), *folder.glob("techdocs.*.tsv.gz")]
    for path in sorted(paths):
        first, second = path.name.split(".")[1].split("-")
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                _, a, b = line.rstrip("\n").split("\t")[:3]
                _count(a, first, b, common, names)
                _count(b, second, a, common, names)
    with gzip.open(folder / "news-fr.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            _count(json.loads(line)["article"], "fr", "", common, names)
    return common, names


def _count(
    text: str,
    code: str,
    other: str,
    common: dict[str, Counter[str]],
    names: dict[str, Counter[str]],
) -> None:
    elsewhere = set(_WORD.findall(other))
    for match in list(_WORD.finditer(text))[1:]:
        word = match[0]
        before = text[: match.start()].rstrip(" '’")
        if before[-1:] in '.!?:"«»“”‘(–—-' or word.isupper():
            continue
        named = word[0].isupper() and (code != "de" or word in elsewhere)
        (names if named else common)[code][fold_text(word)] += 1


def choose_words(common: Counter[str], names: Counter[str], kept: int) -> list[str]:
    """Return the `kept` most frequent words that are seldom names, of at least three letters."""
    chosen = (
        word
        for word, count in common.most_common()
        if len(word) > 2 and count >= 3 and count >= 4 * names[word]
    )
    return [word for word, _ in zip(chosen, range(kept), strict=False)]


def main() -> None:
    common, names = count_words(Path(sys.argv[1]))
    lines = [" ".join([code, *choose_words(common[code], names[code], KEPT)]) for code in LANGUAGES]
    target = Path(sys.argv[2])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
