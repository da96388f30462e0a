"""The commands of "Try it", in menus and in the palette."""

from collections.abc import Callable
from typing import Protocol

from fonticon_mdi7 import MDI7

from leo_studio.ui.widgets.actions import ActionRegistry


class Trying(Protocol):
    """The part of the panel that these commands call."""

    def add_class(self) -> None:
        """Add a class."""

    def add_drawing(self) -> None:
        """Make the drawing an example of the chosen class."""

    def ask_drawing(self) -> None:
        """Ask what the drawing is."""

    def ask_about_files(self) -> None:
        """Choose pictures to ask about."""

    def start_over(self) -> None:
        """Empty everything."""


def add_commands(actions: ActionRegistry, panel: Trying, export: Callable[[], None]) -> None:
    """Add them to the registry; `export` asks where the classifier goes."""
    for name, text, trigger, glyph, tip in (
        ("class", "Add class to try", panel.add_class, MDI7.plus, "Add a class of your own"),
        (
            "add",
            "Add drawing to its class",
            panel.add_drawing,
            MDI7.draw,
            "Make what is drawn in the panel Try it an example of the chosen class",
        ),
        (
            "ask",
            "Ask what the drawing is",
            panel.ask_drawing,
            MDI7.comment_question_outline,
            "Let the run classify what is drawn in the panel Try it",
        ),
        (
            "pictures",
            "Ask about pictures...",
            panel.ask_about_files,
            MDI7.image_multiple_outline,
            "Let the run classify pictures by the classes of the panel Try it",
        ),
        (
            "export",
            "Export this classifier...",
            export,
            MDI7.file_export_outline,
            "Write what the run has learned of the classes of the panel Try it as an ONNX model: "
            "pictures in, probabilities out",
        ),
        (
            "clear",
            "Start over with Try it",
            panel.start_over,
            MDI7.restart,
            "Empty the classes, the queries and the canvas of the panel Try it",
        ),
    ):
        actions.add(f"tryit.{name}", text, trigger, menu="Runs", glyph=glyph, tip=tip)
