from __future__ import annotations

import re

from rag.app.routes import STATIC


def test_both_languages_say_the_same_things():
    text = (STATIC / "texts.js").read_text(encoding="utf-8")
    french, english = re.search(r"fr: \{(.*?)\n  \},\n  en: \{(.*?)\n  \},", text, re.S).groups()
    entries = [dict(re.findall(r'^    (\w+): "(.*)",$', part, re.M)) for part in (french, english)]
    assert len(entries[0]) > 50
    assert entries[0].keys() == entries[1].keys()
    for key, words in entries[0].items():
        places = re.findall(r"\{\w+\}", words)
        assert sorted(places) == sorted(re.findall(r"\{\w+\}", entries[1][key])), key


def test_every_text_that_a_page_names_exists():
    known = set(re.findall(r"^    (\w+):", (STATIC / "texts.js").read_text(encoding="utf-8"), re.M))
    for path in STATIC.iterdir():
        named = re.findall(r'\bt\("(\w+)"|data-text="(\w+)"', path.read_text(encoding="utf-8"))
        assert {a or b for a, b in named} <= known, path.name
