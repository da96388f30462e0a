"""Training that is stopped from outside keeps a checkpoint and says how to go on."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.data.store import EmbeddingStore
from tests.command_line import Cli, Outcome, cli, small

__all__ = ["cli"]  # the fixture


def wait_for_a_validation(library_home: Path, has_ended: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not list(library_home.glob("runs/*/validation.csv")):
        assert time.monotonic() < deadline and not has_ended()
        time.sleep(0.05)


def assert_stopped_and_resumed(cli: Cli, stopped: Outcome) -> None:
    report = stopped.json
    assert report["status"] == "stopped"
    assert f"resume {report['run']}" in stopped.err
    resumed = cli("resume", report["run"], "--steps", str(report["step"] + 5), "--json")
    assert resumed.json["step"] == report["step"] + 5


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_ctrl_c_keeps_a_checkpoint_and_says_how_to_go_on(
    cli: Cli, toy_store: EmbeddingStore, library_home: Path
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "leo_studio", *small(toy_store, "--steps", "1000000", "--json")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "LEO_STUDIO_HOME": str(library_home)},
    )
    wait_for_a_validation(library_home, lambda: process.poll() is not None)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert_stopped_and_resumed(cli, Outcome(process.returncode, out, err))


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_polite_kill_and_a_closed_terminal_keep_a_checkpoint_and_say_how_to_go_on(
    cli: Cli, toy_store: EmbeddingStore, library_home: Path, name: str
) -> None:
    """In this process: what a signal does to a whole one is the claim of the test before."""
    has_ended, number = threading.Event(), signal.Signals[name]

    def kill() -> None:
        wait_for_a_validation(library_home, has_ended.is_set)
        os.kill(os.getpid(), number)  # there is a handler: a run is being trained

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        stopped = cli(*small(toy_store, "--steps", "1000000", "--json"))
    finally:
        has_ended.set()
        killer.join()
    assert stopped.status == 128 + number
    assert_stopped_and_resumed(cli, stopped)
