"""What a person has shown a run in "Try it", among the codes of its episodes."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.projection import LinearBasis
from leo_studio.services.controller import Controller
from leo_studio.services.records import RunEntry
from leo_studio.services.try_records import ReadExamples, TriedCodes, TryRequest, TryResult
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.latents import LatentsPanel
from leo_studio.ui.latents.tried_marks import TriedMarks
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.ui.latents.conftest import Open


@pytest.fixture
def panel(
    toy_run: RunEntry,
    open_panel: Open,
    qtbot: QtBot,
) -> LatentsPanel:
    """The panel with the codes of 12 episodes of a run."""
    made = open_panel()
    qtbot.waitUntil(lambda: made.shown is not None, timeout=10_000)
    return made


@pytest.fixture
def tried(toy_run: RunEntry, controller: Controller, qtbot: QtBot) -> TriedCodes:
    """Two classes of the store, two examples each, and three queries, answered by the run."""
    read = list[ReadExamples]()
    for label in (3, 5):
        controller.try_it.of_store(toy_run.path, "test", label, 5, read.append)
    qtbot.waitUntil(lambda: len(read) == 2)
    classes = tuple(each.examples[:2] for each in read)
    queries = read[0].examples[2:]
    request = TryRequest(toy_run.path, None, ("hawk", "owl"), classes, queries, 0.0)
    answered = list[TryResult]()
    controller.try_it.answer(request, answered.append, controller.notify_failure)
    qtbot.waitUntil(lambda: bool(answered))
    return TriedCodes(answered[0], (0, 1))


def drawn(marks: TriedMarks) -> tuple[np.ndarray, np.ndarray]:
    """Return where classes and queries are drawn."""
    return np.stack(marks._classes.getData(), 1), np.stack(marks._queries.getData(), 1)


def is_drawn(panel: LatentsPanel) -> bool:
    marks = panel.plot.tried
    visible = [item.isVisible() for item in (marks._classes, marks._queries, *marks._names)]
    assert all(visible) or not any(visible)
    return all(visible)


def legend(panel: LatentsPanel) -> list[str]:
    rows = panel.legend.list
    return [rows.item(row).text() for row in range(rows.count())]


def test_classes_and_queries_lie_on_the_axes_of_the_codes_and_follow_a_change(
    panel: LatentsPanel, tried: TriedCodes
) -> None:
    assert not is_drawn(panel)
    panel.show_tried(tried)
    assert is_drawn(panel) and isinstance(panel.basis, LinearBasis)
    answers = tried.result.answers
    classes, queries = drawn(panel.plot.tried)
    assert classes == pytest.approx(panel.basis.project(answers.class_codes))
    assert queries == pytest.approx(panel.basis.project(answers.codes)) and len(queries) == 3
    assert [item.toPlainText() for item in panel.plot.tried._names] == ["hawk", "owl"]
    assert "Yours: classes, queries" in legend(panel)[:2]  # not behind so many classes
    assert "edged: yours" in panel.drawing.key.text()
    # All of it is seen.
    (left, right), (bottom, top) = panel.plot.box.viewRange()
    both = np.concatenate([classes, queries])
    assert ((both > (left, bottom)) & (both < (right, top))).all()

    moved = replace(
        answers,
        class_codes=answers.class_codes + 1,
        codes=answers.codes[:1],
        probabilities=answers.probabilities[:1],
    )
    result = replace(tried.result, answers=moved, queries=tried.result.queries[:1])
    panel.show_tried(TriedCodes(result, (0, 1)))
    classes, queries = drawn(panel.plot.tried)
    assert classes == pytest.approx(panel.basis.project(moved.class_codes)) and len(queries) == 1

    panel.show_tried(None)
    assert not is_drawn(panel) and "Yours" not in " ".join(legend(panel))
    assert "yours" not in panel.drawing.key.text()


def test_those_of_another_run_or_checkpoint_are_not_drawn(
    panel: LatentsPanel, tried: TriedCodes, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    panel.show_tried(TriedCodes(replace(tried.result, run_id="another"), (0, 1)))
    assert not is_drawn(panel)
    panel.show_tried(tried)
    assert is_drawn(panel)
    source = selection.source
    run = selection.run.entry
    assert source is not None and run is not None
    other = next(step for step in run.checkpoints if step != source.step)
    selection.set_source(replace(source, step=other))
    qtbot.waitUntil(lambda: not is_drawn(panel))
    qtbot.waitUntil(lambda: f"Try it asks step {source.step}" in panel.status.text())
    selection.set_source(source)
    qtbot.waitUntil(lambda: is_drawn(panel))


def test_the_mouse_is_told_the_name_the_answer_and_its_probability(
    panel: LatentsPanel, tried: TriedCodes, qtbot: QtBot
) -> None:
    panel.show_tried(tried)
    points = panel.plot.tried.points
    assert points is not None
    view = panel.plot.view.viewport()

    def is_told(row: int) -> bool:
        # The legend has more to say, and takes room of the plot, which moves what is drawn.
        place: QPoint = panel.plot.view.mapFromScene(
            panel.plot.box.mapViewToScene(QPointF(*points.all[row]))
        )
        QTest.mouseMove(view, place + QPoint(1, 0))
        QTest.mouseMove(view, place)
        return panel.card.isVisible() and panel.card.text.text() == points.texts[row]

    for row in (0, len(points.texts) - 1):
        qtbot.waitUntil(partial(is_told, row))
        assert not panel.card.picture.isVisible()
    assert points.texts[2].startswith(tried.result.queries[0].name) and "%" in points.texts[2]
    QTest.mouseMove(view, view.rect().topLeft() + QPoint(1, 1))
    qtbot.waitUntil(lambda: not panel.card.isVisible())


def test_they_are_switched_off_in_the_options_which_is_remembered(
    panel: LatentsPanel, tried: TriedCodes
) -> None:
    panel.show_tried(tried)
    box = panel.controls.popover.switches["shows_tried"]
    assert box.isChecked()
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
    assert not box.isChecked() and not is_drawn(panel)
    remembered = panel.remembered()
    box.setChecked(True)
    assert is_drawn(panel)
    panel.restore(remembered)
    assert not is_drawn(panel) and not box.isChecked()


def test_axes_that_have_no_place_for_them_say_so_in_the_notes(
    panel: LatentsPanel, tried: TriedCodes, qtbot: QtBot
) -> None:
    panel.show_tried(tried)
    panel.set_method("tsne")
    qtbot.waitUntil(lambda: panel.shown is not None and not panel.shown.is_linear, timeout=60_000)
    assert not is_drawn(panel)
    assert "yours are not shown: t-SNE has no axes" in panel.status.text()
    assert not panel.controls.popover.switches["shows_tried"].isEnabled()
    panel.show_tried(None)
    assert "yours" not in panel.status.text()
    panel.show_tried(tried)
    panel.set_method("pca")
    qtbot.waitUntil(lambda: is_drawn(panel))
    assert "yours" not in panel.status.text()


def test_names_and_edges_follow_the_theme(
    panel: LatentsPanel, tried: TriedCodes, themes: ThemeManager, qtbot: QtBot
) -> None:
    panel.show_tried(tried)
    for name in ("dark", "light"):
        themes.choose(name)
        qtbot.waitUntil(lambda: themes.is_settled)
        edge = panel.plot.tried._classes.opts["pen"].color().name()
        assert edge == themes.current.text.lower()
        assert panel.plot.tried._names[0].color.name() == edge
