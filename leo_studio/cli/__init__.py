"""The leo-studio command: results on stdout, progress on stderr.

Without a command it opens the window. Exit status 0 when all went well, 2 for input that cannot be
used, 130 after Ctrl+C. Each command imports what it needs when it runs, because torch alone takes a
second to load, and because Qt is not wanted where there is no display.
"""

import sys

import typer

from engine.errors import BadInput
from leo_studio import __version__
from leo_studio.cli import checks, data, evaluating, presets, runs, training, window

app = typer.Typer(
    help="Train, evaluate and look inside Latent Embedding Optimization (LEO).",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("open")(window.open_command)
app.command("train")(training.train_command)
app.command("resume")(training.resume_command)
app.command("evaluate")(evaluating.evaluate_command)
app.add_typer(data.import_app, name="import")
app.add_typer(data.data_app, name="data")
app.add_typer(presets.presets_app, name="presets")
app.add_typer(runs.runs_app, name="runs")
app.command("doctor")(checks.doctor_command)


def main() -> None:
    """Run the command line; what a person can put right is one sentence and exit status 2."""
    try:
        app()
    except BadInput as error:
        print(f"leo-studio: {error}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        # What the system refuses, such as a full disk, is no bug of ours; where it was is said.
        where = f"{error.filename}: " if error.filename else ""
        print(f"leo-studio: {where}{error.strerror or error}.", file=sys.stderr)
        sys.exit(2)


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
        window.open_window()
