"""Write the news that the held-out questions are about, and the questions as `rag eval` reads them.

python -m training.reader.held_out FOLDER
rag build FOLDER/issues --index FOLDER/index
rag eval FOLDER/questions.jsonl --index FOLDER/index
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from training.reader.issues import write_issues
from training.reader.own import HELD_OUT, read_asked


def write_held_out(folder: Path) -> None:
    """Write `issues` and `questions.jsonl` into `folder`."""
    asked = read_asked(HELD_OUT)
    places = write_issues([row.id for row in asked], folder / "issues")
    rows = []
    for number, row in enumerate(asked):
        printed = places[row.id]
        answer = printed.text[row.answer.start : row.answer.end] if row.answer else None
        rows.append(
            {
                "id": f"news-{number}",
                "lang": row.language,
                "doc": printed.source if answer else None,
                "question": row.question,
                "answers": [answer] if answer else [],
                "evidence": answer,
                "kind": "fact" if answer else "unanswerable",
            }
        )
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "questions.jsonl").write_text("".join(lines), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    write_held_out(parser.parse_args().folder)


if __name__ == "__main__":
    main()
