"""The lexical engine: French words, statistics that no history changes, hostile queries."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from corpora import TOPICS

from rag.lexical import Document, WordIndex, hash_stem, hash_stems, join_segments, write_segments

TEXTS = [f"{topic} Suite numéro {n}." for n in range(30) for topic in TOPICS]


def make_index(folder: Path, groups: list[tuple[str, list[Document]]]) -> WordIndex:
    """An index with a call of `write_segments` for each group of a language and documents."""
    folder.mkdir(exist_ok=True)
    segments, rows, issues, days = [], [], [], []
    for language, documents in groups:
        for segment in write_segments(folder, documents, language):
            segments.append(segment)
            rows.append(np.arange(len(issues), len(issues) + segment.documents))
            issues += [document.issue for document in documents]
            days += [document.day for document in documents]
    join_segments(folder, segments)
    return WordIndex(folder, segments, rows, np.array(issues), np.array(days))


def make_documents(texts: list[str]) -> list[Document]:
    return [
        Document(f"Titre {number}", text, number, number % 90 + 1)
        for number, text in enumerate(texts)
    ]


def test_scores_do_not_depend_on_how_segments_were_cut(tmp_path: Path) -> None:
    documents = make_documents(TEXTS)
    whole = make_index(tmp_path / "whole", [("fr", documents)])
    parts = make_index(
        tmp_path / "parts",
        [("fr", documents[:3]), ("fr", documents[3:150]), ("fr", documents[150:])],
    )
    for query in (*TOPICS, "titre 12", "65 millions", "numéro 7"):
        rows, scores = whole.search(whole.analyse(query, "fr"), 400)
        other_rows, other_scores = parts.search(parts.analyse(query, "fr"), 400)
        assert dict(zip(rows.tolist(), scores.tolist(), strict=True)) == dict(
            zip(other_rows.tolist(), other_scores.tolist(), strict=True)
        )
        assert len(rows)


def test_score_is_bm25(tmp_path: Path) -> None:
    """By hand: 3 passages of 2 words each, so length does not count; "chat" once in one of them.

    idf = ln(1 + 2.5 / 1.5); tf part = 1 × 2.2 / (1 + 1.2).
    """
    texts = ["chat noir", "chien noir", "cheval noir"]
    index = make_index(tmp_path / "i", [("fr", [Document("", text, 0, 0) for text in texts])])
    rows, scores = index.search(index.analyse("chat", "fr"), 3)
    assert rows.tolist() == [0]
    assert scores == pytest.approx([math.log(1 + 2.5 / 1.5)], rel=1e-5)
    idf = index.idf(index.analyse("chat noir absent", "fr"))
    expected = [math.log(1 + 2.5 / 1.5), math.log(1 + 0.5 / 3.5), math.log(1 + 3.5 / 0.5)]
    assert idf == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("L’élève apprend vite", "éleves"),
        ("Il s'agit d'investissements", "investissement"),
        ("un pas jusqu'alors inédit", "alors"),
        ("La marge atteint 97,4 % du total", "97.4"),
        ("La marge atteint 97,4 % du total", "97,4"),
        ("Le coût : 65 milliards", "65"),
        ("Le modèle GPT-4o d’OpenAI", "gpt 4o"),
        ("Une pénurie à l'été", "e\u0301te\u0301"),
        ("UNE PÉNURIE", "penurie"),
        ("Aujourd'hui même", "aujourd’hui"),
    ],
)
def test_words_meet_across_spellings(text: str, query: str, tmp_path: Path) -> None:
    filler = [Document("", "Rien à voir ici", 1, 0)] * 3
    index = make_index(tmp_path / "i", [("fr", [*filler, Document("", text, 0, 0)])])
    rows, _ = index.search(index.analyse(query, "fr"), 5)
    assert rows.tolist() == [3]


def test_decimals_stay_whole(tmp_path: Path) -> None:
    index = make_index(tmp_path / "i", [("fr", [Document("", "La marge est de 97,4 %", 0, 0)])])
    assert len(index.search(index.analyse("4", "fr"), 5)[0]) == 0


def test_each_language_has_its_stemmer_and_names_cross(tmp_path: Path) -> None:
    groups = [
        ("fr", [Document("", "Anthropic lève des fonds", 0, 0)]),
        ("en", [Document("", "Anthropic is raising investments", 1, 0)]),
        ("de", [Document("", "Die Häuser wurden verkauft", 2, 0)]),
    ]
    index = make_index(tmp_path / "i", groups)
    assert index.search(index.analyse("what was an investment", "en"), 5)[0].tolist() == [1]
    assert index.search(index.analyse("das Haus", "de"), 5)[0].tolist() == [2]
    assert sorted(index.search(index.analyse("Anthropic", "es"), 5)[0].tolist()) == [0, 1]


def test_words_that_only_ask_are_dropped_unless_alone(tmp_path: Path) -> None:
    index = make_index(tmp_path / "i", [("fr", make_documents(TEXTS))])
    assert index.analyse("Combien de batteries ?", "fr") == [("batter",)]
    assert index.analyse("Combien ?", "fr") == [("combien",)]
    assert index.analyse("Les batteries aujourd’hui, maintenant", "fr") == [("batter",)]
    assert index.analyse("Batteries today", "en") == index.analyse("batteries", "en")


def test_title_counts(tmp_path: Path) -> None:
    documents = [
        Document("Apiculture", "Un texte", 0, 0),
        Document("Autre chose", "Un texte", 1, 0),
    ]
    index = make_index(tmp_path / "i", [("fr", documents)])
    assert index.search(index.analyse("apiculture", "fr"), 5)[0].tolist() == [0]


ROWS = np.arange(len(TEXTS))


@pytest.mark.parametrize(
    "mask",
    [ROWS % 10 > 0, ROWS % 3 == 0, ROWS % 50 == 0, ROWS % 90 < 20, ROWS == 7],
    ids=["most", "a third", "few", "a range of days", "one"],
)
def test_mask_narrows_without_changing_scores(mask: np.ndarray, tmp_path: Path) -> None:
    index = make_index(tmp_path / "i", [("fr", make_documents(TEXTS))])
    for query in TOPICS:
        rows, scores = index.search(index.analyse(query, "fr"), 1000)
        kept = mask[rows]
        narrow_rows, narrow_scores = index.search(index.analyse(query, "fr"), 1000, mask)
        assert sorted(zip(scores[kept].tolist(), rows[kept].tolist(), strict=True)) == sorted(
            zip(narrow_scores.tolist(), narrow_rows.tolist(), strict=True)
        )
        few, _ = index.search(index.analyse(query, "fr"), 3, mask)
        assert len(few) >= min(3, kept.sum())


@pytest.mark.parametrize(
    "query",
    ["", "?", "*:*", "body:(", '"', "AND OR NOT", "\0", "[a TO z]", "a" * 100_000, "\ud83d\ude00"],
    ids=["empty", "mark", "all", "open", "quote", "operators", "nul", "range", "long", "emoji"],
)
def test_any_text_is_only_words(query: str, tmp_path: Path) -> None:
    index = make_index(tmp_path / "i", [("fr", make_documents(TEXTS[:5]))])
    index.search(index.analyse(query.encode("utf-16", "surrogatepass").decode("utf-16")), 5)


def test_threads_share_one_index(tmp_path: Path) -> None:
    index = make_index(tmp_path / "i", [("fr", make_documents(TEXTS))])
    expected = [index.search(index.analyse(query, "fr"), 5)[0].tolist() for query in TOPICS]
    with ThreadPoolExecutor(8) as executor:
        found = list(
            executor.map(lambda q: index.search(index.analyse(q, "fr"), 5)[0].tolist(), TOPICS * 20)
        )
    assert found == expected * 20


def test_stems_of_a_text_are_those_of_a_query() -> None:
    text = "L’élève de l'École mesure 97,4 % d’élévation, jusqu'à l'aube de Moody's"
    index_free = hash_stems(text, "fr").tolist()
    words = ["élève", "de", "ÉCOLE", "mesure", "97.4", "élévation", "à", "aube", "de", "moody", "s"]
    assert index_free == [hash_stems(word, "fr")[0] for word in words]


def test_stems_of_a_text_are_those_indexed(tmp_path: Path) -> None:
    text = "L’élève de l'École mesure 97,4 % d’élévation, jusqu'à l'aube"
    index = make_index(tmp_path / "i", [("fr", [Document("", text, 0, 0)])])
    held = hash_stems(text, "fr").tolist()
    for (stem,) in index.analyse(text, "fr"):
        assert index.idf([(stem,)])[0] < index.idf([("absent",)])[0], stem
        assert hash_stem(stem) in held, stem


def test_a_query_finds_what_stands_in_other_words_or_another_language(tmp_path: Path) -> None:
    """« IA » and "chips" in the query, « intelligence artificielle » and « puces » in the text."""
    texts = ["Les puces partent de Taïwan.", "Une intelligence artificielle lit.", "Il pleut."]
    index = make_index(tmp_path, [("fr", make_documents(texts))])
    assert index.search(index.analyse("l'IA"), 3)[0].tolist() == [1]
    assert index.search(index.analyse("Where do the chips come from?"), 3)[0].tolist()[0] == 0
