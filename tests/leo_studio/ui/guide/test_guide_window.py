"""The guide's window, with the real pages."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidget
from pytestqt.qtbot import QtBot

from leo_studio.analysis.guide.pages import guide_folder
from leo_studio.ui.guide import GuideWindow
from leo_studio.ui.guide.page_looks import blocks_of
from leo_studio.ui.widgets.theme import ThemeManager


@pytest.fixture
def guide(qtbot: QtBot, themes: ThemeManager) -> GuideWindow:
    window = GuideWindow(guide_folder(), themes)
    qtbot.addWidget(window)
    window.resize(900, 700)
    window.show()
    return window


def heading_at_top(guide: GuideWindow) -> str:
    document = guide.view.document()
    top = guide.view.verticalScrollBar().value()
    layout = document.documentLayout()
    for block in blocks_of(document):
        if layout.blockBoundingRect(block).bottom() > top + guide.fontMetrics().height():
            return block.text()
    raise AssertionError("nothing is at the top")


def place(guide: GuideWindow) -> tuple[str, int]:
    return guide.page, guide.view.verticalScrollBar().value()


def test_links_lead_to_pages_and_headings_and_the_way_back_to_where_they_were(
    guide: GuideWindow,
) -> None:
    assert guide.page == "first_steps"
    guide.view.anchorClicked.emit(QUrl("performance.md#on-a-gpu-benchmarksgpupy"))
    assert guide.page == "performance"
    assert heading_at_top(guide) == "On a GPU (benchmarks/gpu.py)"
    guide.view.anchorClicked.emit(QUrl("export.md"))
    guide.view.anchorClicked.emit(QUrl("#which-format"))
    assert guide.page == "export" and heading_at_top(guide) == "Which format"
    assert not guide.forward.isEnabled()
    guide.back.trigger()
    guide.back.trigger()
    assert guide.page == "performance"
    assert heading_at_top(guide) == "On a GPU (benchmarks/gpu.py)"
    guide.forward.trigger()
    assert place(guide) == ("export", 0)
    guide.view.anchorClicked.emit(QUrl("../README.md"))
    assert "is no page of the guide" in guide.said.text() and guide.page == "export"


def test_links_out_open_the_browser(guide: GuideWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    guide.view.anchorClicked.emit(QUrl("https://arxiv.org/abs/1807.05960"))
    guide.view.anchorClicked.emit(QUrl("file:///etc/passwd"))
    assert opened == ["https://arxiv.org/abs/1807.05960"] and guide.page == "first_steps"


def test_no_line_of_code_is_cut_off(guide: GuideWindow) -> None:
    for name in ("guide", "export", "adding_a_learner"):
        guide.open(name)
        assert guide.view.horizontalScrollBar().maximum() == 0


def test_contents_lead_to_a_heading(guide: GuideWindow) -> None:
    tree = guide.findChild(QTreeWidget, "guide-contents")
    assert tree is not None
    groups = [tree.topLevelItem(place).text(0) for place in range(tree.topLevelItemCount())]  # type: ignore[union-attr]
    assert groups == ["Using LEO Studio", "For developers"]
    (item,) = tree.findItems("KL divergence", Qt.MatchFlag.MatchRecursive)
    tree.itemClicked.emit(item, 0)
    assert guide.page == "glossary" and heading_at_top(guide) == "KL divergence"
    assert tree.currentItem() is item


def test_all_pages_are_searched_and_the_words_marked(guide: GuideWindow) -> None:
    line = guide.contents.search_line
    QTest.keyClicks(line, "mutual information")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert guide.page == "glossary" and heading_at_top(guide) == "Mutual information"
    assert guide.view.marked[1] >= 2
    assert guide.contents.results.topLevelItemCount() > 1


def test_words_are_found_in_the_page(guide: GuideWindow) -> None:
    guide.open("glossary")
    guide.find_words.trigger()
    bar = guide.find_bar
    QTest.keyClicks(bar.line, "latent code")
    count = guide.view.marked[1]
    assert count > 5 and bar.said.text() == f"1 of {count}"
    QTest.keyClick(bar.line, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert bar.said.text() == f"{count} of {count}"
    bar.line.setText("zebra")
    assert "no such words" in bar.said.text()
    QTest.keyClick(bar.line, Qt.Key.Key_Escape)
    assert not bar.isVisible() and guide.isVisible() and guide.view.marked == (0, 0)


def test_pictures_fit_the_page_and_nothing_outside_of_the_guide_is_read(
    guide: GuideWindow,
) -> None:
    guide.open("window")
    kind = QTextDocument.ResourceType.ImageResource
    for width in (900, 600):
        guide.resize(width, 700)
        picture = guide.view.document().resource(kind.value, QUrl("images/training.png"))
        assert 100 < picture.deviceIndependentSize().width() <= guide.view.viewport().width()
    assert guide.view.loadResource(kind.value, QUrl("../pyproject.toml")) is None
    assert guide.view.loadResource(kind.value, QUrl("http://localhost/a.png")) is None


def test_it_follows_the_theme_and_the_texts_size(guide: GuideWindow, themes: ThemeManager) -> None:
    guide.open("glossary", "encoder")
    size = guide.view.document().defaultFont().pointSizeF()
    themes.choose("dark", 1.5)
    assert guide.view.document().defaultFont().pointSizeF() == pytest.approx(1.5 * size)
    assert heading_at_top(guide) == "Encoder"


def test_it_says_what_to_do_where_its_pages_are_missing(
    qtbot: QtBot, themes: ThemeManager, tmp_path: Path
) -> None:
    window = GuideWindow(tmp_path / "docs", themes)
    qtbot.addWidget(window)
    assert "install LEO Studio again" in window.view.toPlainText()
    window.open("glossary")
    assert window.page == ""


def test_a_place_that_is_asked_for_before_the_window_is_seen_is_at_the_top(
    qtbot: QtBot, themes: ThemeManager
) -> None:
    guide = GuideWindow(guide_folder(), themes)
    qtbot.addWidget(guide)
    guide.open("glossary", "kl-divergence")  # as the link of a word does it
    guide.show()
    qtbot.waitExposed(guide)
    assert heading_at_top(guide) == "KL divergence"
    guide.resize(guide.width() - 200, guide.height() - 100)
    qtbot.wait(50)
    assert heading_at_top(guide) == "KL divergence"
    for _ in range(3):  # who scrolls stays where that led to
        QTest.keyClick(guide.view, Qt.Key.Key_PageDown)
    below = heading_at_top(guide)
    assert below != "KL divergence"
    guide.hide()
    guide.show()
    assert heading_at_top(guide) == below
