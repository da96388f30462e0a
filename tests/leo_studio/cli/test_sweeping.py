"""`leo-studio sweep`: trials, a table and a test from one command, in all its forms."""

import csv
import shutil
from pathlib import Path

import pytest

from engine.config import Experiment
from engine.io.yaml_text import written_yaml
from engine.runs.library import Library
from engine.studies.sweeps import proposals
from tests.command_line import Cli, cli

__all__ = ["cli"]


@pytest.fixture
def words(library_home: Path, toy_experiment: Experiment, tmp_path: Path) -> list[str]:
    """A sweep of five trials of moments, and a best that is tested with two seeds."""
    settings = {"schedule.steps": 6, "schedule.validate_every": 2, "evaluation.episodes": 12}
    Library(library_home).save_preset("toy", toy_experiment.with_settings(settings))
    path = tmp_path / "space.yaml"
    values = {
        "schema": 1,
        "name": "rates",
        "parameters": {
            "optimizer.outer_lr": {"low": 1e-4, "high": 1e-1, "log": True},
            "optimizer.clip_norm": {"choices": [None, 0.1, 1.0]},
        },
    }
    path.write_text(written_yaml(values))
    few = ["--trials", "5", "--final-seeds", "2", "--random", "2", "--lag", "1", "--at-once", "2"]
    return ["sweep", "toy", "--space", str(path), *few]


@pytest.mark.slow
def test_a_sweep_is_carried_out_printed_and_written(
    cli: Cli, words: list[str], tmp_path: Path, library_home: Path
) -> None:
    outcome = cli(*words, "--out", str(tmp_path / "trials.md"))
    assert outcome.status == 0
    assert "trial-0004-" in outcome.err
    assert "best-000" in outcome.err
    assert "5 of 5 trials have ended: " in outcome.out
    assert "toy itself, trial 0: " in outcome.out
    assert "Test of the best, trained anew on train and validation classes: " in outcome.out
    assert "on 12 episodes of split test, mean over 2 seeds, between which" in outcome.out
    assert "Not everything" not in outcome.out
    lines = (tmp_path / "trials.md").read_text().splitlines()
    assert lines[0] == "| trial | validation, % | step | state | outer_lr | clip_norm |"
    assert len({line.count("|") for line in lines[:7]}) == 1

    # The same command has nothing left to do, and says the same, in another form too.
    place = library_home / "sweeps" / "toy-rates"
    runs = {path: path.stat().st_mtime_ns for path in place.glob("*/*/run.json")}
    again = cli(*words)
    assert again.out == outcome.out
    assert {path: path.stat().st_mtime_ns for path in place.glob("*/*/run.json")} == runs

    json = cli(*words, "--table", "--json").json
    assert json["is_whole"]
    assert [trial["trial"] for trial in json["trials"]] == list(range(5))
    assert json["trials"][0]["values"]["optimizer.outer_lr"] == 0.0003
    best = max(json["trials"], key=lambda trial: (trial["state"] == "complete", trial["accuracy"]))
    assert json["best"] == best["trial"]
    assert json["test"]["seeds"] == 2
    assert cli(*words, "--table", "--out", str(tmp_path / "trials.csv")).status == 0
    with (tmp_path / "trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["accuracy"]) for row in rows] == [each["accuracy"] for each in json["trials"]]
    assert float(rows[0]["optimizer.outer_lr"]) == 0.0003
    assert {row["optimizer.clip_norm"] for row in rows} <= {"null", "0.1", "1"}

    # What the command line does not say is as it was begun; what it says otherwise is refused.
    bare = words[: words.index("--random")]
    assert cli(*bare, "--table", "--json").json == json
    refused = cli(*words, "--table", "--seed", "7")
    assert refused.status == 2
    assert "is of a sweep that differs in seed; give it as it was, or choose" in refused.err

    shutil.rmtree(place / "final")
    unfinished = cli(*words, "--table")
    assert "Not everything is done yet." in unfinished.out
    assert "Test of the best" not in unfinished.out


@pytest.mark.slow
def test_a_sweep_goes_on_by_its_folder_alone_as_it_was_begun(
    cli: Cli, words: list[str], library_home: Path
) -> None:
    assert cli(*words).status == 0
    place = ["sweep", "--folder", str(library_home / "sweeps" / "toy-rates")]
    assert cli(*place, "--table", "--json").json == cli(*words, "--table", "--json").json
    more = cli(*place, "--trials", "6", "--at-once", "1", "--json").json
    assert len(more["trials"]) == 6 and more["is_whole"]
    refused = cli(*place, "--steps", "3", "--seed", "1")
    assert refused.status == 2
    assert "Leave out --steps and --seed, or give a preset" in refused.err


def test_a_folder_without_a_sweep_is_said(cli: Cli, tmp_path: Path) -> None:
    outcome = cli("sweep", "--folder", str(tmp_path))
    assert outcome.status == 2
    assert f"{tmp_path / 'sweep.yaml'}" in outcome.err


def test_a_space_of_ones_own_in_the_library_is_known_by_its_name(
    cli: Cli, words: list[str], library_home: Path, tmp_path: Path
) -> None:
    own = library_home / "sweeps" / "rates.yaml"
    own.parent.mkdir(parents=True)
    own.write_text((tmp_path / "space.yaml").read_text())
    assert "rates" in cli("sweep").out
    named = ["rates" if word.endswith("space.yaml") else word for word in words]
    assert "0 of 5 trials have ended" in cli(*named, "--table").out


def test_what_is_not_there_yet_is_said(cli: Cli, words: list[str], library_home: Path) -> None:
    outcome = cli(*words, "--table")
    assert outcome.status == 0
    assert "0 of 5 trials have ended" in outcome.out
    assert "Not everything is done yet." in outcome.out
    assert not (library_home / "sweeps").exists()


def test_spaces_are_listed(cli: Cli) -> None:
    outcome = cli("sweep")
    assert outcome.status == 0
    assert "glyphs-leo" in outcome.out and "glyphs-maml" in outcome.out


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--trials", "0"], "command line: trials is 0; it must be at least 1"),
        (["--lag", "-1"], "lag is -1; it must be at least 0"),
        (["--set", "learner.shots=1"], "learner.shots is not a setting"),
        (["--set", "optimizer.outer_lr=0.9"], "may be 0.0001 to 0.1 by factors, and is 0.9 in toy"),
        (["--space", "glyphs-loe"], "did you mean glyphs-leo"),
        (["--space", "gone.yaml"], "check the path"),
        (["--out", "table.doc"], "--out is table.doc; its name must end with .md or .csv or"),
        (["--set", "data.store=gone"], 'No store named "gone" in the library'),
        (["--set", "data.train_splits=[train, val]"], "trains on its validation classes"),
    ],
)
def test_mistakes_are_one_sentence(
    cli: Cli, words: list[str], library_home: Path, more: list[str], sentence: str
) -> None:
    outcome = cli(*words, *more)
    assert outcome.status == 2
    assert sentence in outcome.err
    assert "Traceback" not in outcome.err
    assert not (library_home / "sweeps").exists()


def test_which_settings_vary_must_be_said(cli: Cli, words: list[str]) -> None:
    outcome = cli("sweep", "toy")
    assert outcome.status == 2
    assert "--space FILE.yaml, or one of glyphs-leo" in outcome.err


def test_without_optuna_nothing_is_begun(
    cli: Cli, words: list[str], monkeypatch: pytest.MonkeyPatch, library_home: Path
) -> None:
    monkeypatch.setattr(proposals, "find_spec", lambda _: None)
    outcome = cli(*words)
    assert outcome.status == 2
    assert "pip install 'leo-studio[sweep]'" in outcome.err
    assert not (library_home / "sweeps").exists()
