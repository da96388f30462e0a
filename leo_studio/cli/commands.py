"""The command line: all commands, and the options before them.

A command's module is imported when the command is asked for, and not to list what there is: a list
of commands should not wait for what all of them need.
"""

import importlib.util
import inspect
from collections.abc import Mapping
from importlib import import_module
from types import CodeType, MappingProxyType
from typing import Any, Final, NamedTuple

import typer
from typer.core import TyperGroup

from leo_studio import __version__
from leo_studio.cli.whole_help import first_sentence


class Command(NamedTuple):
    """A command: the function in a module of `leo_studio.cli` that carries it out."""

    module: str
    function: str
    is_hidden: bool = False

    def first_sentence(self) -> str:
        """Return the first sentence of the function's docstring, without importing its module."""
        name = f"leo_studio.cli.{self.module}"
        spec = importlib.util.find_spec(name)
        code = spec.loader.get_code(name)  # type: ignore[union-attr]  # as any module of a file has
        assert isinstance(code, CodeType)
        (function,) = (
            each
            for each in code.co_consts
            if isinstance(each, CodeType) and each.co_name == self.function
        )
        docstring = function.co_consts[0]  # anything else where Python leaves docstrings out
        return first_sentence(inspect.cleandoc(docstring)) if isinstance(docstring, str) else ""

    def add_to(self, app: typer.Typer, name: str) -> None:
        """Import the command, and add it to an application."""
        function = getattr(import_module(f"leo_studio.cli.{self.module}"), self.function)
        app.command(name, hidden=self.is_hidden)(function)


class Group(NamedTuple):
    """A group of commands: the application in a module of `leo_studio.cli`, and its help."""

    module: str
    app: str
    help: str
    is_hidden: bool = False

    def first_sentence(self) -> str:
        """Return the help."""
        return self.help

    def add_to(self, app: typer.Typer, name: str) -> None:
        """Import the group, and add it to an application."""
        group = getattr(import_module(f"leo_studio.cli.{self.module}"), self.app)
        app.add_typer(group, name=name, help=self.help)


COMMANDS: Final[Mapping[str, Command | Group]] = MappingProxyType(
    {
        "open": Command("window", "open_command"),
        "train": Command("training", "train_command"),
        "pretrain": Command("pretraining", "pretrain_command"),
        "resume": Command("training", "resume_command"),
        "evaluate": Command("evaluating", "evaluate_command"),
        "inspect": Command("inspecting", "inspect_command"),
        "episodes": Command("inspecting", "episodes_command"),
        "analyse": Command("analysing", "analyse_command"),
        "classify": Command("classifying", "classify_command"),
        "export-shown": Command("classifying", "export_shown_command", is_hidden=True),
        "project": Command("projecting", "project_command"),
        "study": Command("studying", "study_command"),
        "sweep": Command("sweeping", "sweep_command"),
        "report": Command("reporting", "report_command"),
        "export": Command("exporting", "export_command"),
        "doctor": Command("checks", "doctor_command"),
        "import": Group(
            "importing", "import_app", "Make embedding stores, and runs, of other files."
        ),
        "data": Group("data", "data_app", "Look at embedding stores."),
        "presets": Group("presets", "presets_app", "Experiments that are ready to train."),
        "runs": Group("runs", "runs_app", "Runs on disk."),
    }
)
"""All commands by name, in the order of the help."""


class Commands(TyperGroup):
    """All commands, each of which is imported when it is asked for."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]  # names alone, to suggest

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command; None for what there is not."""
        if cmd_name not in COMMANDS:
            return None
        whole = typer.Typer(add_completion=False, rich_markup_mode=None)
        COMMANDS[cmd_name].add_to(whole, cmd_name)
        whole.callback()(lambda: None)  # else one command alone would be no group
        return typer.main.get_group(whole).commands[cmd_name]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands."""
        shown = {name: each for name, each in COMMANDS.items() if not each.is_hidden}
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.first_sentence()) for name, each in shown.items()])


app = typer.Typer(
    cls=Commands,
    help="Train, evaluate and look inside Latent Embedding Optimization (LEO).",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich would fold names in errors, and take brackets for its own
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Take the options that stand before a command, and open the window where there is none."""
    if context.invoked_subcommand is None:
        from leo_studio.startup.launch import open_window

        open_window()
