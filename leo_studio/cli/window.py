"""`leo-studio` and `leo-studio open`."""

import gc
import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from engine.errors import BadInput


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


def open_window(names: Sequence[str] = ()) -> NoReturn:
    """Open the window and end with its exit status; raises `BadInput` before Qt starts."""
    from leo_studio.doctor import qt_problem

    problem = qt_problem()
    if problem is not None:
        raise BadInput(problem)
    if names:
        from leo_studio.home import default_library
        from leo_studio.openings import opening_of

        library = default_library()
        for name in names:
            opening_of(library, name)
    # What is imported stays: looking for garbage in between would take a third of the time.
    gc.disable()
    from leo_studio.app import run_window

    sys.exit(run_window(list(names)))
