"""The question which episode is to be opened, by its number."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from engine.errors import BadInput
from leo_studio.analysis.typed_numbers import read_whole
from leo_studio.ui.episodes.filter_bar import LARGEST_NUMBER
from leo_studio.ui.widgets.line_dialog import LineDialog


def ask_number(current: int, choose: Callable[[int], None], parent: QWidget) -> None:
    """Ask which episode is to be opened, and call `choose` with its number."""

    def take(text: str) -> None:
        number = read_whole(text)
        if number is None or not 0 <= number <= LARGEST_NUMBER:
            raise BadInput(
                f'"{text}" is not a whole number from 0 to {LARGEST_NUMBER}, in digits alone.'
            )
        choose(number)

    question = "Its &number; every number is an episode:"
    dialog = LineDialog("Go to episode", question, str(current), "Go", take, parent)
    dialog.setObjectName("go-to-episode")
    dialog.open()
