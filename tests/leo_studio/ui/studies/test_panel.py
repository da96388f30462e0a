"""The panel Studies on the real engine: listed, opened, carried out, stopped, exported."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.io.locks import holding
from engine.studies.catalogue import study_files
from engine.studies.standing import StudyFolder
from engine.studies.study import load_study
from leo_studio.analysis.study_tables import markdown
from leo_studio.services.controller import Controller
from leo_studio.services.records import Notice
from leo_studio.ui.studies import StudiesPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from tests.leo_studio.ui.studies.conftest import CarryOut, WriteStudy, open_tiny, texts


def row(panel: StudiesPanel, name: str) -> list[str]:
    """Return the texts of a study in the list."""
    items = [panel.list.topLevelItem(place) for place in range(panel.list.topLevelItemCount())]
    (found,) = [item for item in items if item is not None and item.text(0) == name]
    return [found.text(column) for column in range(4)]


def folder_of(controller: Controller) -> StudyFolder:
    return StudyFolder(controller.library.studies / "tiny")


def click(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_studies_of_the_program_and_of_the_library_are_listed_with_how_they_stand(
    panel: StudiesPanel,
) -> None:
    about = "Whether LEO is better than nearest class mean on toys"
    assert row(panel, "tiny") == ["tiny", about, "0 of 6", "not begun"]
    assert row(panel, "table-2-glyphs")[2:] == ["0 of 118", "not begun"]


def test_a_study_that_cannot_be_read_says_why_and_hides_no_other(
    panel: StudiesPanel, write_study: WriteStudy, qtbot: QtBot
) -> None:
    write_study(name="broken", preset="gone")
    panel.show_all()
    count = len(study_files()) + 2  # with the one that can be read
    qtbot.waitUntil(lambda: panel.list.topLevelItemCount() == count, timeout=30_000)
    _, about, runs, state = row(panel, "broken")
    assert 'No preset named "gone"' in about
    assert (runs, state) == ("", "cannot be read")
    panel.open_study("broken")
    qtbot.waitUntil(lambda: "No preset named" in panel.page.lead.text(), timeout=30_000)
    assert not panel.page.start_button.isEnabled()


@pytest.mark.slow
def test_a_study_is_started_stopped_and_goes_on_to_a_whole_table(
    panel: StudiesPanel,
    controller: Controller,
    qtbot: QtBot,
    carry_out: CarryOut,
    write_study: WriteStudy,
) -> None:
    write_study(rows=[{"name": "LEO"}], against=None, seeds=1, set={"schedule.steps": 100_000})
    open_tiny(panel, qtbot)
    assert panel.page.state.text() == "not begun, 2 runs"
    panel.page.controls.at_once.setValue(1)
    click(panel.page.start_button)
    assert not panel.page.start_button.isVisible() and panel.page.stop_button.isVisible()
    assert not panel.page.controls.first_look.isEnabled()

    def has_begun() -> bool:
        view = panel.view
        return view is not None and any(each.progress > 0 for each in view.standings)

    qtbot.waitUntil(has_begun, timeout=60_000)
    assert panel.page.state.text() == "under way, 0 of 2 runs done"
    assert texts(panel)[0][0].startswith("trained to ")
    click(panel.page.stop_button)
    assert panel.page.stop_button.text() == "Stopping ..."
    qtbot.waitUntil(lambda: not controller.studies.under_way, timeout=60_000)
    ended = "not finished, 0 of 2 runs done"
    qtbot.waitUntil(lambda: panel.page.state.text() == ended, timeout=30_000)
    assert panel.page.start_button.text() == "&Go on" and panel.page.start_button.isEnabled()
    (run,) = folder_of(controller).runs.glob("*/run.json")
    assert list((run.parent / "checkpoints").iterdir())

    write_study(rows=[{"name": "LEO"}], against=None, seeds=1, set={"schedule.steps": 40})
    folder_of(controller).file.unlink()
    open_tiny(panel, qtbot)
    click(panel.page.start_button)
    state = panel.page.state
    qtbot.waitUntil(lambda: state.text() == "done, 2 runs", timeout=60_000)
    assert all("±" in text for text in texts(panel)[0])
    assert not controller.studies.under_way
    assert "Not every run is evaluated yet." not in panel.page.notes.text()


def test_a_first_look_shows_other_runs_and_leaves_the_study_as_it_was_written(
    panel: StudiesPanel, controller: Controller, write_study: WriteStudy, qtbot: QtBot
) -> None:
    write_study(rows=[{"name": "LEO"}], against=None)
    open_tiny(panel, qtbot)
    controls = panel.page.controls

    def steps_and_runs() -> tuple[set[int], int]:
        assert panel.view is not None
        cells = [each.cell for each in panel.view.standings]
        return {cell.experiment.schedule.steps for cell in cells}, len(cells)

    assert steps_and_runs() == ({40}, 4)
    controls.first_look.click()
    controls.steps.setValue(7)
    qtbot.waitUntil(lambda: steps_and_runs() == ({7}, 2), timeout=30_000)
    controls.first_look.click()
    qtbot.waitUntil(lambda: steps_and_runs() == ({40}, 4), timeout=30_000)
    assert load_study(controller.library.studies / "tiny.yaml").seeds == 2


def test_what_another_process_carries_out_is_shown_and_cannot_be_started(
    panel: StudiesPanel, controller: Controller, carry_out: CarryOut, qtbot: QtBot
) -> None:
    folder = carry_out()
    with holding(folder.lock, timeout=1):
        open_tiny(panel, qtbot)
        text = "another process carries it out, 6 of 6 runs done"
        assert panel.page.state.text() == text
        assert not panel.page.start_button.isEnabled()
        panel.start()
        assert not controller.studies.under_way
    panel._look_again()  # as its timer does
    qtbot.waitUntil(lambda: panel.page.state.text() == "done, 6 runs", timeout=30_000)


def test_a_missing_store_is_said_with_the_remedy_before_anything_begins(
    panel: StudiesPanel, controller: Controller, write_study: WriteStudy, qtbot: QtBot
) -> None:
    write_study(set={"data.store": "miniImageNet"})
    open_tiny(panel, qtbot)
    assert 'No store named "miniImageNet"' in panel.page.lead.text()
    assert "leo-studio import deepmind" in panel.page.lead.text()
    assert panel.page.lead.property("role") == "error"
    assert not panel.page.start_button.isEnabled()
    assert not folder_of(controller).path.exists()


def test_a_study_whose_data_is_missing_says_so_in_the_list(
    panel: StudiesPanel, write_study: WriteStudy, qtbot: QtBot
) -> None:
    assert row(panel, "tiny")[3] == "not begun"
    write_study(name="far", set={"data.store": "miniImageNet"})
    panel.show_all()
    names = [each.name for each in panel.list.rows]
    qtbot.waitUntil(lambda: len(panel.list.rows) == len(names) + 1, timeout=30_000)
    assert row(panel, "far")[2:] == ["0 of 6", "lacks the data miniImageNet"]
    muted = {each.name for each in panel.list.rows if each.is_muted}
    assert "far" in muted and "tiny" not in muted


def test_an_entry_leads_to_its_runs(panel: StudiesPanel, carry_out: CarryOut, qtbot: QtBot) -> None:
    folder = carry_out()
    open_tiny(panel, qtbot)
    table = panel.page.table
    table.setCurrentCell(1, 0)
    wanted: list[Path] = []
    panel.run_wanted.connect(wanted.append)
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Return)
    menu = table.menu()
    assert [action.text().split(":")[0] for action in menu.actions()] == [
        "Open the run of seed 0",
        "Open the run of seed 1",
    ]
    menu.actions()[1].trigger()
    first, second = wanted
    assert first.parent == second.parent == folder.runs
    assert "seed-0" in first.name
    assert "seed-1" in second.name


def test_the_table_leaves_the_window_in_each_format(
    panel: StudiesPanel, carry_out: CarryOut, actions: ActionRegistry, qtbot: QtBot, tmp_path: Path
) -> None:
    assert not actions["studies.markdown"].isEnabled()
    carry_out()
    open_tiny(panel, qtbot)
    assert panel.view is not None
    actions["studies.markdown"].trigger()
    text = markdown(panel.view.table)
    assert QGuiApplication.clipboard().text() == text
    actions["studies.latex"].trigger()
    assert "\\toprule" in QGuiApplication.clipboard().text()
    panel.write_table(tmp_path / "table.md")
    assert (tmp_path / "table.md").read_text(encoding="utf-8") == text
    panel.write_table(tmp_path / "table.csv")
    lines = (tmp_path / "table.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 5 and "accuracy" in lines[0]
    exported = panel.exported()
    assert exported is not None and exported.figure is not None
    assert len(exported.figure.plots) == 2


def test_a_file_of_ones_own_is_taken_into_the_library_and_opened(
    panel: StudiesPanel,
    controller: Controller,
    write_study: WriteStudy,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    own = write_study(name="own").rename(tmp_path / "own.yaml")
    panel.take_file(own)
    qtbot.waitUntil(lambda: panel.view is not None and panel.view.name == "own", timeout=30_000)
    assert load_study(controller.library.studies / "own.yaml").name == "own"
    told: list[Notice] = []
    controller.notified.connect(told.append)
    taken = write_study(name="table-2-glyphs").rename(tmp_path / "taken.yaml")
    panel.take_file(taken)
    qtbot.waitUntil(lambda: bool(told), timeout=30_000)
    assert "comes with the program" in told[0].text
    assert not (controller.library.studies / "table-2-glyphs.yaml").exists()


def test_the_study_that_was_open_is_open_after_a_restart(panel: StudiesPanel, qtbot: QtBot) -> None:
    open_tiny(panel, qtbot)
    kept = panel.remembered()
    panel.show_all()
    panel.restore(kept)
    qtbot.waitUntil(lambda: panel.view is not None, timeout=30_000)
    assert panel.page.title.text() == "tiny"
