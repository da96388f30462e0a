"""Commands are imported when they are asked for, and listed with what they say of themselves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from leo_studio.cli.commands import COMMANDS, Command, app

HEAVY = {"torch", "numpy", "h5py", "PySide6", "scipy"}


def imported_by(home: Path, *arguments: str) -> set[str]:
    """Return what a command imports, of what is known for taking long, and of what is ours."""
    code = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        f"sys.argv = ['leo-studio', *{arguments!r}]\n"
        "import leo_studio.cli\n"
        "leo_studio.cli.main()\n"
    )
    environment = os.environ | {"LEO_STUDIO_HOME": str(home)}
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert process.returncode == 0 and process.stdout, process.stderr
    return set(process.stderr.split())


def test_the_list_of_commands_waits_for_none_of_them(tmp_path: Path) -> None:
    modules = imported_by(tmp_path, "--help")
    assert not modules & (HEAVY | {"pydantic", "yaml", "rich", "engine.config"})
    ours = {name for name in modules if name.startswith("leo_studio.cli.")}
    assert ours == {f"leo_studio.cli.{name}" for name in ("commands", "streams", "whole_help")}


@pytest.mark.parametrize(
    "arguments", [("presets", "list"), ("train", "--help"), ("presets", "--help")]
)
def test_presets_and_help_are_read_without_what_computes(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    assert not imported_by(tmp_path, *arguments) & HEAVY


def test_what_is_listed_of_a_command_is_what_it_says_itself() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    context = typer.Context(group)
    for name, listed in COMMANDS.items():
        command = group.get_command(context, name)
        assert command is not None and command.name == name
        assert command.hidden == listed.is_hidden
        assert command.help is not None and listed.first_sentence()
        first, _, _ = command.help.partition("\n\n")
        assert " ".join(first.split()) == " ".join(listed.first_sentence().split())
        assert isinstance(listed, Command) != isinstance(command, TyperGroup)


def test_a_name_that_is_nearly_one_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        app(["evalute"])
    assert ended.value.code == 2
    assert "Did you mean 'evaluate'?" in capfd.readouterr().err
