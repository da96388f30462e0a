"""The export dialog, driven as a person drives it, with the real command line behind it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.export.bundle_reading import read_bundle
from engine.export.formats import FORMATS
from leo_studio.services.controller import Controller
from leo_studio.services.export_plan import file_stem
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.widgets.last_folders import LastFolder
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.export_dialog import ExportDialog
from tests.leo_studio.ui.conftest import OpenWindow, Train

# A first export loads its libraries, which takes a busy machine half a minute.
PATIENCE = 120_000


@pytest.fixture
def run(toy_run: RunEntry) -> RunEntry:
    return toy_run


@pytest.fixture
def parent(qtbot: QtBot) -> Iterator[QWidget]:
    window = QWidget()  # kept until the end: the dialog goes with it
    qtbot.addWidget(window)
    yield window


@pytest.fixture
def dialog(controller: Controller, run: RunEntry, parent: QWidget) -> ExportDialog:
    made = ExportDialog(controller, run, parent)
    made.show()
    return made


def choose(dialog: ExportDialog, format_name: str, target: Path) -> None:
    dialog.format.setCurrentIndex(dialog.format.findData(format_name))
    dialog.target.selectAll()
    dialog.target.insert(str(target))


def offered(dialog: ExportDialog) -> list[str]:
    return [dialog.format.itemData(place) for place in range(dialog.format.count())]


def rows(dialog: ExportDialog) -> list[list[str]]:
    found = []
    for place in range(dialog.files.topLevelItemCount()):
        item = dialog.files.topLevelItem(place)
        assert item is not None
        found.append([item.text(column) for column in range(3)])
    return found


def test_a_bundle_is_written_with_its_exact_size(
    dialog: ExportDialog, controller: Controller, run: RunEntry, qtbot: QtBot, tmp_path: Path
) -> None:
    target = tmp_path / "toy.leo"
    choose(dialog, "bundle", target)
    assert rows(dialog)[0][0] == "toy.leo" and rows(dialog)[0][1].startswith("about ")
    told: list[Notice] = []
    controller.notified.connect(told.append)
    dialog.start.click()
    assert dialog.start.text() == "Cancel export" and dialog.bar.isVisible()
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE)
    assert told[0].kind == "success" and str(target) in told[0].text
    assert told[0].text.startswith(f"Exported {run.title}, step ")
    digits = "".join(sign for sign in rows(dialog)[0][1] if sign.isdigit())
    assert int(digits) == target.stat().st_size and "SHA-256" in rows(dialog)[0][2]
    assert read_bundle(target).manifest.run.name == run.name
    assert dialog.start.text() == "Export" and not dialog.bar.isVisible()


@pytest.mark.slow
def test_onnx_models_show_the_result_of_their_check(
    dialog: ExportDialog,
    controller: Controller,
    add_run: Train,
    toy_experiment: Experiment,
    parent: QWidget,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    choose(dialog, "onnx", tmp_path / "models")
    assert [row[0] for row in rows(dialog)] == ["adapt.onnx", "predict.onnx", "adapt_sampled.onnx"]
    # The variant with the fewest programs, of a step each: every one takes seconds to translate.
    settings = {
        "name": "quick",
        "learner.variant": "deterministic",
        "learner.inner_steps": 1,
        "learner.finetuning_steps": 1,
        "schedule.steps": 2,
    }
    quick = ExportDialog(controller, add_run(toy_experiment.with_settings(settings)), parent)
    quick.show()
    choose(quick, "onnx", tmp_path / "models")
    assert [row[0] for row in rows(quick)] == ["adapt.onnx", "predict.onnx"]
    quick.start.click()
    qtbot.waitUntil(lambda: not quick.bar.isVisible(), timeout=PATIENCE)
    assert [row[0] for row in rows(quick)] == ["adapt.onnx", "predict.onnx"]
    assert all(row[2].startswith("agrees with the engine") for row in rows(quick))


def test_what_cannot_be_written_is_said_beside_the_form(
    dialog: ExportDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    choose(dialog, "bundle", tmp_path / "toy.zip")
    assert "must end with .leo" in dialog.problem.text() and not dialog.start.isEnabled()
    dialog.target.setText("~no-such-user/model.leo")
    assert "no home folder is known" in dialog.problem.text() and not dialog.start.isEnabled()
    (tmp_path / "file").write_text("x")
    choose(dialog, "bundle", tmp_path / "file" / "toy.leo")
    dialog.start.click()
    qtbot.waitUntil(lambda: "cannot be written" in dialog.problem.text(), timeout=PATIENCE)
    assert dialog.start.isEnabled()


def test_the_command_is_the_one_that_would_do_the_same(
    dialog: ExportDialog, run: RunEntry, tmp_path: Path
) -> None:
    choose(dialog, "episodes", tmp_path / "e.npz")
    dialog.episodes.setValue(30)
    words = dialog.command.text()
    assert words.startswith(f"leo-studio export {run.path} --checkpoint ")
    assert "--format episodes --split test --episodes 30 --out" in words


def test_an_export_can_be_cancelled_and_leaves_nothing(
    dialog: ExportDialog, controller: Controller, qtbot: QtBot, tmp_path: Path
) -> None:
    choose(dialog, "onnx", tmp_path / "models")
    dialog.start.click()
    (run,) = controller.runs
    titles = [task.title for task in controller.tasks]
    assert titles == [f"Exporting {controller.title_of(run.path)}"] and run.name not in titles[0]
    dialog.start.click()
    qtbot.waitUntil(lambda: not controller.tasks, timeout=PATIENCE)
    assert not list(tmp_path.rglob("*.onnx"))
    assert dialog.start.text() == "Export"


def test_an_export_ends_well_and_is_remembered_when_its_dialog_is_closed_meanwhile(
    dialog: ExportDialog,
    controller: Controller,
    run: RunEntry,
    parent: QWidget,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    told: list[Notice] = []
    controller.notified.connect(told.append)
    choose(dialog, "safetensors", tmp_path / "toy.safetensors")
    dialog.start.click()
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.close()
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE)
    assert told[0].kind == "success" and (tmp_path / "toy.safetensors").is_file()
    again = ExportDialog(controller, run, parent)
    assert again.format.currentData() == "safetensors"
    assert Path(again.target.text()).parent == tmp_path


def test_it_offers_what_the_chosen_runs_learner_has(
    controller: Controller,
    run: RunEntry,
    add_run: Train,
    toy_experiment: Experiment,
    parent: QWidget,
) -> None:
    ridge = add_run(toy_experiment.with_settings({"name": "ridge", "learner.kind": "ridge"}))
    dialog = ExportDialog(controller, run, parent)
    assert offered(dialog) == list(FORMATS)
    dialog.format.setCurrentIndex(dialog.format.findData("onnx"))
    dialog.run.setCurrentText(ridge.title)
    assert offered(dialog) == ["bundle", "episodes", "tensorboard"]
    assert dialog.format.currentData() == "bundle" and dialog.target.text().endswith(".leo")
    assert dialog.request is not None and dialog.request.run == ridge.path
    assert [row[0] for row in rows(dialog)] == [f"{file_stem(ridge.title)}.leo"]
    dialog.format.setCurrentIndex(dialog.format.findData("tensorboard"))
    dialog.run.setCurrentText(run.title)
    assert offered(dialog) == list(FORMATS) and dialog.format.currentData() == "tensorboard"


def test_without_a_run_it_says_what_to_do(controller: Controller, parent: QWidget) -> None:
    dialog = ExportDialog(controller, None, parent)
    assert "train one first" in dialog.problem.text() and not dialog.start.isEnabled()


def test_a_bundle_that_is_opened_becomes_a_run_and_is_shown(
    open_window: OpenWindow, dialog: ExportDialog, run: RunEntry, qtbot: QtBot, tmp_path: Path
) -> None:
    from engine.export.bundle import save_bundle
    from engine.export.trained import trained
    from engine.runs.run import Run

    bundle = tmp_path / "toy.leo"
    save_bundle(bundle, trained(Run(run.path)))
    run.path.rename(tmp_path / "elsewhere")  # else it is in the library already
    window = open_window(str(bundle))
    library = window.controller.library
    qtbot.waitUntil(
        lambda: any(each.path.parent == library.runs for each in window.controller.runs),
        timeout=PATIENCE,
    )
    imported = next(each for each in window.controller.runs if each.path.parent == library.runs)
    assert imported.name == run.name and imported.id == run.id


def test_a_name_that_is_too_long_is_told_in_place(dialog: ExportDialog, tmp_path: Path) -> None:
    choose(dialog, "bundle", tmp_path / f"{'x' * 300}.leo")
    assert "File name too long" in dialog.problem.text() and not dialog.start.isEnabled()


def test_the_ending_that_is_typed_chooses_the_format_and_the_format_the_ending(
    dialog: ExportDialog, tmp_path: Path
) -> None:
    def type_in(name: str) -> None:
        dialog.target.selectAll()
        QTest.keyClicks(dialog.target, str(tmp_path / name))

    for name, format_name in (("a.safetensors", "safetensors"), ("a.pt", "pytorch")):
        type_in(name)
        assert dialog.format.currentData() == format_name and dialog.start.isEnabled()
        assert dialog.target.text() == str(tmp_path / name)  # as it was typed
    type_in("a.onnx")
    assert dialog.format.currentData() == "onnx"
    assert dialog.request is not None and dialog.request.out == tmp_path / "a"
    assert 'go into the folder "a"' in dialog.purpose.text()
    dialog.format.setCurrentIndex(dialog.format.findData("bundle"))
    assert dialog.target.text() == str(tmp_path / "a.leo")
    type_in("a.npz")
    assert dialog.format.currentData() == "episodes" and dialog.episodes.isEnabled()


def test_the_run_and_the_weights_stand_at_the_top_in_full(
    dialog: ExportDialog, run: RunEntry
) -> None:
    assert dialog.title.text() == f"{run.title} · step {dialog.weights.currentText()}"
    dialog.weights.setCurrentIndex(dialog.weights.findData(15))
    assert dialog.title.text() == f"{run.title} · step 15"
    assert dialog.title.geometry().bottom() <= dialog.run.geometry().top()
    assert dialog.title.hasHeightForWidth()  # a long name wraps


def test_an_export_of_programs_names_its_stages(
    dialog: ExportDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    choose(dialog, "torch-export", tmp_path / "programs")
    said: list[str] = []
    dialog._controller.tasks_changed.connect(lambda: said.append(dialog.stage.text()))
    dialog.start.click()
    qtbot.waitUntil(lambda: dialog.start.text() == "Export", timeout=PATIENCE)
    assert not dialog.problem.text().strip(), dialog.problem.text()
    assert "Tracing adapt.pt2..." in said  # others may be over between two looks
    assert not dialog.stage.text().strip()


def test_the_dialog_fits_a_small_screen_with_large_text(
    dialog: ExportDialog, themes: ThemeManager, qtbot: QtBot
) -> None:
    themes.choose("light", 1.5)
    dialog.adjustSize()
    for format_name in FORMATS:
        dialog.format.setCurrentIndex(dialog.format.findData(format_name))
        least = dialog.minimumSizeHint()
        assert least.width() <= 1150 and least.height() <= 720, format_name


@pytest.mark.parametrize("text_scale", [1.0, 1.5])
def test_what_a_format_is_for_is_never_cut_off(
    controller: Controller,
    run: RunEntry,
    parent: QWidget,
    themes: ThemeManager,
    qtbot: QtBot,
    text_scale: float,
) -> None:
    themes.choose("light", text_scale)
    dialog = ExportDialog(controller, run, parent)
    dialog.show()
    for place in range(dialog.format.count()):
        dialog.format.setCurrentIndex(place)
        qtbot.wait(1)
        purpose = dialog.purpose
        assert purpose.height() >= purpose.heightForWidth(purpose.width())


def test_a_model_is_proposed_to_go_where_the_last_figure_went(
    controller: Controller, run: RunEntry, parent: QWidget, tmp_path: Path
) -> None:
    LastFolder(controller.library.root, "export").remember(tmp_path / "curves.png")
    made = ExportDialog(controller, run, parent)
    assert Path(made.target.text()).parent == tmp_path
