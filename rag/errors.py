"""The exception tree. Every error of ours says what failed and carries the command that mends it.

RagError
├── ConfigError      a setting is unknown or its value is wrong
├── SourceError      no sources, or none that can be read
├── IndexError_      an index cannot be used
│   ├── IndexMissing     nothing was built at this place yet
│   ├── IndexDamaged     a file of the index is missing, cut or altered
│   ├── IndexMismatch    built by another version, another model or with other settings
│   ├── IndexLocked      another build is at work
│   └── IndexWriteError  disk full, read-only folder
├── ModelError       an embedding model cannot be found or loaded
├── QuestionError    an empty question, or one too long to be one
├── QuestionFileError  a file of evaluation questions cannot be understood
├── LLMError         the language model's server did not answer properly
└── ServerError      the page cannot be served: port taken, bad login file
"""

from __future__ import annotations


class RagError(Exception):
    """Base of all our errors: `str(error)` is what failed, `error.hint` how to mend it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigError(RagError):
    """A setting is unknown or has a value it cannot have."""


class SourceError(RagError):
    """There are no sources, or none of them can be read."""


class IndexError_(RagError):
    """An index cannot be used; the subclasses say why."""


class IndexMissing(IndexError_):
    """Nothing has been built in this folder."""


class IndexDamaged(IndexError_):
    """A file of the index is missing, cut or altered."""


class IndexMismatch(IndexError_):
    """The index was built by another version, another model or with other settings."""


class IndexLocked(IndexError_):
    """Another build holds the lock."""


class IndexWriteError(IndexError_):
    """The index cannot be written: disk full, read-only folder."""


class ModelError(RagError):
    """An embedding model cannot be found or loaded."""


class QuestionError(RagError):
    """The question is empty or far too long."""


class QuestionFileError(RagError):
    """A file of evaluation questions cannot be read or understood."""


class LLMError(RagError):
    """The language model's server failed or answered something that cannot be used.

    `reason` says why in one word, for a note to the reader: see `rag.prompts`.
    """

    def __init__(self, message: str, hint: str = "", reason: str = "server") -> None:
        super().__init__(message, hint)
        self.reason = reason


class ServerError(RagError):
    """The chat page cannot be served as asked."""
