"""Answers written by a language model, checked sentence by sentence before they are shown.

Answers grow by whole sentences, each compared with the passages it cites (`rag.checking`). On any
failure, and where nothing the model wrote is proven, the extractive answer stands, with a note.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from rag.checking import Quote, Similarity, check_claims
from rag.completions import complete
from rag.config import Settings
from rag.embedding import Embedder
from rag.errors import LLMError
from rag.evidence import Evidence
from rag.language import detect_language
from rag.notes import describe_failure, mark_unproven
from rag.phrases import choose_phrases
from rag.prompts import REFUSAL, build_answer_messages, build_rewrite_messages
from rag.sentences import split_sentences
from rag.types import Answer, Citation, Hit, Passage, Span, TimelineEntry, Turn

_THOUGHTS = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
# What could load or lead somewhere when shown: pictures, links (their words stay), tags.
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)?")
_LINK = re.compile(r"\[([^\]]*[^\]\d,;\s^-][^\]]*)\]\([^)]*\)")
_TAG = re.compile(r"</?[a-zA-Z!][^>\n]{0,200}>|<\|[^|\n]{0,40}\|>")
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S|\b\S+@\S+\.\w")
_LONGEST_QUESTION = 500


def generate_answer(settings: Settings, question: str, hits: Sequence[Hit]) -> Generator[str]:
    """Yield the model's reply to `question` over `hits`, unchecked, piece by piece.

    Marks refer to `hits` by rank in the sequence, from 1. See `rag.completions.complete` for what
    it raises and how it is stopped.
    """
    return complete(settings, build_answer_messages(question, hits, detect_language(question)))


def answer_with_llm(
    settings: Settings,
    question: str,
    query: str,
    hits: Sequence[Hit],
    fallback: Answer,
    embedder: Embedder | None = None,
) -> Iterator[Answer]:
    """Yield growing answers to `query` written by the language model, the last one complete.

    Every one of them holds checked sentences alone: proven ones with marks on the exact sentences
    that prove them, others marked or dropped as the setting `unproven` says. `question` is what
    the reader asked; its language is that of the answer. `fallback` is the extractive answer over
    the same hits; it is the last one, with a note, if the model fails or proves nothing. `embedder`
    lets claims be proven by sentences that say the same in other words or another language.
    """
    if not hits:
        yield fallback
        return
    language = detect_language(question)
    reply, checked = "", 0
    try:
        with closing(generate_answer(settings, query, hits)) as pieces:
            for piece in pieces:
                reply += piece
                done = _cut_unfinished(_clean_reply(reply))
                if len(done) > checked and REFUSAL not in done:
                    checked = len(done)
                    answer = _compose(done, settings, language, query, hits, fallback, embedder)
                    if answer.citations:
                        yield answer
        reply = _clean_reply(reply)
        if REFUSAL in reply:
            yield _abstain(settings, language, query, hits, fallback)
            return
        answer = _compose(reply, settings, language, query, hits, fallback, embedder)
        if not answer.citations:
            raise LLMError("nothing the language model wrote is proven", reason="unproven")
        yield answer
    except LLMError as error:
        note = describe_failure(error.reason, language)
        yield replace(fallback, note=f"{fallback.note} {note}".strip())


def rewrite_question(settings: Settings, question: str, history: Sequence[Turn]) -> str:
    """Return `question` made to stand alone with the help of `history`, oldest turn first.

    Raises LLMError if the server fails or the reply is no question; the caller falls back to rules.
    """
    reply = _clean_reply("".join(complete(settings, build_rewrite_messages(question, history))))
    lines = [line.strip(" \t\"'«»“”`*") for line in reply.splitlines() if line.strip()]
    if len(lines) != 1 or not 2 < len(lines[0]) <= _LONGEST_QUESTION + len(question):
        raise LLMError(
            f"the language model {settings.llm_model} did not reply with one question",
            "try another model: RAG_LLM_MODEL",
            reason="malformed",
        )
    return lines[0]


def _compose(
    text: str,
    settings: Settings,
    language: str,
    query: str,
    hits: Sequence[Hit],
    fallback: Answer,
    embedder: Embedder | None,
) -> Answer:
    evidence = {number: _read_passage(hit.passage) for number, hit in enumerate(hits, 1)}
    sentences: list[str] = []
    unproven: list[str] = []
    citations: dict[tuple[str, int, int], Citation] = {}
    for claim in check_claims(
        text, evidence, language, _compare_with(embedder) if embedder else None
    ):
        if claim.proven:
            numbers = [_cite(quote, hits, citations) for quote in claim.quotes]
            sentences.append(claim.text + " " + "".join(f"[{n}]" for n in dict.fromkeys(numbers)))
        elif settings.unproven == "mark" and not _ADDRESS.search(claim.text):
            sentences.append(mark_unproven(claim.text, language))
            unproven.append(claim.text)
    return replace(
        fallback,
        text=" ".join(sentences),
        citations=tuple(citations.values()),
        abstained=False,
        hits=tuple(hits),
        query=query,
        timeline=_renumber(fallback, citations),
        unproven=tuple(unproven),
        generator=settings.llm_model,
    )


def _compare_with(embedder: Embedder) -> Similarity:
    def compare(text: str, sentences: Sequence[str]) -> list[float]:
        rows = embedder.encode_documents([text, *sentences])
        return [float(score) for score in rows[1:] @ rows[0]]

    return compare


def _cite(
    quote: Quote, hits: Sequence[Hit], citations: dict[tuple[str, int, int], Citation]
) -> int:
    """Return the number of the citation of a quote, which is added to `citations` if new."""
    passage = hits[quote.evidence - 1].passage
    start, end = passage.start + quote.start, passage.start + quote.end
    key = (passage.source, start, end)
    if key not in citations:
        citations[key] = Citation(
            number=len(citations) + 1,
            quote=passage.text[quote.start : quote.end],
            source=passage.source,
            start=start,
            end=end,
            article=passage.article,
            issue=passage.issue,
            date=passage.date,
            newsletter=passage.newsletter,
            highlights=tuple(
                Span(passage.start + span.start, passage.start + span.end)
                for span in quote.highlights
            ),
        )
    return citations[key].number


def _abstain(
    settings: Settings, language: str, query: str, hits: Sequence[Hit], fallback: Answer
) -> Answer:
    return replace(
        fallback,
        text=fallback.text if fallback.abstained else choose_phrases(language).no_answer,
        citations=(),
        abstained=True,
        hits=tuple(hits),
        query=query,
        timeline=(),
        generator=settings.llm_model,
    )


def _renumber(
    fallback: Answer, citations: dict[tuple[str, int, int], Citation]
) -> tuple[TimelineEntry, ...]:
    """Return the entries of the extractive timeline whose sentences are cited here too."""
    places = {c.number: (c.source, c.start, c.end) for c in fallback.citations}
    return tuple(
        replace(entry, citation=citations[place].number)
        for entry in fallback.timeline
        if (place := places.get(entry.citation)) in citations and place is not None
    )


def _read_passage(passage: Passage) -> Evidence:
    return Evidence(
        text=passage.text,
        context=f"{passage.article}\n{passage.issue}\n{passage.newsletter}",
        date=passage.date,
        language=passage.language,
    )


def _clean_reply(reply: str) -> str:
    reply = _THOUGHTS.sub("", reply)
    return _TAG.sub("", _LINK.sub(r"\1", _IMAGE.sub("", reply))).strip()


def _cut_unfinished(text: str) -> str:
    """Return `text` without its last sentence, which may still grow."""
    spans = split_sentences(text)
    return text[: spans[-2].end] if len(spans) > 1 else ""
