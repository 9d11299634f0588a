"""The model of our own: a text is the mean of its tokens' vectors, looked up in a table.

The folder is also a SentenceTransformer of one StaticEmbedding module and gives the same vectors
there. Here neither torch nor transformers is loaded.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from rag.embedding.base import Progress, to_unit_rows
from rag.errors import ModelError
from rag.halves import widen_halves

CONFIG_FILE = "rag_model.json"
_BATCH = 4096
# Below this many texts, more than are commonly read for a question, rows are looked up one by one:
# that needs neither scipy nor the whole table in memory as float32.
_FEW = 256
_CACHED_WORDS = 200_000
_REINSTALL = "install the package again, or set `model` to another model"


class StaticEmbedder:
    """See `rag.embedding.Embedder`. Questions and passages are embedded alike, with no prompt.

    `table` is (vocabulary, dimension), float16. The tokenizer must not let a token span white
    space: words between white space are tokenized once and then remembered. It must be of whole
    words first (WordPiece): a word that is a token is tokenized to it.
    """

    def __init__(
        self, name: str, fingerprint: str, max_tokens: int, tokenizer: Tokenizer, table: np.ndarray
    ) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.max_tokens = max_tokens
        self.dimension = int(table.shape[1])
        self._tokenizer = tokenizer
        self._half = table
        self._full: np.ndarray | None = None
        self._words: dict[str, bytes] = {}

    def encode_query(self, texts: Sequence[str]) -> np.ndarray:
        return self.encode_documents(texts)

    def encode_documents(
        self, texts: Sequence[str], progress: Progress | None = None
    ) -> np.ndarray:
        rows = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            batch = texts[start : start + _BATCH]
            rows[start : start + len(batch)] = to_unit_rows(self.sum_tokens(batch))
            if progress is not None:
                progress(len(batch))
        return rows

    def sum_tokens(self, texts: Sequence[str]) -> np.ndarray:
        """Sum of each text's token vectors, (n, dimension) float32: the sums of texts add up to
        that of the texts joined by spaces. Both ways add in token order, so a text's row does not
        depend on the batch that it came in."""
        ids, offsets = self._tokenize(texts)
        if len(texts) < _FEW:
            rows = widen_halves(self._half[ids])
            sums = [rows[start:end].sum(axis=0) for start, end in itertools.pairwise(offsets)]
            return np.array(sums)
        from scipy.sparse import csr_matrix

        if self._full is None:
            self._full = self._half.astype(np.float32)
        ones = np.ones(len(ids), dtype=np.float32)
        counts = csr_matrix((ones, ids, offsets), shape=(len(texts), len(self._full)))
        return counts @ self._full

    def _tokenize(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Token ids of all texts in a row, and where each text's begin: (tokens,), (n + 1,)."""
        if len(self._words) > _CACHED_WORDS:
            self._words = {}
        # Other threads may replace the dictionary meanwhile; this one keeps what it filled.
        known = self._words
        split = [text.split() for text in texts]
        fresh = []
        for word in set().union(*split).difference(known):
            token = self._tokenizer.token_to_id(word) if word.isalnum() else None
            if token is None:
                fresh.append(word)
            else:
                known[word] = token.to_bytes(4, sys.byteorder)
        known.update(self._tokenize_words(fresh))
        pieces = [b"".join(map(known.__getitem__, words)) for words in split]
        ids = np.frombuffer(b"".join(pieces), dtype=np.int32)
        lengths = np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces)) // ids.itemsize
        return ids, np.concatenate([[0], np.cumsum(lengths)])

    def _tokenize_words(self, words: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Yield `words` with their token ids. In one text: twice as fast as one by one; as a batch,
        which leaves the interpreter to other threads."""
        (encoding,) = self._tokenizer.encode_batch([" ".join(words)])
        ids = np.array(encoding.ids, dtype=np.int32)
        starts = np.cumsum([0, *(len(word) + 1 for word in words)])
        first = np.searchsorted([start for start, _ in encoding.offsets], starts)
        for word, (begin, end) in zip(words, itertools.pairwise(first.tolist()), strict=True):
            yield word, ids[begin:end].tobytes()


def load_static(folder: Path) -> StaticEmbedder:
    """Load the model in this folder: `rag_model.json`, `tokenizer.json`, `model.safetensors`.

    Raises ModelError where a file is missing, cut or of another shape than stated."""
    from safetensors.numpy import load_file

    for name in (CONFIG_FILE, "tokenizer.json", "model.safetensors"):
        if not (folder / name).is_file():
            raise ModelError(f"the embedding model in {folder} lacks {name}", hint=_REINSTALL)
    try:
        config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        tokenizer = Tokenizer.from_str((folder / "tokenizer.json").read_text(encoding="utf-8"))
        table = load_file(folder / "model.safetensors")["embedding.weight"]
    except Exception as error:  # tokenizers raises bare Exception on what it cannot read
        raise ModelError(
            f"the embedding model in {folder} is damaged: {error}", hint=_REINSTALL
        ) from error
    expected = (tokenizer.get_vocab_size(), config["dimension"])
    if table.shape != expected:
        raise ModelError(
            f"the table in {folder} is {table.shape}, {expected} was expected", hint=_REINSTALL
        )
    return StaticEmbedder(
        config["name"], config["fingerprint"], config["max_tokens"], tokenizer, table
    )
