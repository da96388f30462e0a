"""The parts of the window that every panel is given."""

from typing import TYPE_CHECKING, NamedTuple

from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller


class WindowParts(NamedTuple):
    """The first arguments of every panel."""

    controller: "Controller"
    actions: ActionRegistry
    themes: ThemeManager
