from pathlib import Path

import numpy as np
import pytest

from leo_studio.analysis.functions.edited_points import EditedPoints, KeptAs


@pytest.fixture
def points() -> EditedPoints:
    made = EditedPoints()
    made.take_own(np.arange(3, dtype=np.float32), np.zeros(3, np.float32))
    return made


def test_changes_of_points_are_undone_and_redone_one_by_one(points: EditedPoints) -> None:
    assert not points.undo() and points.undo_words == ""
    points.move(1, 1.5, 2.0)
    points.add(4.0, 1.0)
    points.remove(0)
    assert points.undo_words == "removing a point" and points.redo_words == ""
    assert points.undo() and points.x.tolist() == [0, 1.5, 2, 4]
    assert points.undo() and points.x.tolist() == [0, 1.5, 2] and points.chosen == 1
    assert (points.undo_words, points.redo_words) == ("moving a point", "adding a point")
    assert points.redo() and points.x.tolist() == [0, 1.5, 2, 4]
    assert points.undo() and points.undo() and not points.is_changed
    points.add(9.0, 9.0)  # what was undone cannot be made again after another change
    assert points.redo_words == "" and not points.redo()


def test_one_drag_is_one_change_and_the_next_is_another(points: EditedPoints) -> None:
    for y in (0.5, 1.0, 1.5):
        points.move(1, 1.0, y)
    points.end_move()
    for y in (2.0, 2.5):
        points.move(1, 1.0, y)
    points.move(2, 2.0, 7.0)
    assert points.undo() and points.y.tolist() == [0, 2.5, 0]
    assert points.undo() and points.y.tolist() == [0, 1.5, 0]
    assert points.undo() and not points.is_changed
    assert not points.undo()


def test_going_back_to_the_task_is_undone_too_and_another_task_begins_anew(
    points: EditedPoints,
) -> None:
    points.move(0, 0.0, 3.0)
    points.go_back()
    assert not points.is_changed and points.undo_words == "going back to the task"
    assert points.undo() and points.y[0] == 3
    points.take_own(np.ones(2, np.float32), np.ones(2, np.float32))
    assert points.undo_words == points.redo_words == ""


def test_changes_of_a_task_come_back_with_its_own_points(points: EditedPoints) -> None:
    own, other = points.own, (np.ones(2, np.float32), np.ones(2, np.float32))
    points.name(KeptAs(Path("a"), "first"))
    points.move(0, 0.0, 3.0)
    points.add(5.0, 1.0)
    points.undo()
    points.take_own(*other)
    assert points.y.tolist() == [1, 1]
    points.rename(Path("a"), "second")
    points.take_own(*own)
    assert points.y.tolist() == [3, 0, 0]
    assert (points.undo_words, points.redo_words) == ("moving a point", "adding a point")
    assert points.kept_as == KeptAs(Path("a"), "second", is_changed=True)
    assert points.undo() and not points.is_changed
    points.take_own(*other)
    assert points.undo_words == ""  # nothing was done to this one


def test_of_very_many_changes_the_last_are_kept_and_the_tasks_own_points(
    points: EditedPoints,
) -> None:
    for change in range(600):
        points.end_move()
        points.move(0, 0.0, float(change + 1))
    undone = 0
    while points.undo():
        undone += 1
    assert undone == 500 and not points.is_changed


def kept_as(points: EditedPoints) -> KeptAs | None:
    return points.kept_as


def test_points_know_what_they_are_kept_as_until_they_are_changed(points: EditedPoints) -> None:
    x, y = np.ones(2, np.float32), np.ones(2, np.float32)
    kept = KeptAs(Path("a.json"), "higher")
    points.move(0, 0.0, 3.0)
    assert kept_as(points) is None
    points.replace(x, y, kept)
    assert kept_as(points) == kept
    points.move(0, 0.0, 4.0)
    points.move(0, 0.0, 5.0)
    points.rename(Path("b.json"), "of another")
    points.rename(Path("a.json"), "lower")
    assert kept_as(points) == KeptAs(Path("a.json"), "lower", is_changed=True)
    assert points.undo() and kept_as(points) == KeptAs(Path("a.json"), "lower")
    assert points.undo() and kept_as(points) is None
    assert points.redo() and kept_as(points) == KeptAs(Path("a.json"), "lower")
    points.go_back()
    assert kept_as(points) is None
    points.name(kept)  # the task's own, which were kept
    points.take_own(x, y)
    assert kept_as(points) is None
