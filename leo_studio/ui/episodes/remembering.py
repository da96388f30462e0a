"""Keeps what was set in the browser of episodes from one start to the next."""

from collections.abc import Mapping
from typing import Protocol

from leo_studio.analysis.episodes.columns import COLUMNS
from leo_studio.analysis.episodes.filter import is_understood
from leo_studio.ui.episodes.filter_bar import FilterBar
from leo_studio.ui.episodes.view import EpisodeTableView


class Browser(Protocol):
    """The parts of the panel that have something to remember."""

    view: EpisodeTableView
    filter: FilterBar


def remembered(browser: Browser) -> dict[str, object]:
    """Return what a person has set, as plain values."""
    column, bar = COLUMNS[browser.view.episodes.sorted_by], browser.filter
    return {
        "sort": column.title,
        "descending": browser.view.episodes.is_descending,
        "filter": bar.own_expression,
        "first": bar.first.value(),
        "count": bar.count.value(),
    } | ({"asked": asked} if (asked := bar.asked_label) else {})


def restore(browser: Browser, remembered: Mapping[str, object]) -> None:
    """Set it again, without showing it; what makes no sense is ignored."""
    titles, bar = [column.title for column in COLUMNS], browser.filter
    title, descending = remembered.get("sort"), remembered.get("descending")
    if title in titles and isinstance(descending, bool):
        browser.view.sort_by(titles.index(str(title)), is_descending=descending)
    for box, name in ((bar.first, "first"), (bar.count, "count")):
        number = remembered.get(name)
        if type(number) is int and box.minimum() <= number <= box.maximum():
            box.setValue(number)
    bar.restore_preset(remembered.get("asked"))
    if isinstance(expression := remembered.get("filter"), str) and is_understood(expression):
        bar.set_expression(expression)
