"""What every panel is made of."""

from typing import TYPE_CHECKING, NamedTuple

from leo_studio.ui.actions import ActionRegistry
from leo_studio.ui.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.controller import Controller


class WindowParts(NamedTuple):
    """The first arguments of every panel."""

    controller: "Controller"
    actions: ActionRegistry
    themes: ThemeManager
