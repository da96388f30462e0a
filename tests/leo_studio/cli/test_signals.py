"""Signals end commands tidily: no draft is left, and the exit status says which it was."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.io import hdf5_writing
from engine.io.files import drafted
from leo_studio.cli.following import stop_signals
from leo_studio.startup.signals import end, obeyed, polite_signals
from tests.command_line import run_main

if sys.platform == "win32":
    pytest.skip("signals are POSIX's", allow_module_level=True)

POLITE = (signal.SIGTERM, signal.SIGHUP)


@pytest.mark.parametrize("number", POLITE)
def test_an_import_that_is_ended_leaves_no_draft(
    number: int,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    library_home: Path,
) -> None:
    np.savez(tmp_path / "mine.npz", embeddings=np.eye(60, 4), labels=np.arange(60) % 12)
    drafts: list[Path] = []

    @contextmanager
    def signalled(path: Path, *how: Any) -> Iterator[Path]:
        with drafted(path, *how) as draft:
            draft.touch()
            drafts.append(draft)
            os.kill(os.getpid(), number)
            yield draft

    monkeypatch.setattr(hdf5_writing, "drafted", signalled)
    before = [signal.getsignal(each) for each in POLITE]
    status = run_main(monkeypatch, "import", "arrays", str(tmp_path / "mine.npz"))
    assert status == 128 + number
    assert (
        drafts and not list(library_home.rglob("*.part")) and not list(library_home.rglob("*.h5"))
    )
    assert [signal.getsignal(each) for each in POLITE] == before


def test_what_nohup_ignores_stays_ignored() -> None:
    with obeyed(signal.SIGHUP, by=signal.SIG_IGN):
        assert polite_signals() == (signal.SIGTERM,)
        with stop_signals() as received:
            os.kill(os.getpid(), signal.SIGHUP)
        assert received == []
    with obeyed(signal.SIGHUP, by=signal.SIG_DFL):
        assert polite_signals() == (signal.SIGTERM, signal.SIGHUP)


def test_a_shell_that_passes_a_hangup_on_does_not_end_what_is_being_saved(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with obeyed(*POLITE, by=end):
        with stop_signals() as received:
            for _ in range(3):
                os.kill(os.getpid(), signal.SIGHUP)
        assert received == [signal.SIGHUP]
        assert capsys.readouterr().err.count("Stopping after this step") == 1
        with stop_signals() as received, pytest.raises(SystemExit) as ended:
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGTERM)  # a person insists
        assert ended.value.code == 143


def test_signals_while_drafts_are_removed_do_not_end_that() -> None:
    removed = False
    with obeyed(*POLITE, by=end):
        with pytest.raises(SystemExit) as ended:
            try:
                os.kill(os.getpid(), signal.SIGHUP)
            finally:
                for number in POLITE:
                    os.kill(os.getpid(), number)
                removed = True
        assert ended.value.code == 129 and removed
