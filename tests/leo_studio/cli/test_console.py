"""Printing: what people wrote comes out as it is, and is folded for a terminal alone."""

import io
import sys

import pytest
from typer.testing import CliRunner

from leo_studio.cli import console
from leo_studio.cli.commands import app

ODD_NAMES = (
    "bird [adult]",
    "[unk]",
    "[/b] odd",
    "[red]",
    ":bug:",
    "{task.total}",
    "100 %s",
    "\\[x",
)
LONG_NAME = "folder with a [name] " + "that is long " * 30 + ".h5"


class Terminal(io.StringIO):
    """A terminal of 80 columns."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_remarks_are_no_markup_and_are_not_folded(capsys: pytest.CaptureFixture[str]) -> None:
    for text in (*ODD_NAMES, LONG_NAME):
        console.remarks.print(f"Note: {text}", style="dim")
    expected = [f"Note: {text}" for text in (*ODD_NAMES, LONG_NAME)]
    assert capsys.readouterr().err.splitlines() == expected


def test_cells_of_a_table_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_table(("[class]", "also"), [(name, name) for name in (*ODD_NAMES, LONG_NAME)])
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["[class]", "also"]
    assert [row.split("  ")[0].rstrip() for row in rows[:-1]] == list(ODD_NAMES)
    assert rows[-1].count(LONG_NAME) == 2


def test_a_bar_shows_names_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(console.remarks, "is_interactive", True)  # known since it was made
    monkeypatch.setenv("COLUMNS", "200")
    for name in ODD_NAMES:
        bar = console.progress_bar()
        bar.add_task(name, total=2, note=f"note {name}")
        with bar:
            bar.refresh()
        written = terminal.getvalue()
        assert f"{name} " in written and f"note {name}" in written


def test_errors_and_help_of_the_command_line_are_no_markup() -> None:
    for name in ODD_NAMES:
        refused = CliRunner().invoke(app, ["runs", name])
        assert refused.exit_code == 2 and name in refused.stderr
    assert "auto|cpu|cuda[:i]" in CliRunner().invoke(app, ["train", "--help"]).stdout


def test_a_name_is_whole_in_a_table_at_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal, name = Terminal(), "a-name-that-is-longer-than-others-20261128-193727" * 2
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "60")
    console.print_table(("run", "status"), [(name, "finished")])
    assert name in terminal.getvalue()


def test_what_is_piped_is_not_folded_whatever_colours_are_wished(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    console.print_table(("run", "note"), [(LONG_NAME, LONG_NAME)])
    assert capsys.readouterr().out.count(LONG_NAME) == 2
    with console.progress_bar() as bar:
        bar.add_task("Training", total=2, note="")
    assert capsys.readouterr().err == ""  # a bar is for a person
