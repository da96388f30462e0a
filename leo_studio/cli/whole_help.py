"""Groups of commands whose help says all of each command's first sentence."""

from typing import Any

from typer.core import TyperGroup


def first_sentence(text: str) -> str:
    """Return what stands in a list of commands, of all that a command says."""
    return text.partition("\n\n")[0]


class WholeHelp(TyperGroup):
    """Commands whose list in the help says all of each one's first sentence, and cuts none."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command."""
        command = super().get_command(ctx, cmd_name)
        if command is not None and command.help and not command.short_help:
            command.short_help = first_sentence(command.help)
        return command
