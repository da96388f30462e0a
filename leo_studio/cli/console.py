"""Printing of all commands: tables, JSON, progress bars and remarks."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

# Progress and remarks; results go to stdout, so that they can be piped.
remarks = Console(stderr=True, highlight=False, soft_wrap=True)


def plain_remark(sentence: str) -> None:
    """Print a remark that holds names and paths, which are never markup."""
    remarks.print(sentence, markup=False)


def print_json(value: Any) -> None:
    """Print one JSON object to stdout; paths become texts."""
    json.dump(value, sys.stdout, indent=1, ensure_ascii=False, default=str)
    sys.stdout.write("\n")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table to stdout; without a terminal it is as wide as it needs."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    console = Console(highlight=False)
    console.print(table) if console.is_terminal else Console(highlight=False, width=1000).print(
        table
    )


def progress_bar() -> Progress:
    """Return a progress bar on stderr that vanishes when it is done."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=remarks,
        transient=True,
    )


def percent(share: float) -> str:
    """Write 0.6176 as "61.76 %"."""
    return f"{100 * share:.2f} %"
