"""A sweep comes to the same trials whoever carries them out, and whoever is stopped meanwhile."""

import json
import random
import shutil
from collections.abc import Generator, Sequence
from dataclasses import replace

import pytest

from engine.errors import BadInput
from engine.io.locks import holding
from engine.runs.library import Library
from engine.runs.run import Run
from engine.studies.executors import PROBLEM
from engine.studies.sweeps.halving import Hyperband
from engine.studies.sweeps.overseer import SweepOverseer
from engine.studies.sweeps.requirements import require_sweepable
from engine.studies.sweeps.sweep import Sweep
from engine.studies.sweeps.sweep_work import work_on_sweep
from engine.studies.sweeps.trials import OUTCOME, History, Outcome, SweepFolder
from tests.engine.studies.sweeps.conftest import MakeSweep, begin, carry_out, ended


def carry_out_by_two(sweep: Sweep, folder: SweepFolder, library: Library, seed: int) -> int:
    """Carry a sweep out by two workers that take turns, and are stopped now and then, as drawn.

    Returns how often one was stopped.
    """
    begin(sweep, folder)
    draw, stops = random.Random(seed), 0
    workers: dict[int, Generator[None]] = {}
    while True:
        place = draw.randrange(2)
        worker = workers.setdefault(place, work_on_sweep(folder, library, "cpu", lambda _: None))
        try:
            for _ in range(draw.randrange(1, 8)):
                next(worker)
        except StopIteration:
            break
        if draw.random() < 0.1:
            workers.pop(place).close()
            stops += 1
    for worker in workers.values():
        worker.close()
    return stops


def without_words(found: Sequence[Outcome]) -> list[Outcome]:
    """Return outcomes without their sentences, which say when a loss was given up."""
    return [replace(each, why="") for each in found]


@pytest.fixture
def whole(make_sweep: MakeSweep, library: Library, sweep_folder: SweepFolder) -> list[Outcome]:
    """The trials of a sweep that one worker carried out without a break."""
    sweep = make_sweep()
    assert not [line for line in carry_out(sweep, sweep_folder, library) if PROBLEM in line]
    return ended(sweep, sweep_folder)


def test_trials_end_as_hyperband_says_of_what_each_knows(
    make_sweep: MakeSweep, whole: list[Outcome]
) -> None:
    sweep = make_sweep()
    assert [each.number for each in whole] == list(range(10))
    assert {each.state for each in whole} == {"complete", "pruned"}
    hyperband = Hyperband(6, sweep.seed)
    for each in whole:
        known = [other.seen for other in whole[: sweep.known_to(each.number)]]
        if each.state == "pruned":
            assert hyperband.ended_after(each.seen, known) == len(each.accuracies)
            assert each.step == 3 * len(each.accuracies)
        else:
            assert hyperband.ended_after(each.seen, known) is None
            assert (each.step, len(each.accuracies)) == (18, 6)
            assert each.value == max(each.accuracies)
            assert each.best_step == 3 * (1 + list(each.accuracies).index(each.value))


def test_a_trials_run_is_an_ordinary_one_of_its_values(
    make_sweep: MakeSweep, whole: list[Outcome], sweep_folder: SweepFolder
) -> None:
    sweep = make_sweep()
    for trial in History(sweep, sweep_folder).look():
        assert trial.run is not None and trial.outcome is not None
        run = Run(trial.run)
        assert sweep.space.values_of(run.experiment) == trial.values
        assert run.status == ("finished" if trial.outcome.state == "complete" else "stopped")
        assert run.record.step == trial.outcome.step == run.checkpoints[-1].step
        assert run.experiment.data.train_splits == ("train",)
        assert not list(trial.run.glob("evaluations/*"))  # tests nothing
        assert run.record.preset == "toy"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_neither_workers_nor_stops_change_a_trial(
    make_sweep: MakeSweep,
    library: Library,
    whole: list[Outcome],
    sweep_folder: SweepFolder,
    seed: int,
) -> None:
    sweep, folder = make_sweep(), SweepFolder(sweep_folder.path.with_name("other"))
    assert carry_out_by_two(sweep, folder, library, seed) > 0
    assert ended(sweep, folder) == whole
    assert len(list(folder.runs.iterdir())) == 10


def test_more_trials_leave_the_first_as_they_were(
    make_sweep: MakeSweep, library: Library, whole: list[Outcome], sweep_folder: SweepFolder
) -> None:
    fewer, folder = make_sweep(trials=6), SweepFolder(sweep_folder.path.with_name("fewer"))
    carry_out(fewer, folder, library)
    assert ended(fewer, folder) == whole[:6]
    carry_out(make_sweep(), folder, library)
    assert ended(make_sweep(), folder) == whole


def test_what_a_kill_leaves_is_ended_without_another_step(
    make_sweep: MakeSweep, library: Library, whole: list[Outcome], sweep_folder: SweepFolder
) -> None:
    """Killed between the last validation and the word of it: nothing is trained further."""
    sweep = make_sweep()
    for trial in History(sweep, sweep_folder).look():
        assert trial.run is not None
        (trial.run / OUTCOME).unlink()
        record = trial.run / "run.json"
        values = json.loads(record.read_text())
        if values["status"] == "stopped":  # as it stands while it is trained
            record.write_text(json.dumps(values | {"status": "running"}))
    said = carry_out(sweep, sweep_folder, library)
    assert ended(sweep, sweep_folder) == whole
    assert not [line for line in said if "trains from" in line]


def test_a_trial_that_is_gone_is_made_again_the_same(
    make_sweep: MakeSweep, library: Library, whole: list[Outcome], sweep_folder: SweepFolder
) -> None:
    sweep = make_sweep()
    trial = History(sweep, sweep_folder).look()[7]
    assert trial.run is not None
    shutil.rmtree(trial.run)
    sweep_folder.journal.unlink()
    carry_out(sweep, sweep_folder, library)
    assert ended(sweep, sweep_folder) == whole
    assert len(sweep_folder.journal.read_text().splitlines()) == 11  # the study, and its trials


def test_a_trial_waits_for_those_that_it_has_to_know(
    make_sweep: MakeSweep, library: Library, sweep_folder: SweepFolder
) -> None:
    sweep = make_sweep(lag=2)
    begin(sweep, sweep_folder)
    sweep_folder.claims.mkdir()
    history = History(sweep, sweep_folder)
    with holding(sweep_folder.claims / "trial-0000.lock", timeout=0):
        worker = work_on_sweep(sweep_folder, library, "cpu", lambda _: None)
        for _ in range(20):
            next(worker)
        assert history.look()[0].run is None  # nor any after it
    while not history.look()[0].values:
        next(worker)
    worker.close()
    # The first is left begun, and somebody else has it: two more may be under way.
    with holding(sweep_folder.claims / "trial-0000.lock", timeout=0):
        worker = work_on_sweep(sweep_folder, library, "cpu", lambda _: None)
        while sum(each.is_over for each in history.look()) < 2:
            next(worker)
        for _ in range(10):
            next(worker)
        trials = history.look()
        assert [each.is_over for each in trials[:3]] == [False, True, True]
        assert trials[3].run is None
        worker.close()


def test_a_loss_that_is_no_number_fails_a_trial_and_the_others_go_on(
    make_sweep: MakeSweep, library: Library, sweep_folder: SweepFolder
) -> None:
    wild = {"learner.inner_lr": 1000.0, "learner.inner_steps": 10, "schedule.steps": 120}
    choices = {"learner.inner_lr": {"choices": [1000.0, 1.0]}}
    settings = wild | {"schedule.validate_every": 30}
    sweep = make_sweep(settings, parameters=choices, trials=4, random=100)
    folder = SweepFolder(sweep_folder.path.with_name("other"))
    carry_out(sweep, sweep_folder, library)
    found = ended(sweep, sweep_folder)
    assert found[0].state == "failed"
    assert found[0].why.startswith("The loss was not a number")
    assert {each.state for each in found} == {"failed", "complete"}
    assert carry_out_by_two(sweep, folder, library, 1) > 0
    assert without_words(ended(sweep, folder)) == without_words(found)


def test_a_store_that_is_gone_is_told_of_and_nothing_is_lost(
    make_sweep: MakeSweep, library: Library, sweep_folder: SweepFolder
) -> None:
    sweep = make_sweep({"data.store": "gone"}, trials=3)
    (line,) = carry_out(sweep, sweep_folder, library)
    assert line.startswith(f'{PROBLEM}trial-0000: No store named "gone"')
    assert not ended(sweep, sweep_folder)


def test_the_best_is_trained_on_both_splits_over_seeds_and_tested(
    make_sweep: MakeSweep, library: Library, sweep_folder: SweepFolder
) -> None:
    sweep = make_sweep({"schedule.early_stopping": 4}, trials=4, final_seeds=2)
    overseer = SweepOverseer(sweep, sweep_folder, "cpu")
    assert overseer.state().finals == []
    carry_out(sweep, sweep_folder, library)
    state = overseer.state()
    best = max(ended(sweep, sweep_folder), key=lambda each: each.value or 0.0)
    assert [each.state for each in state.finals] == ["evaluated", "evaluated"]
    for seed, standing in enumerate(state.finals):
        assert standing.run is not None and standing.evaluation is not None
        run = Run(standing.run)
        assert run.experiment.data.train_splits == ("train", "val")
        assert run.experiment.schedule.steps == run.record.step == best.best_step
        assert run.experiment.schedule.early_stopping is None
        assert run.experiment.run.seed == seed
        assert sweep.space.values_of(run.experiment) == best.values
        evaluation = standing.evaluation
        assert (evaluation.split, evaluation.episodes, evaluation.step) == (
            "test",
            10,
            best.best_step,
        )
    assert len(overseer.look()) == 6
    runs = {path: path.stat().st_mtime_ns for path in sweep_folder.path.glob("*/*/*/run.json")}
    carry_out(sweep, sweep_folder, library)
    assert {path: path.stat().st_mtime_ns for path in runs} == runs


def test_a_learner_that_needs_no_training_is_swept_too(
    make_sweep: MakeSweep, library: Library, sweep_folder: SweepFolder
) -> None:
    ridge = {"low": 0.1, "high": 10.0, "log": True}
    sweep = make_sweep(trials=3, final_seeds=2, parameters={"learner.penalty": ridge})
    experiment = sweep.experiment.with_settings({"learner.kind": "ridge"})
    sweep = replace(sweep, experiment=experiment)
    carry_out(sweep, sweep_folder, library)
    assert [each.state for each in ended(sweep, sweep_folder)] == ["complete"] * 3
    (final,) = SweepOverseer(sweep, sweep_folder, "cpu").state().finals
    assert final.state == "evaluated"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"data.train_splits": ["train", "val"]}, "trains on its validation classes, and trials"),
        ({"data.store": "gone"}, 'No store named "gone"'),
        ({"task.n_way": 9}, "split val has 8 classes"),
    ],
)
def test_what_could_not_be_compared_or_ended_is_not_begun(
    make_sweep: MakeSweep, library: Library, settings: dict[str, object], sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        require_sweepable(library, make_sweep(settings))


def test_functions_are_not_swept(make_sweep: MakeSweep, library: Library) -> None:
    sweep = replace(make_sweep(), experiment=library.experiment("sine-line-5shot"))
    with pytest.raises(BadInput, match="sweeps are of learners of classes on embeddings"):
        require_sweepable(library, sweep)
