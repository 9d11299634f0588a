from __future__ import annotations

import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from rag import Assistant, RagError, build_index
from rag.config import load_settings
from rag.errors import IndexMismatch, IndexMissing, QuestionError
from rag.types import Turn

SAMPLES = Path(__file__).resolve().parent.parent / "seeds"
QUESTION = "Combien Meta investit-il dans l'IA ?"


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    """A folder with one sample issue."""
    folder = tmp_path / "letters"
    folder.mkdir()
    shutil.copy(SAMPLES / "2025-02-04-signal-faible.txt", folder)
    return folder


@pytest.fixture
def assistant(letters: Path, tmp_path: Path) -> Assistant:
    build_index(letters, tmp_path / "index")
    return Assistant.load(tmp_path / "index")


def test_answers_and_hits_say_where_they_stand(assistant: Assistant, letters: Path) -> None:
    hits = assistant.search("lunettes connectées de Meta", k=3)
    assert [h.rank for h in hits] == [1, 2, 3]
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    answer = assistant.ask(QUESTION)
    assert answer.citations
    for piece in [hits[0].passage, answer.citations[0]]:
        text = (letters / piece.source).read_text(encoding="utf-8")
        quote = getattr(piece, "text", None) or getattr(piece, "quote", None)
        assert text[piece.start : piece.end] == quote
        assert piece.date == date(2025, 2, 4)


def test_a_new_generation_is_picked_up_without_restart(
    assistant: Assistant, letters: Path, tmp_path: Path
) -> None:
    assert not assistant.search("baleine", k=1)[0].passage.text.startswith("Une baleine")
    (letters / "new.txt").write_text("Une baleine bleue a remonté la Seine jusqu'à Rouen.")
    build_index(letters, tmp_path / "index")
    assert assistant.search("baleine bleue", k=1)[0].passage.source == "new.txt"


def test_a_damaged_new_generation_leaves_the_old_one_in_use(
    assistant: Assistant, letters: Path, tmp_path: Path
) -> None:
    before = assistant.index.generation
    (letters / "new.txt").write_text("Une baleine bleue a remonté la Seine jusqu'à Rouen.")
    build_index(letters, tmp_path / "index")
    for path in sorted((tmp_path / "index").rglob("manifest.json")):
        if before not in path.parts:
            path.write_text("{}")
    assert assistant.ask(QUESTION).citations
    assert assistant.index.generation == before


def test_a_shared_assistant_answers_the_same_from_many_threads(
    sample_assistant: Assistant,
) -> None:
    questions = [QUESTION, "Qui dirige OpenAI ?", "Wie viel kostet o3-pro?", "Où est Sereact ?"] * 8
    alone = [sample_assistant.ask(question) for question in questions]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(sample_assistant.ask, questions)) == alone


def test_questions_are_answered_while_builds_go_by(
    assistant: Assistant, letters: Path, tmp_path: Path
) -> None:
    done = threading.Event()
    failed: list[BaseException] = []

    def ask() -> None:
        while not done.is_set():
            try:
                assert assistant.search("Meta", k=2)
            except BaseException as error:
                failed.append(error)
                return

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(4):
        (letters / f"{number}.txt").write_text(f"La baleine numéro {number} remonte la Seine.")
        build_index(letters, tmp_path / "index")
    done.set()
    for thread in threads:
        thread.join()
    assert not failed


def test_filters_narrow_both_search_and_answer(sample_assistant: Assistant) -> None:
    until = date(2025, 3, 1)
    hits = sample_assistant.search(QUESTION, until=until)
    assert hits
    assert all(h.passage.date and h.passage.date <= until for h in hits)
    answer = sample_assistant.ask(QUESTION, until=until)
    assert all(c.date and c.date <= until for c in answer.citations)
    assert answer.filters.until == until


def test_a_period_in_the_question_narrows_unless_overruled(sample_assistant: Assistant) -> None:
    question = "Qu'a annoncé Mistral en juin 2025 ?"
    named = sample_assistant.ask(question)
    assert named.filters.since == date(2025, 6, 1)
    assert all(h.passage.date and h.passage.date.month == 6 for h in named.hits)
    free = sample_assistant.ask(question, period_from_question=False)
    assert free.filters.empty


def test_a_follow_up_is_searched_whole(sample_assistant: Assistant) -> None:
    history = [Turn(QUESTION, QUESTION)]
    answer = sample_assistant.ask("Et Google ?", history=history)
    assert "Google" in answer.query
    assert "investit" in answer.query
    assert answer.question == "Et Google ?"


def test_stream_ends_with_what_ask_returns(sample_assistant: Assistant) -> None:
    *_, last = sample_assistant.stream(QUESTION)
    assert last == sample_assistant.ask(QUESTION)


def test_no_evidence_is_an_answer(assistant: Assistant) -> None:
    answer = assistant.ask("Quelle est la recette de la tarte Tatin ?")
    assert answer.abstained
    assert not answer.citations
    assert answer.hits
    assert answer.text


@pytest.mark.parametrize("question", ["", " \n ", "x" * 2001], ids=["empty", "blank", "long"])
def test_a_question_that_is_none_is_refused(sample_assistant: Assistant, question: str) -> None:
    with pytest.raises(QuestionError):
        sample_assistant.ask(question)
    with pytest.raises(QuestionError):
        sample_assistant.search(question)


@pytest.mark.parametrize("question", ["?", "٣", "\x00\x07", "' OR 1=1 --", "a" * 2000, "👩‍🚀" * 50])
def test_odd_questions_get_an_answer(sample_assistant: Assistant, question: str) -> None:
    assert isinstance(sample_assistant.ask(question).text, str)


def test_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing) as caught:
        Assistant.load(tmp_path)
    assert "rag build" in caught.value.hint


def test_an_index_of_another_model_is_not_searched(tmp_path: Path, letters: Path) -> None:
    build_index(letters, tmp_path / "index")

    class Other:
        name, fingerprint, dimension, max_tokens = "other", "0", 256, 128

    with pytest.raises(IndexMismatch, match="other"):
        Assistant.load(tmp_path / "index", embedder=Other())  # type: ignore[arg-type]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_index_is_an_error_of_ours(tmp_path: Path, letters: Path) -> None:
    build_index(letters, tmp_path / "index")
    (tmp_path / "index" / "CURRENT").chmod(0)
    with pytest.raises(RagError):
        Assistant.load(tmp_path / "index", load_settings(environ={}, folder=tmp_path))
