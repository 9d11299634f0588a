"""The command line as a person or a script meets it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rag.cli import main

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "seeds"
QUESTION = "Combien Meta investit-il dans l'IA ?"


@pytest.fixture
def letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with two sample issues in `letters/`."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "letters"
    folder.mkdir()
    for path in sorted(SAMPLES.glob("*.txt"))[:2]:
        shutil.copy(path, folder)
    return folder


def run(*args: str, cwd: Path | None = None, **options: object) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "rag", *args],
        cwd=cwd or ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        **options,  # type: ignore[call-overload]
    )


def test_ask_prints_the_answer_and_its_citations(
    sample_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", QUESTION, "--index", str(sample_index)]) == 0
    out = capsys.readouterr().out
    assert "[1]" in out
    assert "Meta" in out
    assert "characters" in out


def test_ask_as_json_cites_what_stands_in_the_file(
    sample_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", QUESTION, "--index", str(sample_index), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    checked = 0
    for citation in answer["citations"]:
        path = SAMPLES / citation["source"]
        if path.suffix in (".txt", ".md"):
            text = path.read_text(encoding="utf-8")
            assert text[citation["start"] : citation["end"]] == citation["quote"]
            checked += 1
    assert answer["citations"]
    assert checked == sum(c["source"].endswith((".txt", ".md")) for c in answer["citations"])


def test_search_ranks_and_narrows(sample_index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = ["search", "Mistral", "--index", str(sample_index), "--json", "-k", "3"]
    assert main(base) == 0
    hits = json.loads(capsys.readouterr().out)
    assert [h["rank"] for h in hits] == [1, 2, 3]
    assert main([*base, "--since", "2025-06-01"]) == 0
    narrowed = json.loads(capsys.readouterr().out)
    assert narrowed
    assert all(h["passage"]["date"] >= "2025-06-01" for h in narrowed)


def test_build_tells_what_changed_and_a_dry_run_writes_nothing(
    letters: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "letters", "--dry-run"]) == 0
    assert "2 added" in capsys.readouterr().out
    assert not (letters.parent / "index" / "CURRENT").exists()
    assert main(["build", "letters"]) == 0
    capsys.readouterr()
    edited = sorted(letters.iterdir())[0]
    edited.write_text(
        edited.read_text(encoding="utf-8") + "\n\nUn mot de plus.\n", encoding="utf-8"
    )
    assert main(["build", "letters", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["changed"] == [edited.name]
    assert len(report["unchanged"]) == 1


def test_a_skipped_file_is_named_and_the_exit_code_tells(
    letters: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (letters / "broken.txt").write_bytes(b"\x00\x01\x02" * 100)
    assert main(["build", "letters"]) == 1
    captured = capsys.readouterr()
    assert "2 added" in captured.out
    assert "! broken.txt: " in captured.out
    assert "left out: 1" in captured.err


def test_an_index_nobody_named_is_built_when_missing(
    letters: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (letters.parent / "rag.toml").write_text('sources = ["letters"]\n')
    assert main(["ask", QUESTION]) == 0
    assert "no index yet" in capsys.readouterr().err


def test_info_tells_where_settings_came_from_and_that_sources_changed(
    letters: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_K", "6")
    assert main(["build", "letters"]) == 0
    capsys.readouterr()
    assert main(["info", "--json"]) == 0
    info = json.loads(capsys.readouterr().out)
    assert info["settings"]["k"] == {
        "value": 6,
        "from": "RAG_K",
        "meaning": "passages retrieved for a question",
    }
    assert info["index"]["issues"] == 2
    assert info["index"]["sources_state"] == "unchanged since the build"
    (letters / "new.txt").write_text("Un article. Il dit une chose de plus.", encoding="utf-8")
    assert main(["info"]) == 0
    assert "1 added" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["ask", "  "], "the question is empty"),
        (["ask", "x" * 100_000], "100,000 characters"),
        (["search", QUESTION, "-k", "0"], "expected 1 to 100"),
        (["ask", QUESTION, "--index", "nowhere"], "nowhere"),
        (["build", "nowhere"], "nowhere"),
        (["eval", "nowhere.jsonl"], "nowhere.jsonl"),
        (["ask", QUESTION, "--model", "no/such-folder-or-model"], "no/such-folder-or-model"),
    ],
)
def test_an_error_of_ours_is_two_lines_and_exit_code_one(
    args: list[str], told: str, letters: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "letters"]) == 0
    capsys.readouterr()
    assert main(args) == 1
    captured = capsys.readouterr()
    lines = captured.err.strip().splitlines()
    assert told in lines[0]
    assert len(lines) == 2
    assert captured.out == ""


@pytest.mark.parametrize(
    "args",
    [[], ["ask"], ["fly"], ["ask", "x", "--since", "hier"], ["search", "x", "-k", "many"]],
)
def test_wrong_usage_is_exit_code_two(args: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(args)
    assert caught.value.code == 2


def test_results_and_messages_go_to_their_own_streams(tmp_path: Path) -> None:
    done = run("ask", QUESTION, "--json", cwd=prepare(tmp_path))
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)
    assert "no index yet" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupt_is_exit_code_130(tmp_path: Path) -> None:
    folder = prepare(tmp_path)
    done = subprocess.Popen(
        [sys.executable, "-m", "rag", "serve"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        # A job in the background of a script is born deaf to interrupts, and so are its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        assert done.stderr is not None
        assert any("the page is open" in line for line in done.stderr)
        done.send_signal(signal.SIGINT)
        _, err = done.communicate(timeout=60)
    finally:
        done.kill()
    assert "Traceback" not in err
    assert done.returncode == 130


def test_a_closed_pipe_is_no_error(sample_index: Path) -> None:
    done = subprocess.run(
        f"{sys.executable} -m rag search Meta -k 50 --index {sample_index} | head -c 1",
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""


def prepare(folder: Path) -> Path:
    (folder / "seeds").mkdir()
    shutil.copy(sorted(SAMPLES.glob("*.txt"))[0], folder / "seeds")
    return folder
