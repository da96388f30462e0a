"""The actions of the browser of episodes."""

from functools import partial
from typing import Any, Protocol

from fonticon_mdi7 import MDI7
from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QAction

from leo_studio.analysis.episodes.questions import QUESTIONS, Question
from leo_studio.ui.episodes.filter_bar import HARDEST, HARDEST_TIP, FilterBar
from leo_studio.ui.episodes.view import EpisodeTableView
from leo_studio.ui.widgets.actions import ActionRegistry


class Browser(Protocol):
    """The part of the browser that its actions call."""

    view: EpisodeTableView
    filter: FilterBar

    @property
    def export_wanted(self) -> SignalInstance:
        """Emitted when the rows are to be exported."""

    def start_or_cancel(self) -> None:
        """Go through the episodes, or end that."""

    def next(self) -> None:
        """Look at the next episode of the table."""

    def previous(self) -> None:
        """Look at the one before."""

    def ask_number(self) -> None:
        """Ask which episode is to be opened."""

    def ask(self, question: Question) -> None:
        """Set filter and order."""

    def want_hardest(self) -> None:
        """Open the page of the hardest episode, as soon as all are computed."""


def add_actions(actions: ActionRegistry, browser: Browser) -> list[QAction]:
    """Register the actions and return them; the last two are about rows of the table."""
    made: list[QAction] = []

    def add(name: str, *args: Any, **more: Any) -> None:
        made.append(actions.add(f"episodes.{name}", *args, **{"menu": "Episodes"} | more))

    right, left = MDI7.arrow_right, MDI7.arrow_left
    add(
        "next",
        "Next episode",
        browser.next,
        shortcut="Alt+Right",
        glyph=right,
        tip="Look at the episode of the row below, as the table is sorted and filtered",
    )
    add(
        "previous",
        "Previous episode",
        browser.previous,
        shortcut="Alt+Left",
        glyph=left,
        tip="Look at the episode of the row above, as the table is sorted and filtered",
    )
    add(
        "go_to",
        "Go to episode...",
        browser.ask_number,
        shortcut="Ctrl+G",
        tip="Look at the episode that has a number",
    )
    add(
        "find",
        "Search episodes",
        browser.filter.take_keyboard,
        glyph=MDI7.magnify,
        tip="Filter the table of episodes, such as gain < 0 and accuracy > 60%",
    )
    add("hardest", HARDEST, browser.want_hardest, tip=HARDEST_TIP)
    for question in QUESTIONS:
        name = question.label.casefold().replace(" ", "_")
        text = "All episodes" if question.label == "All" else question.label
        add(name, text, partial(browser.ask, question), tip=question.tip)
    add(
        "go_through",
        "Go through episodes",
        browser.start_or_cancel,
        tip="Look at all episodes of the numbers above the table, or end that",
    )
    add(
        "copy",
        "Copy episodes",
        browser.view.copy,
        glyph=MDI7.content_copy,
        tip="Put the selected rows of the table on the clipboard",
    )
    add(
        "export",
        "Export episodes...",
        browser.export_wanted.emit,
        menu="Export",
        glyph=MDI7.table_eye,
        tip="The episodes of the table: a figure, a script, or the rows that are shown",
    )
    return made
