from __future__ import annotations

import json
from datetime import date

from rag.serialization import to_json, to_plain
from rag.types import Citation, Hit, Passage, Span


def test_a_passage_tells_its_id_and_dates_are_iso() -> None:
    passage = Passage("Été.", "A", "I", date(2025, 2, 4), "a.txt", 3, 7)
    plain = to_plain([Hit(passage, 0.5, 1)])
    assert plain[0]["passage"]["id"] == "a.txt#3-7"
    assert plain[0]["passage"]["date"] == "2025-02-04"
    assert plain[0]["score"] == 0.5


def test_a_citation_tells_its_short_answer() -> None:
    citation = Citation(1, "Soit 65.", "a", 10, 18, "", "", None, "", (Span(15, 17),))
    plain = to_plain(citation)
    assert plain["short"] == "65"
    assert plain["highlights"] == [{"start": 15, "end": 17}]


def test_json_keeps_letters() -> None:
    text = to_json({"é": (1, None, "où")})
    assert "où" in text
    assert json.loads(text) == {"é": [1, None, "où"]}
