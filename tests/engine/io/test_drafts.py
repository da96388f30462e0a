"""What a killed process leaves half-written is removed, and nothing that somebody still writes."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.io import drafts
from engine.io.drafts import drafts_below, drafts_in, new_draft, remove, sweep
from engine.io.files import replacing, write_text

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="other systems tell less")

WRITER = """
import os, signal, sys
from pathlib import Path
from engine.io.files import replacing
with replacing(Path(sys.argv[1])) as draft:
    draft.write_bytes(bytes(5000))
    print(draft.name, flush=True)
    {end}
"""
KILLED = "os.kill(os.getpid(), signal.SIGKILL)"
WAITS = "sys.stdin.read()"


def writer(path: Path, end: str) -> "subprocess.Popen[str]":
    """Start a process that is in the middle of writing a file."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER.format(end=end), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith(f".{path.name}.")
    return process


@linux_only
def test_the_draft_of_a_killed_process_goes_and_that_of_a_living_one_stays(tmp_path: Path) -> None:
    living, dead = writer(tmp_path / "other.h5", WAITS), writer(tmp_path / "big.h5", KILLED)
    try:
        dead.communicate(timeout=30)
        states = {draft.name: (draft.state, draft.size) for draft in drafts_in(tmp_path)}
        assert states == {"big.h5": ("abandoned", 5000), "other.h5": ("written", 5000)}

        with replacing(tmp_path / "third.h5") as own:
            own.write_text("")
            # Whoever is the first to write there removes it, and never what is being written.
            assert {draft.name for draft in drafts_in(tmp_path)} == {"other.h5", "third.h5"}
            assert sweep(tmp_path) == []
        living.communicate("", timeout=30)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["other.h5", "third.h5"]
    finally:
        for process in (dead, living):
            process.kill()
            process.communicate()


def draft_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: float = 0.0, **said: str
) -> drafts.State:
    """Return how a draft looks here that a process elsewhere wrote, some seconds ago."""
    with monkeypatch.context() as there:
        for name, value in said.items():
            there.setattr(drafts, f"_{name}", lambda *_, value=value: value)
        path = new_draft(tmp_path / "big.h5")
    path.write_text("some")
    os.utime(path, (time.time() - age,) * 2)
    (draft,) = drafts_in(tmp_path)
    assert [swept.path for swept in sweep(tmp_path)] == [path] * (draft.state == "abandoned")
    remove(path)
    return draft.state


@linux_only
def test_what_another_computer_or_another_container_may_be_writing_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    week = 7 * 24 * 3600.0
    for age in (0.0, week):
        assert draft_of(tmp_path, monkeypatch, age, machine="abcdef") == "unknown"
        assert draft_of(tmp_path, monkeypatch, age, space="abcdef") == "unknown"
    # This computer, as it was started before, or a copy of it that still writes.
    monkeypatch.setattr(drafts, "_is_known_machine", lambda: True)
    assert draft_of(tmp_path, monkeypatch, 60.0, boot="abcdef") == "unknown"
    assert draft_of(tmp_path, monkeypatch, week, boot="abcdef") == "abandoned"
    # A computer that is known by its name alone may be another of the same name.
    monkeypatch.setattr(drafts, "_is_known_machine", lambda: False)
    assert draft_of(tmp_path, monkeypatch, week, boot="abcdef") == "unknown"


@linux_only
def test_a_process_that_got_the_number_of_a_dead_one_is_not_taken_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert draft_of(tmp_path, monkeypatch, started="12345") == "abandoned"
    assert draft_of(tmp_path, monkeypatch) == "written"


def test_names_of_earlier_versions_are_found_and_only_told_of(tmp_path: Path) -> None:
    (tmp_path / "stores").mkdir()
    (tmp_path / "stores" / ".big.h5.23520-140374421011328.part").write_text("half")
    (tmp_path / "runs" / ".import-0123abcd" / "checkpoints").mkdir(parents=True)
    (tmp_path / "runs" / ".import-0123abcd" / "checkpoints" / "w").write_text("12345")
    found = [(draft.name, draft.size, draft.state) for draft in drafts_below(tmp_path)]
    assert found == [("import", 5, "unknown"), ("big.h5", 4, "unknown")]
    assert sweep(tmp_path, below=True) == []


@pytest.mark.parametrize("name", [".hidden", "notes.part", ".a.part", ".x.1-2.parts", ".git"])
def test_files_of_other_programs_are_no_drafts(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    assert list(drafts_below(tmp_path)) == []


def test_a_name_as_long_as_the_system_allows_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("ä" * 125 + ".txt")
    write_text(path, "whole")
    assert path.read_text() == "whole" and list(tmp_path.iterdir()) == [path]
