"""What is said of functions: in words, in orders, and of runs that have none."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.config import Experiment, experiment_from_dict
from engine.inspection.function_records import FunctionRecord, FunctionTable, LimitRecord
from leo_studio.analysis.functions.edited_points import MOST_POINTS, EditedPoints
from leo_studio.analysis.functions.orders import ORDERS, columns_of, going_words, order_of
from leo_studio.analysis.functions.sentences import (
    WEIGHTED,
    shares_tip,
    source_words,
    step_names,
    summary,
    values_at,
)
from leo_studio.analysis.functions.sources import newer_checkpoint, source_of, why_no_functions
from leo_studio.services.records import EpisodeSource, RunEntry

ZEROS = np.zeros(3, np.float32)
LIMIT = LimitRecord(
    mean=ZEROS,
    band=np.zeros((2, 3), np.float32),
    family_probability=np.array([0.631, 0.369]),
    functions=ZEROS[None],
    family=np.zeros(1, np.int64),
    log_likelihood=-0.314,
)
RECORD = FunctionRecord(
    number=1,
    is_changed=False,
    families=("sine", "line"),
    noise=0.3,
    support_x=ZEROS,
    support_y=ZEROS,
    grid=ZEROS,
    truth=None,
    values=np.zeros((2, 2, 3), np.float32),
    weights=np.array([[0.5, 0.5], [0.55, 0.45]], np.float32),
    mean=np.zeros((2, 3), np.float32),
    band=np.zeros((2, 2, 3), np.float32),
    is_first=np.array([[True, True], [True, False]]),
    log_likelihood=np.array([-1.0, -0.418], np.float32),
    limit=LIMIT,
    codes=None,
)
TABLE = FunctionTable(
    families=("sine", "line"),
    numbers=np.arange(4),
    limit_first=np.array([0.0, 0.6, 1.0, 0.35]),
    first=np.array([0.004, 0.5, 1.0, 0.2]),
    spread=np.array([0.5, 0.1, 3.0, 1.0]),
    squared_error=np.array([0.1, 0.2, 0.3, 0.4]),
    advantage=np.array([-0.1, -5.25, 0.001, -0.2]),
    codes=None,
)
FUNCTIONS = experiment_from_dict(
    {"name": "f", "task": {"kind": "regression"}, "learner": {"kind": "maml"}}, "f"
)
RUN = RunEntry(Path("run"), experiment=FUNCTIONS, checkpoints=(10, 20, 30))


def test_a_sentence_has_both_answers_and_the_points() -> None:
    assert summary(RECORD, 1, "LEO") == (
        "sine 63 %, line 37 % by the Bayes-optimal limit; sine 55 %, line 45 % by LEO; log "
        "likelihood of the given points −0.42 by LEO, −0.31 by the limit"
    )
    assert "sine 100 %, line 0 % by LEO" in summary(RECORD, 0, "LEO")


def test_tasks_of_measured_functions_are_said_to_share_them() -> None:
    assert source_words(TABLE) == ""
    some = replace(TABLE, functions=2, k_shot=5)
    assert source_words(some) == "Tasks are 5 points each of 2 test functions"
    one = replace(TABLE, functions=1, k_shot=1)
    assert source_words(one) == "Tasks are 1 point each of 1 test function"


def test_percentages_of_samples_are_told_to_be_weighted() -> None:
    tip = shares_tip(RECORD, "LEO")
    assert tip.startswith("Percentages by LEO: ") and WEIGHTED[1:] in tip
    assert shares_tip(replace(RECORD, values=RECORD.values[:, :1]), "LEO") == ""
    assert shares_tip(replace(RECORD, is_first=np.zeros((2, 0), bool)), "LEO") == ""


def test_nearly_all_is_not_called_all() -> None:
    limit = replace(LIMIT, family_probability=np.array([0.999, 0.001]))
    words = summary(replace(RECORD, limit=limit), 1, "LEO")
    assert words.startswith("sine over 99 %, line under 1 % by the Bayes-optimal limit")


def test_families_that_cannot_be_told_apart_are_left_out() -> None:
    limit = replace(LIMIT, family_probability=np.array([1.0]))
    none = replace(RECORD, families=("sine",), is_first=np.zeros((2, 0), bool), limit=limit)
    assert summary(none, 1, "MAML").startswith("log likelihood of the given points −0.42 by MAML")


def test_positions_are_the_steps_and_what_is_before_them() -> None:
    assert step_names(2) == ["before", "step 1 of 2", "step 2 of 2"]


def test_orders_begin_with_what_they_are_called_after() -> None:
    found = {order.name: order_of(TABLE, order.key).tolist() for order in ORDERS}
    assert found == {
        "ambiguous": [1, 3, 0, 2],
        "uncertain": [2, 3, 0, 1],
        "overconfident": [1, 3, 0, 2],
    }


def test_values_at_a_place_are_said_whole_and_without_bands() -> None:
    grid = np.array([-1.0, 0.5, 2.0], np.float32)
    rising = np.array([[[-1, -1, -1], [1, 1, 1]]] * 2, np.float32)
    record = replace(RECORD, grid=grid, band=rising, truth=np.array([0, -0.25, 0], np.float32))
    whole, means = values_at(record, 1, "Meta-SGD", 0.6)
    assert whole == (
        "x = 0.500; Meta-SGD 0 (−1.00 to 1.00); limit 0 (0 to 0); true function −0.250"
    )
    assert means == "x = 0.500; Meta-SGD 0; limit 0; true function −0.250"
    assert "true" not in values_at(replace(record, truth=None), 1, "LEO", 9.0)[0]


def test_columns_name_the_families_where_there_are_two() -> None:
    columns = columns_of(TABLE, "LEO")
    assert [each.title for each in columns] == [
        *("Task", "Limit: sine", "LEO: sine", "Spread", "Error", "To limit")
    ]
    texts = [each.text(float(each.values(TABLE)[1])) for each in columns]
    assert texts == ["1", "60 %", "50 %", "0.100", "0.200", "−5.25"]
    one = replace(TABLE, families=("sine",))
    assert [each.title for each in columns_of(one, "LEO")][1] == "Spread"
    three = replace(TABLE, families=("a", "b", "c"), first=np.full(4, np.nan))
    assert [each.title for each in columns_of(three, "LEO")][1:3] == ["Limit: a", "Spread"]


def test_runs_without_functions_say_why(toy_experiment: Experiment) -> None:
    assert why_no_functions(RUN) == ""
    assert "sine-line-5shot" in why_no_functions(None)
    assert "learns classification" in why_no_functions(replace(RUN, experiment=toy_experiment))
    assert "no checkpoint yet" in why_no_functions(replace(RUN, checkpoints=()))
    assert "cannot be read" in why_no_functions(replace(RUN, problem="damaged"))


@pytest.mark.parametrize(
    ("step", "before", "expected"),
    [(None, None, 30), (10, None, 10), (None, 20, 20), (10, 20, 10), (None, 25, 30), (25, 20, 20)],
)
def test_checkpoint_stays_unless_another_is_chosen_or_it_is_gone(
    step: int | None, before: int | None, expected: int
) -> None:
    source = None if before is None else EpisodeSource(RUN.path, before, "test")
    assert source_of(RUN, step, source).step == expected
    other = EpisodeSource(Path("other"), 20, "test")
    assert source_of(RUN, None, other).step == 30


def test_a_better_checkpoint_is_named() -> None:
    assert newer_checkpoint(RUN, EpisodeSource(RUN.path, 30, "test")) == ""
    words = newer_checkpoint(RUN, EpisodeSource(RUN.path, 10, "test"))
    assert words == f"Looked at is step 10; the {RUN.own_checkpoint} is step 30."


def test_points_go_back_to_the_tasks_own() -> None:
    points = EditedPoints()
    own = np.array([1.0, 2.0], np.float32), np.array([3.0, 4.0], np.float32)
    points.take_own(*own)
    points.move(0, -1.0, 0.5)
    points.add(4.0, 4.0)
    assert (points.is_changed, points.chosen) == (True, 2)
    points.remove(0)
    assert (points.x.tolist(), points.chosen) == ([2.0, 4.0], 0)
    points.remove(1)
    assert "last point" in points.why_not_removed()
    points.go_back()
    assert (points.is_changed, own[0].tolist(), points.chosen) == (False, [1.0, 2.0], None)
    assert "Click on a point" in points.why_not_removed()


def test_points_are_as_many_as_a_mouse_can_tell_apart() -> None:
    points = EditedPoints()
    for place in range(MOST_POINTS):
        assert points.why_not_added() == ""
        points.add(float(place), 0.0)
    assert "remove one first" in points.why_not_added()


def test_the_note_says_for_which_order_tasks_are_gone_through() -> None:
    assert going_words(None) == "Going through the first tasks of the test split ..."
    said = going_words(ORDERS[0])
    assert said == f"Going through the first tasks of the test split, for: {ORDERS[0].title} ..."
