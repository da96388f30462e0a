"""What docs/regression.md says of one's own functions can be typed as it stands there."""

import re
import shlex
from pathlib import Path

import pytest

from engine.data.function_file import FunctionFile
from engine.data.function_rows import read_rows
from tests.command_line import Cli, cli
from tests.function_files import oscillations

__all__ = ["cli"]

PAGE = (Path(__file__).parents[2] / "docs" / "regression.md").read_text("utf-8")
SECTION = PAGE.partition("## Your own functions")[2].partition("\n## ")[0]
SHORT = ("--steps", "4", "--set", "schedule.validate_every=2", "--set", "optimizer.meta_batch=2")
SMALL = (*SHORT, "--set", "schedule.validation_episodes=8", "--set", "evaluation.episodes=8")


def test_the_table_is_one(tmp_path: Path) -> None:
    (table,) = re.findall(r"```\n(.+?)```", SECTION, re.DOTALL)
    (tmp_path / "my.csv").write_text(table)
    rows = read_rows(tmp_path / "my.csv")
    assert rows.names == ["station 0", "station 1"] and len(rows.x) == 3


def test_the_commands_do_what_they_say(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    oscillations(tmp_path / "damped.csv", tasks=40)
    train, evaluate = re.findall(r"^    leo-studio (.+)$", SECTION, re.MULTILINE)
    run = cli(*shlex.split(train), *SMALL, "--json").json["run"]
    text = cli(*shlex.split(evaluate.replace("RUN", run))).out
    for words in ("log likelihood", "median squared error", "50 % interval", "90 % interval"):
        assert words in text


def test_the_numbers_are_of_a_file_that_can_be_made_again(tmp_path: Path) -> None:
    sizes = FunctionFile(oscillations(tmp_path / "damped.csv", 300, 12, 60)).sizes
    counts = [size["tasks"] for size in sizes.values()]
    assert "{}, {} and {} tasks".format(*counts) in SECTION
