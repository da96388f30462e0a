"""`leo-studio analyse` prints, keeps and writes the curvature that the engine measures."""

import csv
from pathlib import Path

import pytest

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.inspection.curvature import measured_curvature
from engine.inspection.curvature_record import CurvatureRecord, kept_curvatures
from engine.io.generators import finished
from engine.runs.library import Library
from engine.runs.run import Run
from leo_studio.analysis.formats import format_value
from tests.command_line import Cli, cli
from tests.conftest import TrainedCopy

__all__ = ["cli"]

META_SGD = {"learner.kind": "linear_maml", "learner.inner_steps": 2, "learner.learns_rates": True}


@pytest.fixture
def run(library_home: Path, trained_copy: TrainedCopy, toy_experiment: Experiment) -> Run:
    return trained_copy(Library(library_home).runs, toy_experiment)


def measured(run: Run, store: EmbeddingStore, step: int) -> CurvatureRecord:
    return finished(measured_curvature(run, step, store, "test", 5))


def test_people_read_medians_spreads_and_what_was_found(
    cli: Cli, run: Run, toy_store: EmbeddingStore
) -> None:
    outcome = cli("analyse", run.name, "--episodes", "5", "--checkpoint", "30")
    record = measured(run, toy_store, 30)
    assert outcome.status == 0 and record.whole.latent is not None
    assert "15 of 20 in latent and 24 of 64 in weight space are counted" in outcome.out
    lines = {line[:43].strip(): line[43:].split() for line in outcome.out.splitlines()}
    wanted = [format_value(value, 3) for value in record.whole.latent.values]
    assert lines["Eigenvalues of the Hessian, latent space"] == wanted
    assert "Length of a fine-tuning step, weight space" in outcome.out
    for place in range(5):
        assert f"\n{record.position_name(place)}  " in outcome.out
    assert "times as large in latent space as in weight space" in outcome.out
    assert "Of the decoder's 5 singular values" in outcome.out
    assert kept_curvatures(run.path).records == (record,)
    assert "Kept in " in outcome.err


def test_json_is_the_record_and_others_stand_beside_it(
    cli: Cli,
    run: Run,
    trained_copy: TrainedCopy,
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
) -> None:
    other = trained_copy(run.path.parent, toy_experiment.with_settings(META_SGD))
    outcome = cli("analyse", run.name, "--episodes", "5", "--beside", other.name, "--json")
    report = outcome.json
    (beside,) = report.pop("beside")
    own, its = (measured(each, toy_store, each.checkpoint().step) for each in (run, other))
    assert CurvatureRecord.model_validate(report) == own
    assert CurvatureRecord.model_validate(beside) == its and its.whole.latent is None
    assert kept_curvatures(other.path).records == (its,)
    assert "beside" not in cli("analyse", run.name, "--episodes", "5", "--json").json


def test_files_hold_figure_and_numbers(
    cli: Cli, run: Run, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    words = ["analyse", run.name, "--episodes", "5", "--out"]
    for ending in ("png", "svg", "csv"):
        assert cli(*words, str(tmp_path / f"c.{ending}")).status == 0
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
    assert b"singular value of the decoder" in (tmp_path / "c.svg").read_bytes()
    record = measured(run, toy_store, run.checkpoint().step)
    with (tmp_path / "c.csv").open() as file:
        rows = list(csv.DictReader(file))
    (row,) = (
        row
        for row in rows
        if (row["position"], row["quantity"], row["space"]) == ("inner 2", "eigenvalues", "weights")
    )
    found = record.positions[2].curvature.weights
    assert [float(row[name]) for name in ("p5", "p25", "median", "p75", "p95")] == list(
        found.values
    )
    with (tmp_path / "c.singular_values.csv").open() as file:
        values = [float(row["singular_value"]) for row in csv.DictReader(file)]
    assert values == list(record.singular_values)
    again = cli(*words, str(tmp_path / "c.csv"))
    assert again.status == 2 and "is there already" in again.err


@pytest.mark.parametrize("kind", ["protonet", "ridge"])
def test_a_run_without_steps_is_one_sentence(
    cli: Cli, run: Run, kind: str, trained_copy: TrainedCopy, toy_experiment: Experiment
) -> None:
    other = trained_copy(run.path.parent, toy_experiment.with_settings({"learner.kind": kind}))
    for words in ([other.name], [run.name, "--beside", other.name]):
        outcome = cli("analyse", *words, "--episodes", "5")
        assert outcome.status == 2 and outcome.out == ""
        assert f"{other.name} learns by" in outcome.err
        assert "takes no gradient steps on a linear classifier" in outcome.err
        assert "Traceback" not in outcome.err
    assert kept_curvatures(run.path).records == ()  # nothing was computed before it was told


@pytest.mark.parametrize("preset", ["sine-line-5shot", "sine-line-5shot-maml"])
def test_a_run_of_regression_is_one_sentence(cli: Cli, preset: str) -> None:
    few = ("schedule.validate_every=3", "schedule.validation_episodes=4", "optimizer.meta_batch=2")
    settings = [word for setting in few for word in ("--set", setting)]
    run = cli("train", preset, "--steps", "3", *settings, "--json").json["run"]
    outcome = cli("analyse", run)
    assert outcome.status == 2 and outcome.out == ""
    assert "takes no gradient steps on a linear classifier" in outcome.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--split", "nowhere"], "nowhere"),
        (["--checkpoint", "7"], "7"),
        (["--out", "c.txt"], "its name must end with"),
        (["--episodes", "0"], "episodes"),
    ],
)
def test_bad_input_is_one_sentence(cli: Cli, run: Run, words: list[str], sentence: str) -> None:
    outcome = cli("analyse", run.name, *words)
    assert outcome.status == 2 and outcome.out == ""
    assert sentence in outcome.err and "Traceback" not in outcome.err
    assert kept_curvatures(run.path).records == ()
