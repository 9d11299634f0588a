"""The corpus of the benchmarks: French news articles as a folder of issues."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

NEWS = Path(__file__).resolve().parents[2] / "shared" / "data" / "train" / "news-fr.jsonl.gz"
OUT = Path(__file__).resolve().parent / "out"


def write_news(folder: Path, articles: int | None = None) -> int:
    """Write one Markdown issue for each of the first `articles` (default: all) into `folder`.

    Returns how many were written. Ends the program where the articles are not on this machine.
    """
    if not NEWS.exists():
        print(f"skipped: no {NEWS.name} beside the repository", file=sys.stderr)
        raise SystemExit(0)
    written = 0
    with gzip.open(NEWS, "rt", encoding="utf-8") as lines:
        for line in lines:
            if articles is not None and written >= articles:
                break
            article = json.loads(line)
            day = article["date"][:10]
            target = folder / day[:4] / f"{day}-{article['id']}.md"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(f"# {article['title']}\n\n{article['article']}\n", encoding="utf-8")
            written += 1
    return written
