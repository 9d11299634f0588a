"""Text splitters of langchain on our sentences. Importing this takes half a second."""

from __future__ import annotations

from itertools import pairwise

from langchain_text_splitters import RecursiveCharacterTextSplitter, TextSplitter

from rag.sentences import split_sentences

_LONGEST = 2  # a sentence longer than this many times the size is cut
_CUTS = ["\n", "; ", " : ", " – ", " — ", ", ", " ", ""]


class SentenceSplitter(TextSplitter):
    """Groups whole sentences up to `chunk_size` characters; a longer one stands alone.

    A sentence of more than twice the size is cut, best after a line, clause or word. The chunks
    joined are the text.
    """

    def __init__(self, chunk_size: int) -> None:
        # A piece counts as one full chunk at most: the parent logs a warning for each longer one.
        super().__init__(
            chunk_size=chunk_size,
            chunk_overlap=0,
            length_function=lambda piece: min(len(piece), chunk_size),
            strip_whitespace=False,
        )
        self._cutter = RecursiveCharacterTextSplitter(
            separators=_CUTS,
            chunk_size=chunk_size,
            chunk_overlap=0,
            keep_separator="end",
            strip_whitespace=False,
        )

    def split_text(self, text: str) -> list[str]:
        starts = [0, *(span.start for span in split_sentences(text)[1:]), len(text)]
        pieces: list[str] = []
        for start, end in pairwise(starts):
            if end - start > _LONGEST * self._chunk_size:
                pieces += self._cutter.split_text(text[start:end])
            else:
                pieces.append(text[start:end])
        return self._merge_splits(pieces, "")
