"""Files of checkpoints that are missing beside whole ones."""

import json
from pathlib import Path

import pytest

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.evaluation.checkpoints import evaluate_checkpoint
from engine.io.generators import finished
from engine.runs.library import Library
from engine.runs.preparation import resumed_run
from engine.runs.record import Best
from engine.runs.run import Run
from engine.training import train
from tests.conftest import TrainedCopy


@pytest.fixture
def run(tmp_path: Path, toy_experiment: Experiment, trained_copy: TrainedCopy) -> Run:
    """Checkpoints of steps 15, 30 and 40; the best one is that of 30."""
    made = trained_copy(tmp_path / "runs", toy_experiment)
    rows = made.validation.path.read_text().splitlines()
    scores = {"15": "0.5", "30": "0.9", "40": "0.6"}
    edited = [rows[0]] + [
        ",".join([step, scores[step], *rest])
        for step, _, *rest in (row.split(",") for row in rows[1:])
    ]
    made.validation.path.write_text("\n".join(edited) + "\n")
    made.update(best=Best(step=30, score="accuracy", value=0.9, ci95=0.1))
    return made


def file(run: Run, step: int, ending: str) -> Path:
    return run.path / "checkpoints" / f"step-{step:09d}{ending}"


def test_weights_without_their_json_can_be_evaluated(run: Run, toy_store: EmbeddingStore) -> None:
    whole = finished(evaluate_checkpoint(run, 30, toy_store, "test", 5))
    file(run, 30, ".json").unlink()
    file(run, 40, ".json").write_text("{")
    assert [each.step for each in run.checkpoints] == [15, 30, 40]
    assert run.checkpoint().step == 30 and run.kept.instead() == ""
    assert finished(evaluate_checkpoint(run, 30, toy_store, "test", 5)) == whole
    file(run, 30, ".safetensors").write_bytes(b"damaged")
    with pytest.raises(BadInput, match=r"step-000000030\.safetensors is missing or damaged"):
        run.checkpoint("30").weights()


def test_a_checkpoint_whose_saving_was_cut_off_is_none(
    run: Run, tmp_path: Path, toy_experiment: Experiment
) -> None:
    """A kill between its files; `tests/hunts/torture.py` found that it kept runs from going on."""
    young = Run.create(run.path.parent, toy_experiment, run.record.store)
    for each in (young, run):
        each.update(status="running")
        file(each, 45, ".saving").touch()
        file(each, 45, ".safetensors").write_bytes(file(run, 40, ".safetensors").read_bytes())
        file(each, 45, ".optimizer.safetensors").touch()
    assert [each.step for each in run.checkpoints] == [15, 30, 40]
    assert run.kept.why_not_from_last() == ""
    assert young.checkpoints == [] and young.kept.newest_resumable() is None
    ready = resumed_run(Library(tmp_path), young)
    list(train(ready.run.experiment, ready.store, ready.run))
    assert Run(young.path).checkpoint("last").step == 40
    assert not list((young.path / "checkpoints").glob("*45*"))


def test_the_best_that_is_there_stands_in_for_a_best_that_is_missing(run: Run) -> None:
    file(run, 30, ".safetensors").unlink()
    for which in ("best", None):
        assert run.checkpoint(which).step == 40
        assert run.kept.instead(which) == (
            f"step-000000030.safetensors of {run.name}, its best checkpoint, is missing; step 40, "
            "the best of those that are there, is taken instead."
        )
    assert run.checkpoint("last").step == 40 and run.kept.instead("last") == ""
    with pytest.raises(BadInput, match=r'no checkpoint "30": step-000000030\.safetensors is miss'):
        run.checkpoint("30")


def test_a_last_checkpoint_without_weights_is_named(run: Run) -> None:
    file(run, 40, ".safetensors").unlink()
    assert run.checkpoint("last").step == 30
    assert "step-000000040.safetensors" in run.kept.instead("last")
    assert "step 30 is taken instead" in run.kept.instead("last")


@pytest.mark.parametrize(
    ("ending", "named"),
    [
        (".safetensors", "step-000000040.safetensors is missing"),
        (".json", "step-000000040.json is missing"),
        (".optimizer.safetensors", "step-000000040.optimizer.safetensors is missing"),
    ],
)
def test_training_says_that_it_goes_on_from_an_earlier_checkpoint(
    run: Run, tmp_path: Path, trained_copy: TrainedCopy, ending: str, named: str
) -> None:
    untouched = trained_copy(tmp_path / "others", run.experiment)
    file(run, 40, ending).unlink()
    said: list[str] = []
    for each in (run, untouched):
        ready = resumed_run(Library(tmp_path), Run(each.path), steps=50, say=said.append)
        list(train(ready.run.experiment, ready.store, ready.run))
    assert said == [f"{run.name} goes on from step 30, not 40: {named}."]
    assert file(run, 50, ".safetensors").read_bytes() == (
        file(untouched, 50, ".safetensors").read_bytes()
    )


def test_training_never_starts_anew_without_a_word(run: Run, tmp_path: Path) -> None:
    before = run.training.path.read_bytes()
    for step in (15, 30, 40):
        file(run, step, ".optimizer.safetensors").unlink(missing_ok=True)
    with pytest.raises(BadInput, match=r"\(step-000000040\.optimizer\.safetensors is missing\)"):
        resumed_run(Library(tmp_path), run, steps=50)
    for step in (15, 30, 40):
        file(run, step, ".safetensors").unlink()
    with pytest.raises(BadInput, match=r"no whole checkpoint: step-000000015\.safetensors, .* are"):
        run.checkpoint()
    with pytest.raises(BadInput, match="no whole checkpoint"):
        resumed_run(Library(tmp_path), run, steps=50)
    for path in (run.path / "checkpoints").iterdir():
        path.unlink()
    for best in (run.record.best, None):
        run.update(best=best)
        with pytest.raises(BadInput, match="is at step 40, and the files of its checkpoints are"):
            resumed_run(Library(tmp_path), run, steps=50)
        with pytest.raises(BadInput, match="the files of its checkpoints are missing"):
            run.checkpoint()
    assert run.training.path.read_bytes() == before


def test_a_checkpoint_without_its_json_is_not_tidied_away(
    run: Run, tmp_path: Path, toy_store: EmbeddingStore
) -> None:
    file(run, 15, ".json").unlink()
    ready = resumed_run(Library(tmp_path), run, steps=70)
    list(train(ready.run.experiment, ready.store, ready.run))
    assert file(run, 15, ".safetensors").is_file()


def test_a_checkpoint_of_a_later_version_is_not_taken_for_one_without_record(run: Run) -> None:
    path = file(run, 30, ".json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 2}))
    with pytest.raises(BadInput, match=f"{path} has schema 2; .*: update LEO Studio"):
        run.checkpoint()
