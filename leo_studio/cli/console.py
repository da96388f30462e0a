"""Printing of all commands: tables, JSON, progress bars and remarks.

Names and errors are printed as they are: nothing in them is markup, and only here is rich asked to
print (ruff forbids it elsewhere). Lines and tables are folded for a person at a terminal alone.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from engine.errors import BadInput

ProgressBar = Progress  # who shows progress needs nothing else of rich

_LEAST_COLUMN = 12  # characters that a column keeps beside the names of the first one


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person looks at a stream, whatever FORCE_COLOR says."""
    return stream is not None and not stream.closed and stream.isatty()


class _Stderr:
    """Stderr as it is when something is written; a remark that cannot be written is let go.

    Once a terminal is closed it takes no more bytes; that must not end what is being computed.
    """

    @property
    def _stream(self) -> TextIO | None:
        # While a bar is shown, rich puts its own object there, which writes to this console.
        stream: TextIO | None = getattr(sys.stderr, "rich_proxied_file", sys.stderr)
        return stream

    @property
    def encoding(self) -> str:
        """What letters become; rich draws its bars accordingly."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        """Write a text, if it can be."""
        try:
            return self._stream.write(text) if self._stream is not None else len(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        """Hand on what was written, if it can be."""
        try:
            if self._stream is not None:
                self._stream.flush()
        except OSError:
            pass

    def isatty(self) -> bool:
        """Whether a person looks at it."""
        return is_terminal(self._stream)

    def fileno(self) -> int:
        """Return the descriptor, of which rich asks how wide the terminal is."""
        if self._stream is None:
            raise OSError("stderr is closed")
        return self._stream.fileno()


# Progress and remarks; results go to stdout, so that they can be piped.
remarks = Console(
    file=_Stderr(),  # type: ignore[arg-type]  # rich needs no more of it
    highlight=False,
    markup=False,
    emoji=False,
    soft_wrap=True,
)


def print_json(value: Any) -> None:
    """Print one JSON object to stdout; paths become texts."""
    text = json.dumps(value, indent=1, ensure_ascii=False, default=str)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:  # then letters are written as JSON writes them in ASCII
        text = json.dumps(value, indent=1, default=str)
    print(text)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table to stdout.

    At a terminal columns are folded to its width, but for the first, whose names are copied from
    there; elsewhere the table is as wide as it needs.
    """
    cells = [[str(cell) for cell in row] for row in rows]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, name in enumerate(columns):
        table.add_column(Text(name), overflow="fold", no_wrap=place == 0)
    for row in cells:
        table.add_row(*map(Text, row))
    console = Console(highlight=False, markup=False, emoji=False)
    widths = [max(map(cell_len, column)) for column in zip(columns, *cells, strict=True)]
    if is_terminal(sys.stdout):
        width = max(console.width, widths[0] + _LEAST_COLUMN * (len(widths) - 1))
    else:
        width = sum(widths) + 2 * len(widths)
    console.width = width
    # What no column can be folded into is left to the terminal, which cuts nothing.
    console.print(table, crop=False)


def progress_bar() -> ProgressBar:
    """Return a progress bar on stderr that vanishes when it is done; only a terminal shows it."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", markup=False),
        console=remarks,
        transient=True,
        disable=not is_terminal(sys.stderr),
    )


def tell_where_kept(keep: Callable[[], Path], *, as_json: bool) -> None:
    """Keep a result that was printed, and say where; that it could not be kept is only remarked."""
    # The result is delivered first: whether it can be kept is another matter.
    sys.stdout.flush()
    try:
        path = keep()
    except BadInput as error:
        remarks.print(f"The result could not be kept with the run: {error}")
    else:
        if not as_json:
            remarks.print(f"Kept in {path}", style="dim")


def percent(share: float) -> str:
    """Write 0.6176 as "61.76 %"."""
    return f"{100 * share:.2f} %"
