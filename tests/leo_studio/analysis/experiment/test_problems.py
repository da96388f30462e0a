from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import experiment_from_dict
from engine.data.requirements import require_fit
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from leo_studio.analysis.experiment.draft import Draft
from leo_studio.analysis.experiment.problems import Problem, Surroundings, find_problems
from leo_studio.analysis.experiment.setting_labels import in_labels
from leo_studio.services.catalogue import store_entry
from leo_studio.services.records import DeviceEntry, StoreEntry

BASE = experiment_from_dict({"name": "base", "data": {"store": "glyphs"}}, "test")
NOTHING = Surroundings(None)


def test_every_wrong_setting_has_its_sentence() -> None:
    draft = Draft.of(BASE).with_value("learner.dropout", 1.3).with_value("task.n_way", "five")

    assert find_problems(draft, NOTHING) == (
        Problem(
            ("task.n_way",),
            "\"Ways\" is 'five'; it must be a whole number, at least 2 and at most 1000.",
        ),
        Problem(("learner.dropout",), '"Dropout" is 1.3; it must be at least 0 and below 1.'),
    )


def test_a_rule_across_settings_is_about_all_of_them() -> None:
    draft = Draft.of(BASE).with_value("task.k_shot", 600)

    (problem,) = find_problems(draft, NOTHING)
    assert problem.paths == ("task.k_shot", "task.examples_per_class")


def test_an_empty_list_of_splits_is_a_problem_of_that_setting() -> None:
    (problem,) = find_problems(Draft.of(BASE).with_value("data.train_splits", []), NOTHING)

    assert problem.paths == ("data.train_splits",)


def test_a_decimal_comma_is_told_how_to_be_written() -> None:
    (problem,) = find_problems(Draft.of(BASE).with_value("learner.dropout", "0,35"), NOTHING)

    assert problem.sentence.endswith("Decimals follow a point: 0.35.")


def test_a_store_that_cannot_be_used_is_a_problem() -> None:
    store = StoreEntry("gone", Path("gone.h5"), problem="There is no store at gone.h5 yet.")

    assert find_problems(Draft.of(BASE), Surroundings(store)) == (
        Problem(("data.store",), "There is no store at gone.h5 yet."),
    )


@given(n_way=st.integers(2, 14), k_shot=st.integers(1, 32), queries=st.integers(1, 32))
def test_store_and_task_fit_exactly_where_training_says_so(
    toy_store: EmbeddingStore, n_way: int, k_shot: int, queries: int
) -> None:
    experiment = BASE.with_settings(
        {"task.n_way": n_way, "task.k_shot": k_shot, "task.queries": queries}
    )
    entry = store_entry("toy", toy_store.path)
    problems = find_problems(Draft.of(experiment), Surroundings(entry))
    try:
        require_fit(experiment, toy_store.path.name, toy_store.splits)
    except BadInput as error:
        assert problems[0].sentence == in_labels(str(error))
    else:
        assert problems == ()


@pytest.mark.parametrize(
    ("device", "is_there"), [("auto", True), ("cpu", True), ("cuda", True), ("cuda:1", False)]
)
def test_a_device_that_the_machine_lacks_is_a_problem(device: str, is_there: bool) -> None:
    machine = Surroundings(
        None, (DeviceEntry("cpu", "a CPU"), DeviceEntry("cuda:0", "a GPU")), "one GPU"
    )
    draft = Draft.of(BASE).with_value("run.device", device)

    assert (find_problems(draft, machine) == ()) == is_there


def test_a_file_of_functions_that_is_not_there_is_a_problem_of_that_setting(
    tmp_path: Path,
) -> None:
    base = experiment_from_dict(
        {"name": "a", "task": {"kind": "regression"}, "learner": {"kind": "maml"}}, "a"
    )
    path = tmp_path / "my.csv"
    draft = Draft.of(base).with_value("task.functions", str(path))
    (problem,) = find_problems(draft, NOTHING)
    assert problem.paths == ("task.functions",)
    where = f"There is no file of functions at {path}; "
    assert problem.sentence == f'{where}check "File of functions".'
    path.write_text("task,x,y\n")
    assert find_problems(draft, NOTHING) == ()
    both = draft.with_value("task.families", ["line"])
    assert find_problems(both, NOTHING) == ()  # the file replaces them: the form says so
    experiment = both.experiment()
    assert experiment == base.with_settings({"task.functions": str(path)})
