"""Many people asking at once: python -m benchmarks.load [--people 50] [--rounds 3]

Starts `python -m rag serve` over the sample issues in a process of its own, on loopback only. Every
person asks `--rounds` questions of their own one after the other, all people at the same time; each
answer must belong to its question. Without a language model an answer comes whole: its first words
are there when it is. Prints JSON: milliseconds from question to answer, for one person alone and
for all at once; milliseconds of processor time an answer costs the server, and this client, which
shares its cores; how long the first answer took after the server was up; errors and mixed-up
answers. Exit code 1 if there was any of these.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = ROOT / "tests" / "data" / "sample_questions.jsonl"
ALONE = 20


async def ask(
    client: httpx.AsyncClient, person: str, question: str, history: list[Any]
) -> dict[str, Any]:
    """Ask as the page of `person` does and return the answer."""
    values = {"session_hash": person, "data": [question, history, *[None] * 6, True]}
    response = await client.post("gradio_api/run/ask", json=values)
    answer: dict[str, Any] = response.raise_for_status().json()["data"][0]
    return answer


async def converse(client: httpx.AsyncClient, questions: list[str], tally: dict[str, Any]) -> None:
    person = uuid.uuid4().hex
    history: list[dict[str, Any]] = []
    for question in questions:
        start = time.perf_counter()
        try:
            answer = await ask(client, person, question, history)
        except (httpx.HTTPError, KeyError, ValueError) as error:
            tally["errors"].append(repr(error))
            continue
        tally["times"].append(1000 * (time.perf_counter() - start))
        if answer["question"] != question:
            tally["mixed_up"].append([question, answer["question"]])
        history.append({"question": question, "query": answer["query"]})


def read_cpu(pid: int) -> float:
    """Return the seconds of processor time that a process has used (Linux; NaN elsewhere)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return math.nan
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def summarise(tally: dict[str, Any]) -> dict[str, Any]:
    times = sorted(tally["times"])
    per_answer = 1000 / max(1, len(times))
    return {
        "answers": len(times),
        "answer_ms": {f"p{p}": round(times[(len(times) - 1) * p // 100], 1) for p in (50, 95, 100)},
        "server_cpu_ms": round(per_answer * tally["server_cpu"], 1),
        "client_cpu_ms": round(per_answer * tally["client_cpu"], 1),
        "errors": len(tally["errors"]),
        "mixed_up": len(tally["mixed_up"]),
    }


async def measure(url: str, pid: int, people: int, rounds: int) -> dict[str, Any]:
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    limits = httpx.Limits(max_connections=2 * people)
    async with httpx.AsyncClient(base_url=url, timeout=30, limits=limits) as client:
        start = time.perf_counter()
        await ask(client, "first", questions[0], [])
        first_answer = time.perf_counter() - start
        results: dict[str, Any] = {"first_answer_ms": round(1000 * first_answer, 1)}
        for name, crowd in (("alone", 1), ("together", people)):
            count = ALONE if crowd == 1 else rounds
            tally: dict[str, Any] = {"times": [], "errors": [], "mixed_up": []}
            asked = [
                [questions[(person + turn * crowd) % len(questions)] for turn in range(count)]
                for person in range(crowd)
            ]
            before = read_cpu(pid), time.process_time()
            await asyncio.gather(*(converse(client, own, tally) for own in asked))
            tally["server_cpu"] = read_cpu(pid) - before[0]
            tally["client_cpu"] = time.process_time() - before[1]
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
            results = asyncio.run(measure(url, server.pid, args.people, args.rounds))
        finally:
            server.terminate()
            server.wait(10)
    print(json.dumps(results, indent=2))
    return int(
        any(results[name][f] for name in ("alone", "together") for f in ("errors", "mixed_up"))
    )


if __name__ == "__main__":
    sys.exit(main())
