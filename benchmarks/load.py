"""Many people asking at once: python -m benchmarks.load [--people 50] [--rounds 3]

Starts `python -m rag serve` over the sample issues in a process of its own, on loopback only. Every
person asks `--rounds` questions of their own one after the other, all people at the same time; each
answer must belong to its question. Prints JSON: milliseconds to the first words and to the whole
answer, for one person alone and for all at once; how long the first answer took after the server
was up; errors and mixed-up answers. Exit code 1 if there was any of these.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = ROOT / "tests" / "data" / "sample_questions.jsonl"
ALONE = 20


async def ask(client: httpx.AsyncClient, question: str, history: list[Any]) -> dict[str, Any]:
    """Ask over the page's own API; `first` and `whole` are milliseconds from the question on."""
    start = time.perf_counter()
    values = {"data": [question, history, *[None] * 6, True]}
    event = (await client.post("gradio_api/call/ask", json=values)).raise_for_status().json()
    first, answer = 0.0, None
    async with client.stream("GET", f"gradio_api/call/ask/{event['event_id']}") as response:
        async for line in response.aiter_lines():
            if line.startswith("data: [") and not first:
                first = time.perf_counter() - start
            if line.startswith("data: ["):
                answer = json.loads(line[6:])[0]
    if answer is None:
        raise RuntimeError(f"no answer to {question!r}")
    return {"first": 1000 * first, "whole": 1000 * (time.perf_counter() - start), "answer": answer}


async def converse(client: httpx.AsyncClient, questions: list[str], tally: dict[str, Any]) -> None:
    history: list[dict[str, Any]] = []
    for question in questions:
        try:
            result = await ask(client, question, history)
        except (httpx.HTTPError, RuntimeError, ValueError) as error:
            tally["errors"].append(repr(error))
            continue
        answer = result.pop("answer")
        if answer["question"] != question:
            tally["mixed_up"].append([question, answer["question"]])
        history.append({"question": question, "query": answer["query"]})
        tally["times"].append(result)


def summarise(tally: dict[str, Any]) -> dict[str, Any]:
    def percentiles(name: str) -> dict[str, float]:
        values = sorted(t[name] for t in tally["times"])
        return {f"p{p}": round(values[(len(values) - 1) * p // 100], 1) for p in (50, 95, 100)}

    return {
        "answers": len(tally["times"]),
        "first_words_ms": percentiles("first"),
        "whole_answer_ms": percentiles("whole"),
        "errors": len(tally["errors"]),
        "mixed_up": len(tally["mixed_up"]),
    }


async def measure(url: str, people: int, rounds: int) -> dict[str, Any]:
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    limits = httpx.Limits(max_connections=2 * people)
    async with httpx.AsyncClient(base_url=url, timeout=30, limits=limits) as client:
        start = time.perf_counter()
        await ask(client, questions[0], [])
        first_answer = time.perf_counter() - start
        results: dict[str, Any] = {"first_answer_ms": round(1000 * first_answer, 1)}
        for name, crowd in (("alone", 1), ("together", people)):
            count = ALONE if crowd == 1 else rounds
            tally: dict[str, Any] = {"times": [], "errors": [], "mixed_up": []}
            asked = [
                [questions[(person + turn * crowd) % len(questions)] for turn in range(count)]
                for person in range(crowd)
            ]
            await asyncio.gather(*(converse(client, own, tally) for own in asked))
            results[name] = {"people": crowd, **summarise(tally)}
            for fault in (tally["errors"] + tally["mixed_up"])[:5]:
                print(fault, file=sys.stderr)
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50, choices=range(1, 201), metavar="1-200")
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, 21), metavar="1-20")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        index = str(Path(folder) / "index")
        build = [sys.executable, "-m", "rag", "build", "--index", index, str(ROOT / "seeds")]
        subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen(
            [sys.executable, "-m", "rag", "serve", "--index", index],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.stderr is not None
            url = next(line.split()[-1] for line in server.stderr if "open at" in line)
            results = asyncio.run(measure(url, args.people, args.rounds))
        finally:
            server.terminate()
            server.wait(10)
    print(json.dumps(results, indent=2))
    return int(
        any(results[name][f] for name in ("alone", "together") for f in ("errors", "mixed_up"))
    )


if __name__ == "__main__":
    sys.exit(main())
