"""The command line: all commands, and the options before them."""

import typer

from leo_studio import __version__
from leo_studio.cli import (
    analysing,
    checks,
    classifying,
    data,
    evaluating,
    exporting,
    inspecting,
    pictures,
    presets,
    pretraining,
    projecting,
    reporting,
    runs,
    studying,
    sweeping,
    training,
    window,
)
from leo_studio.cli.arguments import WholeHelp
from leo_studio.startup.launch import open_window

app = typer.Typer(
    cls=WholeHelp,
    help="Train, evaluate and look inside Latent Embedding Optimization (LEO).",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich would fold names in errors, and take brackets for its own
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("open")(window.open_command)
app.command("train")(training.train_command)
app.command("pretrain")(pretraining.pretrain_command)
app.command("resume")(training.resume_command)
app.command("evaluate")(evaluating.evaluate_command)
app.command("inspect")(inspecting.inspect_command)
app.command("episodes")(inspecting.episodes_command)
app.command("analyse")(analysing.analyse_command)
app.command("classify")(classifying.classify_command)
app.command("export-shown", hidden=True)(classifying.export_shown_command)
app.command("project")(projecting.project_command)
app.command("study")(studying.study_command)
app.command("sweep")(sweeping.sweep_command)
app.command("report")(reporting.report_command)
app.command("export")(exporting.export_command)
data.import_app.command("images")(pictures.import_images_command)
data.import_app.command("bundle")(exporting.import_bundle_command)
app.add_typer(data.import_app, name="import")
app.add_typer(data.data_app, name="data")
app.add_typer(presets.presets_app, name="presets")
app.add_typer(runs.runs_app, name="runs")
app.command("doctor")(checks.doctor_command)


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
        open_window()
