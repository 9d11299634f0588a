"""The data that flows through the product, as plain frozen dataclasses.

All positions are character offsets into the text of one issue (`Issue.text`), half open:
`issue.text[start:end]`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

ArticleKind = Literal["article", "brief", "sponsor"]


@dataclass(frozen=True, slots=True)
class Span:
    """A range of characters, half open."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of a newsletter: one source file.

    `text` of `.txt` and `.md` is the file as `open(path, encoding=encoding).read()` gives it; of
    HTML and mail the extracted text. `source` is the file's posix path below its source folder.
    `digest` is the hex digest of the file's bytes.
    """

    source: str
    path: str
    text: str
    title: str
    date: date | None
    newsletter: str
    encoding: str
    digest: str


@dataclass(frozen=True, slots=True)
class Article:
    """A piece of an issue: `blocks` are the ranges of its text that are kept, in order.

    What stands between two blocks is left out (a photo credit, a teaser) or belongs to another
    article (a sponsor's word). `title` is drawn from the headlines or the beginning where the
    layout gives none; `section` is the heading it stands under, or "".
    """

    title: str
    section: str
    kind: ArticleKind
    blocks: tuple[Span, ...]

    @property
    def start(self) -> int:
        return self.blocks[0].start

    @property
    def end(self) -> int:
        return self.blocks[-1].end


@dataclass(frozen=True, slots=True)
class Passage:
    """A few consecutive sentences of one article: `issue.text[start:end] == text`.

    `article` and `issue` are titles; `language` is an ISO 639-1 code.
    """

    text: str
    article: str
    issue: str
    date: date | None
    source: str
    start: int
    end: int
    section: str = ""
    kind: ArticleKind = "article"
    newsletter: str = ""
    language: str = "fr"

    @property
    def id(self) -> str:
        """Stable name of the passage; ties between scores break by it."""
        return f"{self.source}#{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is narrowed to. Dates are inclusive; undated issues pass only without dates.

    `source` matches a file by its name, path or shell pattern; `newsletter` by name, case folded.
    """

    since: date | None = None
    until: date | None = None
    source: str | None = None
    newsletter: str | None = None
    kind: ArticleKind | None = None

    @property
    def empty(self) -> bool:
        return self == Filters()


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a query: `score` in 0..1, higher is better; `rank` from 1.

    `cosine` is the dense engine's score; `lexical` the lexical engine's, as a share of the query's
    best, 0.0 where that engine did not find the passage. `coverage` is the share of the
    query's words, weighed by their rarity, that passage or title hold; `names` the same of its
    names alone, 1.0 where it has none.
    """

    passage: Passage
    score: float
    rank: int
    cosine: float = 0.0
    lexical: float = 0.0
    coverage: float = 0.0
    names: float = 1.0


@dataclass(frozen=True, slots=True)
class Citation:
    """A verbatim quote, one sentence of an issue: `issue.text[start:end] == quote`.

    `number` is the mark [number] in the answer's text. `highlights` are the ranges of the short
    answer (figure, name, date) inside the quote, as offsets into the issue.
    """

    number: int
    quote: str
    source: str
    start: int
    end: int
    article: str
    issue: str
    date: date | None
    newsletter: str = ""
    highlights: tuple[Span, ...] = ()

    @property
    def short(self) -> str:
        """The short answer as it stands in the quote, or ""."""
        if not self.highlights:
            return ""
        span = self.highlights[0]
        return self.quote[span.start - self.start : span.end - self.start]


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """What the issues said at one date: `value` is the short answer, `citation` its number."""

    date: date
    value: str
    citation: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A past exchange of a conversation: the question asked, the query it was resolved to and what
    the answer was about (`titles` of the cited articles)."""

    question: str
    query: str
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to a question.

    `text` carries the marks [1], [2]… of `citations`, which are in order of first use and come
    from `hits` alone. `abstained`: the issues hold no answer; then `citations` is empty and `hits`
    are the nearest passages. `confidence` is the calibrated probability that they hold an answer.
    `query` is what was really searched; `filters` what it was narrowed to, a period named in the
    question included. `timeline` is oldest first. `note` says what the user must know (the language
    model failed; sources contradict each other). `unproven` are sentences of `text` which no
    citation proves.
    """

    text: str
    citations: tuple[Citation, ...]
    abstained: bool
    hits: tuple[Hit, ...]
    question: str
    query: str
    confidence: float
    filters: Filters = field(default_factory=Filters)
    timeline: tuple[TimelineEntry, ...] = ()
    note: str = ""
    unproven: tuple[str, ...] = ()
    generator: str = "extractive"


@dataclass(frozen=True, slots=True)
class IssueSummary:
    """An issue in the index, as a list shows it."""

    source: str
    title: str
    date: date | None
    newsletter: str
    articles: int
    passages: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file left out of the index, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did (or, of a dry run, would do). Sources are sorted.

    `moved` pairs (old, new) are files whose content is known under another name. Article counts
    are over the whole corpus.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    unchanged: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    articles_added: int = 0
    articles_removed: int = 0
    articles_unchanged: int = 0
    passages: int = 0
    embedded: int = 0
    seconds: float = 0.0
    generation: str = ""
    reason: str = ""

    @property
    def empty(self) -> bool:
        """True if nothing changed."""
        return not (self.added or self.changed or self.removed or self.moved or self.reason)
