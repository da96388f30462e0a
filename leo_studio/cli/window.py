"""`leo-studio open`."""

from typing import Annotated

import typer

from leo_studio.launch import open_window


def open_command(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN|STORE|PRESET",
            help="Names or paths; also an archive of embeddings, to import it.",
        ),
    ] = None,
) -> None:
    """Open the window, with runs, stores and presets in it."""
    open_window(names or [])
