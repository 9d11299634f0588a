"""The plan of a build, a function of what is seen and what is known."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from rag.planning import KnownFile, Plan, SeenFile, look_at, plan_build

CONTENT = {"a": "1", "b": "2", "c": "3"}


def plan(
    now: dict[str, str], *, touched: str = "", bad: str = "", unreadable: tuple[str, ...] = ()
) -> tuple[Plan, list[str]]:
    """Plan from CONTENT to `now`, digests by source; also return which files had to be read.

    `touched` files have another stamp, `bad` ones were skipped when the index was built.
    """
    read: list[str] = []

    def digest(file: SeenFile) -> str:
        read.append(file.source)
        return now[file.source]

    known = {
        source: KnownFile(f"/{source}", 1, f"stamp-{source}-{content}", content, content)
        for source, content in CONTENT.items()
    }
    for source in bad:
        known[source] = KnownFile(f"/{source}", 1, f"stamp-{source}-9", "9", "", "broken")
    seen = {
        source: SeenFile(
            source, f"/{source}", 1, "" if source in touched else f"stamp-{source}-{content}"
        )
        for source, content in now.items()
    }
    return plan_build(seen, known, digest, unreadable), read


def test_nothing_changed_reads_nothing() -> None:
    made, read = plan(CONTENT)
    assert made.unchanged == ("a", "b", "c")
    assert not made.to_read
    assert read == []


def test_touched_file_is_read_and_unchanged() -> None:
    made, read = plan(CONTENT, touched="b")
    assert made.unchanged == ("a", "b", "c")
    assert read == ["b"]


def test_edit_add_and_remove() -> None:
    made, _ = plan({"a": "1", "b": "8", "d": "7"})
    assert (made.added, made.changed, made.removed, made.moved) == (("d",), ("b",), ("c",), ())
    assert made.to_read == {"b", "d"}


def test_move_is_known_by_content() -> None:
    made, _ = plan({"a": "1", "b": "2", "d": "3"})
    assert made.moved == (("c", "d"),)
    assert made.added == made.removed == ()
    assert made.to_read == {"d"}


def test_swap_is_two_changes() -> None:
    made, _ = plan({"a": "2", "b": "1", "c": "3"})
    assert made.changed == ("a", "b")
    assert made.moved == ()


def test_copies_move_one_to_one() -> None:
    made, _ = plan({"x": "1", "y": "1", "b": "2", "c": "3"})
    assert made.moved == (("a", "x"),)
    assert made.added == ("y",)


def test_file_skipped_before_is_left_until_it_changes() -> None:
    made, read = plan({"a": "1", "b": "2", "c": "9"}, bad="c")
    assert made.rejected == ("c",)
    assert not made.to_read
    assert read == []
    made, _ = plan({"a": "1", "b": "2", "c": "4"}, bad="c")
    assert made.added == ("c",)


def test_folder_that_cannot_be_read_is_not_emptied() -> None:
    assert plan({"a": "1"}, unreadable=("b", "c"))[0].removed == ()
    assert plan({"a": "1"}, unreadable=("b",))[0].removed == ("c",)
    assert plan({"a": "1"}, unreadable=(".",))[0].removed == ()


def test_stamp_tells_a_rename_and_an_old_time_put_back(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    for path in (a, b):
        path.write_text("text")
        os.utime(path, (1e9, 1e9))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rag.planning._TIME_STEP_NS", -1)
        before = look_at("a", str(a)).stamp
        assert before == look_at("a", str(a)).stamp
        b.replace(a)
        after = look_at("a", str(a)).stamp
        assert after != before
        time.sleep(0.02)
        a.write_text("tex!")
        os.utime(a, (1e9, 1e9))
        assert look_at("a", str(a)).stamp != after
    assert look_at("a", str(a)).stamp == "", "a change just now is not trusted"
