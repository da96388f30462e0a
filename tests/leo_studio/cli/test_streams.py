"""Stdout and stderr as they are found: without some letters, closed, full, or left by a reader."""

import errno
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.runs.run import Run
from engine.runs.run_store import store_record
from leo_studio.cli import training
from leo_studio.cli.console import print_json, print_table, remarks
from leo_studio.cli.streams import deliver, prepare_streams
from leo_studio.cli.training_display import follow_one
from tests.command_line import run_main

ODD = "Ångström ± 1 − 2 → 猫 \udcff"
FULL = Path("/dev/full")


def encoded(
    monkeypatch: pytest.MonkeyPatch, encoding: str, print_it: Callable[[], object]
) -> bytes:
    """Return the bytes that stdout and stderr get in an encoding."""
    raw = io.BytesIO()
    for name in ("stdout", "stderr"):
        stream = io.TextIOWrapper(raw, encoding=encoding, write_through=True)
        monkeypatch.setattr(sys, name, stream)
    prepare_streams()
    print_it()
    deliver()
    sys.stderr.flush()
    return raw.getvalue()


@pytest.mark.parametrize(
    "print_it",
    [
        lambda: print(ODD),
        lambda: remarks.print(ODD),
        lambda: print_table(("name",), [(ODD,)]),
        lambda: print(ODD, file=sys.stderr),
    ],
)
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_letters_that_an_encoding_lacks_are_written_readably(
    monkeypatch: pytest.MonkeyPatch, encoding: str, print_it: Callable[[], object]
) -> None:
    expected = {
        "ascii": rb"\xc5ngstr\xf6m +/- 1 - 2 -> \u732b ",
        "cp1252": "Ångström ± 1 - 2 -> \\u732b ".encode("cp1252"),
        "utf-8": "Ångström ± 1 − 2 → 猫 ".encode(),
    }
    # The last one is a byte of a file's name that is no UTF-8: it stays what it is.
    assert expected[encoding] + b"\xff" in encoded(monkeypatch, encoding, print_it)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_json_says_the_same_in_every_encoding(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    written = encoded(monkeypatch, encoding, lambda: print_json({ODD: Path(ODD)}))
    assert json.loads(written.decode(encoding)) == {ODD: ODD}


def test_a_closed_stdout_is_said_and_a_closed_stderr_is_let_go(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], library_home: Path
) -> None:
    for arguments in (("--version",), ("presets", "list"), ("presets", "list", "--json")):
        monkeypatch.setattr(sys, "stdout", None)
        assert run_main(monkeypatch, *arguments) == 2
        assert "could not be written to stdout (it is closed)" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdout", None)
    assert run_main(monkeypatch, "runs", "list") == 0  # there are none, and that is a remark
    monkeypatch.undo()
    monkeypatch.setenv("LEO_STUDIO_HOME", str(library_home))
    monkeypatch.setattr(sys, "stderr", None)
    assert run_main(monkeypatch, "runs", "list") == 0
    assert run_main(monkeypatch, "runs", "show", "nothing") == 2
    assert capsys.readouterr().out == ""  # what went wrong is no result
    sys.stderr.close()


@pytest.mark.skipif(os.name != "posix", reason="descriptors are POSIX's")
@pytest.mark.parametrize(
    ("redirection", "status", "said"),
    [
        (">&-", 2, "could not be written to stdout (it is closed)"),
        (">&- 2>&-", 2, ""),
        ("2>&-", 0, ""),
        pytest.param(
            ">/dev/full",
            2,
            "could not be written to stdout (No space left on device)",
            marks=pytest.mark.skipif(not FULL.exists(), reason="Linux has such a file"),
        ),
        ("| true; exit ${PIPESTATUS[0]}", 1, ""),
    ],
)
def test_the_exit_status_says_whether_the_result_arrived(
    redirection: str, status: int, said: str
) -> None:
    command = f'"$0" -m leo_studio --version {redirection}'
    ended = subprocess.run(
        ["bash", "-c", command, sys.executable], capture_output=True, text=True, check=False
    )
    assert ended.returncode == status
    assert (said in ended.stderr) if said else not ended.stderr
    assert "Traceback" not in ended.stderr and "Exception" not in ended.stderr


def test_the_help_cuts_no_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert run_main(monkeypatch, "--help") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "..." not in text.partition("Commands:")[2]
    assert (
        "Write one page about runs: results, curves, episodes, codes, and how to do it again"
        in text
    )


class _Gone(io.StringIO):
    """A terminal that was closed: every write fails, as the system has it then."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        raise OSError(errno.EIO, "Input/output error")


def test_training_whose_terminal_is_gone_keeps_its_checkpoint(
    monkeypatch: pytest.MonkeyPatch,
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
    library_home: Path,
) -> None:
    def hung_up(events: object, run: Run, tensorboard: None, received: list[int]) -> None:
        received.append(1)
        follow_one(events, run, tensorboard, received)  # type: ignore[arg-type]

    run = Run.create(library_home / "runs", toy_experiment, store_record(toy_store))
    monkeypatch.setattr(training, "follow_one", hung_up)
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, _Gone())
    with pytest.raises(SystemExit) as ended:
        training.follow(run, toy_store, None, as_json=False)
    assert ended.value.code == 129
    assert Run(run.path).status == "stopped"
