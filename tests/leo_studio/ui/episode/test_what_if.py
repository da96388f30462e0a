"""Changes of an episode by hand: made, said in words, taken back, and kept."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.inspection.records import Inspection
from engine.inspection.what_if import Edit, WhatIf
from leo_studio.analysis.episode.changes import result
from leo_studio.services.records import EpisodeSource, RunEntry
from leo_studio.ui.episode import EpisodePanel
from leo_studio.ui.episode.chooser import Chooser
from leo_studio.ui.inspection.selection import EpisodeSelection
from tests.leo_studio.ui.conftest import Train
from tests.leo_studio.ui.episode.conftest import EPISODE, seen
from tests.pictures_store import write_pictures_store


def chips(panel: EpisodePanel) -> list[str]:
    """Return what the changes say."""
    buttons = panel.what_if.findChildren(QPushButton)
    texts = [button.text() for button in buttons if not button.isHidden()]
    return [text.removesuffix("  ✕") for text in texts if text.endswith("✕")]


def test_an_example_is_dropped_and_another_added_with_the_mouse(
    panel: EpisodePanel, change: Callable[..., Inspection], qtbot: QtBot
) -> None:
    plain = seen(panel)
    change(lambda: QTest.mouseClick(panel.header.what_if, Qt.MouseButton.LeftButton))
    row = int(plain.support[0, 1, 0])
    drop = panel.right.support.findChild(QToolButton, f"drop-1-{row}")
    assert drop is not None
    changed = change(lambda: QTest.mouseClick(drop, Qt.MouseButton.LeftButton))
    assert changed.support[0, 1].tolist() == [int(plain.support[0, 1, 1]), -1]
    assert not np.allclose(changed.mean[0, 1], plain.mean[0, 1])
    assert panel.result.text() == result(changed, plain).text
    assert panel.what_if.words.text() == f"Changed: 1 support example taken out (val-{row})."
    assert seen(panel) is plain

    add = panel.right.support.findChild(QToolButton, "add-1")
    assert add is not None
    QTest.mouseClick(add, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.findChild(Chooser) is not None)
    chooser = panel.findChild(Chooser)
    assert isinstance(chooser, Chooser) and chooser.list.count() == 30
    used = [chooser.list.item(place) for place in range(30)]
    assert sum("in use" in item.text() for item in used) == 1
    query = int(plain.query[0, 1, 4])
    chooser.search.setText(f"val-{query}")
    changed = change(lambda: QTest.keyClick(chooser.search, Qt.Key.Key_Return))
    assert changed.support[0, 1].tolist() == [int(plain.support[0, 1, 1]), query]
    assert query not in changed.query[0, 1]
    assert panel.what_if.what_if.edits == (Edit("drop", 1, row), Edit("add", 1, query))
    qtbot.waitUntil(lambda: f"with val-{query} (" in chips(panel)[1])


def test_changes_are_told_of_the_class_that_stands_there_by_then(
    panel: EpisodePanel, change: Callable[..., Inspection], qtbot: QtBot
) -> None:
    plain = seen(panel)
    names = [plain.class_names[label] for label in plain.classes[0].tolist()]
    strangers = [label for label, name in enumerate(plain.class_names) if name not in names]
    change(panel.header.what_if.click)
    swapped = change(lambda: panel.what_if.edit(Edit("swap", 0, strangers[0])))
    row = int(swapped.support[0, 0, 0])
    change(lambda: panel.what_if.edit(Edit("drop", 0, row)))
    stranger = plain.class_names[strangers[0]]
    said = [f"{stranger} instead of {names[0]}", f"without val-{row} ({stranger})"]
    qtbot.waitUntil(lambda: chips(panel) == said)


def test_a_class_is_swapped_by_search(
    panel: EpisodePanel, change: Callable[..., Inspection], qtbot: QtBot
) -> None:
    plain = seen(panel)
    change(panel.header.what_if.click)
    swap = panel.right.support.findChild(QToolButton, "swap-2")
    assert swap is not None
    QTest.mouseClick(swap, Qt.MouseButton.LeftButton)
    chooser = panel.findChild(Chooser)
    assert isinstance(chooser, Chooser)
    names = {chooser.list.item(place).text() for place in range(chooser.list.count())}
    free = [label for label in range(8) if label not in plain.classes[0]]
    assert names == {f"val-{label}" for label in free}
    chooser.search.setText(f"val-{free[-1]}")
    changed = change(lambda: QTest.keyClick(chooser.search, Qt.Key.Key_Return))
    assert changed.classes[0, 2] == free[-1]


def test_changes_are_undone_redone_taken_back_and_reset(
    panel: EpisodePanel, change: Callable[..., Inspection]
) -> None:
    plain = seen(panel)
    bar = panel.what_if
    change(panel.header.what_if.click)
    changed = change(lambda: bar.inner_steps.setValue(1))
    assert changed.inner_steps == 1 and changed.codes.shape[1] == 4
    halved = change(lambda: bar.inner_lr.setValue(0.5))
    assert halved.provenance.what_if == "inner_steps 1; inner_lr 0.5"
    # The Edit menu of the window has the same keys, for the experiment.
    others = [QAction(panel) for _ in range(2)]
    for other, keys in zip(others, ("Ctrl+Z", "Ctrl+Shift+Z"), strict=True):
        other.setShortcut(keys)
        other.triggered.connect(lambda: pytest.fail("meant for the experiment"))
    panel.window().addActions(others)
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    panel.header.what_if.setFocus()
    back = change(lambda: QTest.keyClick(panel.header.what_if, Qt.Key.Key_Z, control))
    np.testing.assert_array_equal(back.codes, changed.codes)
    assert bar.inner_lr.value() == 1.0
    again = change(lambda: QTest.keyClick(panel.header.what_if, Qt.Key.Key_Z, control | shift))
    np.testing.assert_array_equal(again.codes, halved.codes)
    reset = change(bar.reset_button.click)
    np.testing.assert_array_equal(reset.codes, plain.codes)
    assert bar.what_if == WhatIf()


def test_changes_of_an_episode_are_there_again_when_one_comes_back_to_it(
    panel: EpisodePanel,
    selection: EpisodeSelection,
    change: Callable[..., Inspection],
    run: RunEntry,
) -> None:
    change(panel.header.what_if.click)
    changed = change(lambda: panel.what_if.change(WhatIf(inner_steps=1, inner_lr=0.5)))
    plain = change(lambda: selection.show(EPISODE + 1))
    assert panel.what_if.what_if.is_nothing and not panel.what_if.undo_button.isEnabled()
    np.testing.assert_array_equal(plain.codes, seen(panel).codes)
    change(lambda: panel.what_if.change(WhatIf(inner_steps=2)))
    back = change(lambda: selection.show(EPISODE))
    np.testing.assert_array_equal(back.codes, changed.codes)
    assert panel.what_if.words.text().startswith("Changed: inner steps")
    assert panel.result.text() == result(back, seen(panel)).text
    change(panel.what_if.undo)
    assert panel.what_if.what_if.is_nothing
    assert change(lambda: selection.show(EPISODE + 1)).inner_steps == 2
    # Of another split, the episode with this number is another one.
    source = EpisodeSource(run.path, run.checkpoints[-1], "test")
    selection.set_source(source)
    change(lambda: selection.show(EPISODE + 1))
    assert panel.what_if.what_if.is_nothing


def test_what_if_is_never_pressed_where_there_is_no_episode(
    panel: EpisodePanel, selection: EpisodeSelection, change: Callable[..., Inspection]
) -> None:
    change(panel.header.what_if.click)
    source = selection.source
    selection.offer_source(None, "This run has no checkpoint yet.")
    assert panel._nothing.isVisible() and "no checkpoint" in panel._nothing.text()
    assert not panel.header.what_if.isChecked() and not panel.header.what_if.isEnabled()
    selection.set_source(source)
    selection.show(None)
    assert not panel.header.what_if.isChecked()


def test_a_change_that_cannot_be_made_is_said_in_place_and_the_last_result_stays(
    panel: EpisodePanel, change: Callable[..., Inspection], qtbot: QtBot
) -> None:
    change(panel.header.what_if.click)
    rows = seen(panel).support[0, 0].tolist()
    kept = change(lambda: panel.what_if.edit(Edit("drop", 0, rows[0])))
    assert change(lambda: panel.what_if.edit(Edit("drop", 0, rows[1]))) is kept
    assert panel.what_if.problem.isVisible()
    assert "without an example; add another one first" in panel.what_if.problem.text()
    change(panel.what_if.undo)
    assert not panel.what_if.problem.isVisible()


def test_a_kept_change_is_opened_beside_the_episode_as_it_is_with_pictures(
    empty: EpisodePanel,
    selection: EpisodeSelection,
    toy_experiment: Experiment,
    add_run: Train,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    store = write_pictures_store(tmp_path / "pictures.h5")
    settings = {"data.store": str(store.path), "task.examples_per_class": 8}
    run = add_run(toy_experiment.with_settings(settings))
    selection.set_source(EpisodeSource(run.path, run.checkpoints[-1], "val"))
    selection.show(EPISODE)
    qtbot.waitUntil(lambda: empty.inspection is not None and not empty.is_busy)
    plain = seen(empty)
    QTest.mouseClick(empty.header.what_if, Qt.MouseButton.LeftButton)
    row = int(plain.support[0, 1, 0])
    empty.what_if.edit(Edit("drop", 1, row))
    qtbot.waitUntil(lambda: empty.other is not None and not empty.is_busy)
    changed = empty.other
    assert changed is not None and changed.provenance.what_if == f"drop 1 {row}"
    empty.sharing.keep("without the first one")
    qtbot.waitUntil(lambda: bool(list((run.path / "inspections").glob("*.h5"))))
    (kept,) = (run.path / "inspections").glob("*.h5")
    selection.show(3)
    qtbot.waitUntil(lambda: seen(empty).numbers.tolist() == [3] and not empty.is_busy)

    empty.open_kept(kept)
    qtbot.waitUntil(lambda: seen(empty).numbers.tolist() == [EPISODE])
    assert empty.left.title.text() == "As it is" and "kept" in empty.right.title.text()
    np.testing.assert_array_equal(seen(empty).probabilities, plain.probabilities)
    assert empty.other is not None and empty.result.isVisible()
    np.testing.assert_array_equal(empty.other.probabilities, changed.probabilities)
    for view in (empty.left, empty.right):
        assert view.queries.queries.thumbnails.has_images
    QTest.mouseClick(empty.header.back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: seen(empty).numbers.tolist() == [3] and empty.other is None)

    store.path.unlink()
    empty.open_kept(kept)  # its pictures are known already, but also without them it opens
    qtbot.waitUntil(lambda: "without the first one" in empty.header.title.text())


def test_without_its_checkpoint_a_kept_change_opens_alone(
    panel: EpisodePanel, change: Callable[..., Inspection], run: RunEntry, qtbot: QtBot
) -> None:
    change(lambda: QTest.mouseClick(panel.header.what_if, Qt.MouseButton.LeftButton))
    changed = change(lambda: panel.what_if.change(WhatIf(inner_steps=1)))
    panel.sharing.keep("")
    qtbot.waitUntil(lambda: bool(list((run.path / "inspections").glob("*.h5"))))
    (kept,) = (run.path / "inspections").glob("*.h5")
    for weights in (run.path / "checkpoints").glob(f"step-*{run.checkpoints[-1]}.*"):
        weights.unlink()
    panel.open_kept(kept)
    qtbot.waitUntil(lambda: panel.header.title.text().startswith("Kept:"))
    assert panel.other is None and not panel.result.isVisible()
    np.testing.assert_array_equal(seen(panel).probabilities, changed.probabilities)
