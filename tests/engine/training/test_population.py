"""A member of a population is the run that it would be alone."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.config import Experiment, declarations, populations
from engine.data.store import EmbeddingStore, Split
from engine.errors import BadInput
from engine.events import Failed, Finished, StepsTaken, Validated, Validating
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.studies.grid import grid, seeds_from
from engine.training import train, train_together
from engine.training.outer_step import OuterStep
from tests.measured import validated

# All that members may have of their own.
CHANGES: list[dict[str, Any]] = [
    {},
    {"run.seed": 7},
    {"run.seed": 7, "optimizer.outer_lr": 1e-2, "learner.dropout": 0.0},
    {"learner.dropout": 0.6, "learner.inner_lr": 0.3, "learner.finetuning_lr": 0.05},
    {"learner.kl_weight": 0.5, "learner.encoder_penalty_weight": 0.1},
    {"learner.l2_weight": 0.1, "learner.orthogonality_weight": 0.5},
]


@pytest.mark.parametrize("variant", ["full", "deterministic", "random_prior"])
def test_members_are_the_single_runs(
    variant: str, double: None, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    split = toy_store.load(["train"])
    split = Split.of(
        split.name, split.in_memory.double(), split.class_offsets, list(split.class_names)
    )
    base = toy_experiment.with_settings({"learner.variant": variant})
    members = [base.with_settings(changes) for changes in CHANGES]
    together = OuterStep(members, split)
    metrics = torch.cat([together(range(3)), together(range(3, 12))])
    for member, experiment in enumerate(members):
        alone = OuterStep([experiment], split)
        torch.testing.assert_close(metrics[:, member], alone(range(12))[:, 0], rtol=1e-7, atol=1e-9)
        for mine, expected in zip(together.members[member], alone.members[0], strict=True):
            torch.testing.assert_close(mine, expected, rtol=0, atol=1e-8)
        moments = alone.moments()
        for name, moment in together.moments(member).items():
            torch.testing.assert_close(moment, moments[name], rtol=1e-6, atol=1e-9)


def test_a_member_goes_back_to_what_it_was(
    toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    members = grid(toy_experiment, {"run.seed": [0, 1, 2]})
    outer_step = OuterStep(members, toy_store.load(["train"]))
    outer_step(range(4))
    kept = (
        {name: tensor.clone() for name, tensor in outer_step.weights(1).items()},
        outer_step.moments(1),
    )
    expected = outer_step(range(4, 6))
    outer_step.restore(*kept, member=1)
    again = outer_step(range(4, 6))
    assert torch.equal(again[:, 1], expected[:, 1])
    assert not torch.equal(again[:, 0], expected[:, 0])


def runs_of(experiments: list[Experiment], folder: Path) -> list[Run]:
    return [Run.create(folder, experiment, StoreRecord()) for experiment in experiments]


def test_each_member_is_a_run_of_its_own_on_disk(
    tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    experiments = grid(toy_experiment, {"run.seed": seeds_from(toy_experiment, 3)})
    runs = runs_of(experiments, tmp_path / "together")
    told = list(train_together(experiments, toy_store, runs))
    assert {member for member, event in told if isinstance(event, Finished)} == {0, 1, 2}
    for run, experiment in zip(runs, experiments, strict=True):
        alone = Run.create(tmp_path / "alone", experiment, StoreRecord())
        list(train(experiment, toy_store, alone))
        assert run.status == "finished" and run.experiment == experiment
        mine, expected = run.training.read(), alone.training.read()
        assert [row["step"] for row in mine] == [row["step"] for row in expected]
        first = [(a["loss"], b["loss"]) for a, b in zip(mine[:5], expected[:5], strict=True)]
        assert all(one == pytest.approx(other, rel=1e-3) for one, other in first)
        assert [c.step for c in run.checkpoints] == [c.step for c in alone.checkpoints]
        assert run.record.best is not None
        validations = {row["step"]: row["accuracy"] for row in run.validation.read()}
        assert run.record.best.value == max(validations.values())
    losses = [run.training.read()[0]["loss"] for run in runs]
    assert len(set(losses)) == 3


def test_a_member_that_was_stopped_goes_on_alone(
    tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    experiments = grid(toy_experiment, {"run.seed": [0, 1]})
    runs = runs_of(experiments, tmp_path)
    events = train_together(experiments, toy_store, runs)
    for _, event in events:
        if isinstance(event, StepsTaken) and event.step >= 7:
            break
    events.close()
    for run in runs:
        stopped = Run(run.path)
        assert stopped.status == "stopped" and not stopped.has_owner()
        assert stopped.checkpoint("last").step == stopped.record.step >= 7
    list(train(experiments[1], toy_store, Run(runs[1].path)))
    assert Run(runs[1].path).status == "finished"


def test_a_hopeless_member_fails_alone(
    tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    base = toy_experiment.with_settings(
        {"learner.inner_steps": 10, "schedule.steps": 90, "schedule.validate_every": 90}
    )
    experiments = grid(base, {"learner.inner_lr": [1000.0, 1e-3]})
    runs = runs_of(experiments, tmp_path)
    told = list(train_together(experiments, toy_store, runs))
    (failed,) = [(member, event) for member, event in told if isinstance(event, Failed)]
    assert failed[0] == 0 and "lower optimizer.outer_lr or learner.inner_lr" in failed[1].sentence
    assert [Run(run.path).status for run in runs] == ["failed", "finished"]
    assert Run(runs[1].path).record.step == 90
    # Nothing is written of it any more.
    assert runs[0].training.read()[-1]["step"] < 90 and not runs[0].checkpoints


def test_each_member_stops_early_by_itself(
    tmp_path: Path,
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def scripted(run: Run, *args: Any) -> Generator[Validating, None, Validated]:
        yield from ()
        step = args[1]
        accuracy = 0.5 if run.experiment.run.seed == 0 else step / 100
        best = run.record.best
        is_best = best is None or accuracy > best.value
        return validated(step, accuracy, is_best=is_best)

    monkeypatch.setattr("engine.training.run_recorder.validate", scripted)
    base = toy_experiment.with_settings(
        {
            "schedule.steps": 30,
            "schedule.validate_every": 5,
            "schedule.early_stopping": 2,
        }
    )
    experiments = grid(base, {"run.seed": [0, 1]})
    runs = runs_of(experiments, tmp_path)
    told = list(train_together(experiments, toy_store, runs))
    ends = {member: event for member, event in told if isinstance(event, Finished)}
    assert ends == {0: Finished(15, stopped_early=True), 1: Finished(30, stopped_early=False)}
    assert [run.training.read()[-1]["step"] for run in runs] == [15, 30]


def test_a_grid_is_every_combination_named_after_it(toy_experiment: Experiment) -> None:
    experiments = grid(toy_experiment, {"optimizer.outer_lr": [1e-4, 3e-4], "run.seed": [0, 5]})
    assert [(each.optimizer.outer_lr, each.run.seed) for each in experiments] == [
        (1e-4, 0),
        (1e-4, 5),
        (3e-4, 0),
        (3e-4, 5),
    ]
    assert experiments[3].name == "toy-outer_lr-0.0003-seed-5"
    assert grid(toy_experiment, {}) == [toy_experiment]
    former = grid(toy_experiment, {"leo.dropout": [0.1, 0.2]})
    assert former == grid(toy_experiment, {"learner.dropout": [0.1, 0.2]})
    with pytest.raises(BadInput, match=r"learner\.dropout has 0\.1 twice"):
        grid(toy_experiment, {"leo.dropout": [0.1, 0.1]})
    with pytest.raises(BadInput, match=r"learner\.dropout has 0\.1 twice"):
        grid(toy_experiment, {"learner.dropout": [0.1, 0.1]})
    with pytest.raises(BadInput, match=r"did you mean learner\.dropout"):
        grid(toy_experiment, {"learner.droput": [0.1, 0.2]})


def test_only_what_is_of_one_shape_is_trained_at_once(toy_experiment: Experiment) -> None:
    experiments = grid(toy_experiment, {"learner.latent_size": [4, 6], "run.seed": [0, 1]})
    assert populations(experiments) == [[0, 1], [2, 3]]
    own = grid(toy_experiment, {"run.seed": [0, 1], "learner.dropout": [0.0, 0.5]})
    assert populations(own) == [[0, 1, 2, 3]]


def test_all_that_members_may_differ_in_is_tried_here() -> None:
    may_differ = {path for path, each in declarations().items() if each.varies_in_population}
    assert set().union(*CHANGES) == may_differ - {"name", "description"}
