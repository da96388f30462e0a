"""Figures and values that leave the panel."""

import csv
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFileDialog
from pytestqt.qtbot import QtBot

from engine.metrics import training_metrics
from leo_studio.controller import Controller
from leo_studio.records import Notice
from leo_studio.ui.actions import ActionRegistry
from leo_studio.ui.curves import CurvesPanel
from leo_studio.ui.curves.export import FigureOptions
from leo_studio.ui.theme import DARK, LIGHT, ThemeManager
from tests.leo_studio.ui.curves.conftest import MakeRun
from tests.leo_studio.ui.curves.test_panel import show


@pytest.fixture
def shown(panel: CurvesPanel, make_run: MakeRun, qtbot: QtBot) -> Path:
    path = make_run(100)
    show(panel, qtbot, path)
    return path


def test_an_svg_figure_has_titles_axes_and_legend_as_text(
    panel: CurvesPanel, shown: Path, tmp_path: Path
) -> None:
    target = tmp_path / "figure.svg"
    panel.save_figure(target)
    root = ElementTree.parse(target).getroot()
    texts = [(each.text or "").strip() for each in root.iter("{http://www.w3.org/2000/svg}text")]
    for expected in ("Accuracy", "outer step", "accuracy (%)", "query loss", shown.name):
        assert expected in texts
    assert "KL" not in texts  # it is off in the legend


def test_a_pdf_figure_is_one_page(panel: CurvesPanel, shown: Path, tmp_path: Path) -> None:
    panel.save_figure(tmp_path / "figure.pdf")
    content = (tmp_path / "figure.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert b"/Count 1" in content


def test_a_png_figure_has_as_many_pixels_as_the_scale_asks_for(
    panel: CurvesPanel, shown: Path, tmp_path: Path
) -> None:
    sizes = []
    for scale in (1.0, 3.0):
        panel.save_figure(tmp_path / "figure.png", FigureOptions(".png", scale))
        sizes.append(QImage(str(tmp_path / "figure.png")).width())
    assert sizes[1] == 3 * sizes[0] > 1000


def test_a_figure_is_light_in_a_dark_window_unless_it_is_asked_for(
    panel: CurvesPanel, shown: Path, themes: ThemeManager, tmp_path: Path
) -> None:
    themes.choose("dark")
    for is_light, theme in ((True, LIGHT), (False, DARK)):
        panel.save_figure(tmp_path / "figure.png", FigureOptions(".png", 1.0, is_light))
        corner = QImage(str(tmp_path / "figure.png")).pixelColor(2, 2)
        assert corner == QColor(theme.raised)
        # The window has its own colours again.
        canvas = panel.plots["loss"].canvas.view
        assert canvas.backgroundBrush().color() == QColor(DARK.raised)


def test_a_figure_can_be_pasted(panel: CurvesPanel, shown: Path, actions: ActionRegistry) -> None:
    actions["curves.copy_figure"].trigger()
    image = QGuiApplication.clipboard().image()
    assert image.width() > 1000
    QGuiApplication.clipboard().clear()


def test_values_are_one_row_per_step_as_they_were_measured(
    panel: CurvesPanel, shown: Path, controller: Controller, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(controller.notified):
        panel.save_values(tmp_path / "values.csv")
    with (tmp_path / "values.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    measured = training_metrics(shown).arrays()
    assert [int(row["step"]) for row in rows] == list(range(1, 101))
    assert {row["run"] for row in rows} == {shown.name}
    assert int(rows[9]["episodes"]) == 10 * 3
    for name in ("loss", "gradient_norm", "steps_per_second"):
        written = np.array([float(row[name]) for row in rows], dtype=np.float32)
        np.testing.assert_array_equal(written, measured[name].astype(np.float32))
    with (tmp_path / "values.validation.csv").open(encoding="utf-8", newline="") as file:
        (validation,) = csv.DictReader(file)
    assert (validation["step"], float(validation["accuracy"])) == ("50", 0.5)


def test_values_of_all_shown_runs_go_to_one_file(
    panel: CurvesPanel,
    shown: Path,
    make_run: MakeRun,
    controller: Controller,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    second = make_run(20)
    show(panel, qtbot, shown, second)
    with qtbot.waitSignal(controller.notified):
        panel.save_values(tmp_path / "values.csv")
    text = (tmp_path / "values.csv").read_text(encoding="utf-8")
    assert text.count(f"{shown.name},") == 100
    assert text.count(f"{second.name},") == 20


def test_a_figure_that_cannot_be_written_is_told_and_leaves_nothing(
    panel: CurvesPanel, shown: Path, controller: Controller, tmp_path: Path
) -> None:
    notices: list[Notice] = []
    controller.notified.connect(notices.append)
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    panel.save_figure(tmp_path / "file" / "figure.svg")
    assert [notice.kind for notice in notices] == ["error"]


def test_the_figure_is_exported_through_its_dialogs_and_the_folder_is_remembered(
    panel: CurvesPanel, shown: Path, actions: ActionRegistry, tmp_path: Path, qtbot: QtBot
) -> None:
    actions["curves.export_figure"].trigger()
    dialog = panel.findChild(QDialog, "figure_dialog")
    assert dialog is not None
    kinds = dialog.findChild(QComboBox, "figure_format")
    buttons = dialog.findChild(QDialogButtonBox)
    assert kinds is not None and buttons is not None
    kinds.setCurrentIndex(kinds.findData(".svg"))
    accept = next(
        button
        for button in buttons.buttons()
        if buttons.buttonRole(button) == QDialogButtonBox.ButtonRole.AcceptRole
    )
    QTest.mouseClick(accept, Qt.MouseButton.LeftButton)
    files = panel.findChild(QFileDialog, "export_file")
    assert files is not None
    files.setDirectory(str(tmp_path))
    files.selectFile("mine.svg")
    files.accept()
    assert (tmp_path / "mine.svg").is_file()
    actions["curves.export_values"].trigger()
    again = [each for each in panel.findChildren(QFileDialog) if each.isVisible()]
    assert [Path(each.directory().path()) for each in again] == [tmp_path]
    again[0].reject()
