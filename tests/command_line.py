"""The command line in the test's own process."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from engine.data.store import EmbeddingStore
from leo_studio.cli import main


def run_main(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run `leo-studio` with some words, and return its exit status."""
    monkeypatch.setattr(sys, "argv", ["leo-studio", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


class Outcome(NamedTuple):
    """What a command ended with, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Outcome]


@pytest.fixture
def cli(
    library_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cli:
    """Run commands on a library of the test's own."""

    def run(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["leo-studio", *arguments])
        status = 0
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        captured = capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    return run


def small(store: EmbeddingStore, *more: str) -> list[str]:
    """Return the words that train for a moment."""
    settings = {
        "task.queries": 5,
        "schedule.validate_every": 10,
        "schedule.validation_episodes": 20,
        "learner.latent_size": 6,
        "task.examples_per_class": 30,
    }
    arguments = ["train", "glyphs-5way-1shot", "--store", str(store.path), "--steps", "20"]
    for path, value in settings.items():
        arguments += ["--set", f"{path}={value}"]
    return [*arguments, *more]
