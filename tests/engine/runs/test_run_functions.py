"""Runs on a file of functions: made, resumed to the bit, and aware of what became of the file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.config import Experiment, experiment_from_dict, regression
from engine.data.function_file import UNSCALED, FunctionFile
from engine.errors import BadInput
from engine.runs.library import Library
from engine.runs.preparation import PreparedRun, new_run, resumed_run
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.runs.run_functions import functions_of
from engine.runs.run_store import StoreNotFound
from engine.training import train, train_together
from tests.bits import assert_same_bits
from tests.function_files import oscillations
from tests.learner_kinds import ON_FUNCTIONS, of_kind

every_kind = pytest.mark.parametrize("kind", ON_FUNCTIONS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return oscillations(tmp_path / "damped.csv")


def on_file(file: Path | str, kind: str = "maml", seed: int = 0) -> Experiment:
    base = experiment_from_dict(
        {
            "name": "measured",
            "task": {"kind": "regression", "functions": str(file), "noise": 2.0},
            "learner": {"kind": "maml"},
            "optimizer": {"meta_batch": 4, "outer_lr": 1e-3},
            "schedule": {"steps": 20, "validate_every": 10, "validation_episodes": 30},
            "run": {"seed": seed},
        },
        "toy",
    )
    return of_kind(base, kind)


def made(tmp_path: Path, experiment: Experiment, name: str = "runs") -> PreparedRun:
    return new_run(Library(tmp_path / "library"), experiment, tmp_path / name)


def trained(prepared: PreparedRun) -> Run:
    for _ in train(prepared.run.experiment, prepared.store, prepared.run):
        pass
    return prepared.run


@every_kind
def test_a_run_that_was_stopped_goes_on_to_the_same_bits(
    kind: str, file: Path, tmp_path: Path
) -> None:
    experiment = on_file(file, kind)
    whole = trained(made(tmp_path, experiment))
    stopped = made(tmp_path, experiment, "stopped")
    events = train(stopped.run.experiment, stopped.store, stopped.run)
    for _ in events:
        if stopped.run.record.step >= 7:
            break
    events.close()
    assert stopped.run.status == "stopped"
    assert_same_bits(whole, trained(resumed_run(Library(tmp_path), Run(stopped.run.path))))


@every_kind
def test_members_of_a_population_see_the_tasks_of_single_runs(
    kind: str, file: Path, tmp_path: Path
) -> None:
    members = [made(tmp_path, on_file(file, kind, seed), f"of-{seed}") for seed in (0, 5)]
    runs = [each.run for each in members]
    for _ in train_together([run.experiment for run in runs], members[0].store, runs):
        pass
    for seed, run in zip((0, 5), runs, strict=True):
        alone = trained(made(tmp_path, on_file(file, kind, seed), f"alone-{seed}"))
        # Sums of the same numbers, in another order.
        for one, other in zip(run.training.read(), alone.training.read(), strict=True):
            assert one["query_error"] == pytest.approx(other["query_error"], rel=1e-3)


@every_kind
def test_errors_are_in_the_files_unit(kind: str, file: Path, tmp_path: Path) -> None:
    """A copy in other units is learned in the very same way; only what is told is in its unit."""
    lines = [line.split(",") for line in file.read_text().splitlines()]
    # Powers of two change no digit of a number, and so neither of a scaled one.
    rows = [[task, repr(float(x) * 4), repr(float(y) * 8)] for task, x, y, _ in lines[1:]]
    copy = tmp_path / "copy.csv"
    copy.write_text("\n".join(",".join(row) for row in (["task", "x", "y"], *rows)))
    one = trained(made(tmp_path, on_file(file, kind), "one"))
    experiment = on_file(copy, kind).with_settings({"task.noise": 16.0})
    other = trained(made(tmp_path, experiment, "other"))
    for mine, theirs in zip(one.training.read(), other.training.read(), strict=True):
        assert theirs["query_error"] == pytest.approx(64 * mine["query_error"], rel=1e-6)
        assert theirs["loss"] == mine["loss"]
    mine, theirs = one.validation.read()[-1], other.validation.read()[-1]
    assert theirs["error"] == pytest.approx(64 * mine["error"], rel=1e-9)
    assert theirs["coverage"] == mine["coverage"]


def test_a_run_remembers_its_file_from_wherever_it_was_named(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = made(tmp_path, on_file("damped.csv")).run
    assert regression(run.experiment).functions == str(file)
    store, read = run.record.store, FunctionFile(file)
    assert (store.path, store.name, store.splits) == (str(file), "damped.csv", read.sizes)
    assert store.fingerprint == read.fingerprint()
    assert store.scaling == {name: getattr(read.scaling, name) for name in UNSCALED.__slots__}
    monkeypatch.chdir("/")
    found = functions_of(Run(run.path))
    assert found is not None and found.path == file


def test_records_of_other_runs_have_no_scaling() -> None:
    assert "scaling" not in StoreRecord().model_dump()
    assert "scaling" not in StoreRecord().model_dump_json()


def test_a_file_that_has_changed_is_noticed(file: Path, tmp_path: Path) -> None:
    run = trained(made(tmp_path, on_file(file)))
    text = file.read_text()
    file.write_text(text.replace(",none", ",other remark").replace("\n", "\r\n"))
    assert functions_of(Run(run.path)) is not None  # the points are the same
    file.write_text(text + "station 3,104,520,none\n")
    for use in (
        lambda: functions_of(Run(run.path)),
        lambda: resumed_run(Library(tmp_path), Run(run.path), steps=30),
    ):
        with pytest.raises(StoreNotFound, match=r"is not as it was when .* was trained on it"):
            use()
    file.write_text("no table")
    with pytest.raises(StoreNotFound, match=r"there is no column task.*say where that is: --store"):
        functions_of(Run(run.path))


def test_a_spoilt_file_does_not_end_the_search_for_the_right_one(
    file: Path, tmp_path: Path
) -> None:
    run = made(tmp_path, on_file(file)).run
    spoilt = tmp_path / "spoilt.csv"
    spoilt.write_bytes(b"\xff\xfe\x00")
    run.amend(store=run.record.store.model_copy(update={"path": str(spoilt)}))
    said: list[str] = []
    found = functions_of(Run(run.path), say=said.append)
    assert found is not None and found.path == file and str(file) in said[0]
    assert Run(run.path).record.store.path == str(file)


def test_a_file_that_was_moved_is_given_once(file: Path, tmp_path: Path) -> None:
    run, said = made(tmp_path, on_file(file)).run, list[str]()
    other = oscillations(tmp_path / "other.csv", tasks=50)
    moved = file.rename(tmp_path / "moved.csv")
    with pytest.raises(StoreNotFound, match=r"no file of functions at .*damped.csv any more"):
        functions_of(Run(run.path))
    with pytest.raises(StoreNotFound, match=r"other.csv is not as it was"):
        functions_of(Run(run.path), str(other))
    assert functions_of(Run(run.path), str(moved), said.append) is not None
    assert said == [f"The file of {run.name} is {moved} now."]
    assert Run(run.path).record.store.path == str(moved)
    assert functions_of(Run(run.path)) is not None


def _short(tmp_path: Path, file: Path) -> object:
    return made(tmp_path, on_file(file).with_settings({"task.k_shot": 8}))


def _gone(tmp_path: Path, file: Path) -> object:
    return made(tmp_path, on_file(tmp_path / "none.csv"))


def _noisy(tmp_path: Path, file: Path) -> object:
    return made(tmp_path, on_file(file).with_settings({"task.noise": 500.0}))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (_short, r"damped.csv: \d+ tasks have fewer than 9 points"),
        (_gone, "There is no file of functions at"),
        (_noisy, r"task.noise is 500, and the values of damped.csv have a standard deviation of"),
    ],
)
def test_what_does_not_fit_leaves_no_run(
    make: Callable[[Path, Path], object], sentence: str, file: Path, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=sentence):
        make(tmp_path, file)
    assert not (tmp_path / "runs").exists()


def test_drawn_functions_have_no_file(tmp_path: Path) -> None:
    run = made(tmp_path, on_file("")).run
    assert functions_of(run) is None
    with pytest.raises(BadInput, match="was trained on no file; leave out --store"):
        functions_of(run, "damped.csv")
