"""`leo-studio presets`."""

from typing import Annotated

import typer

from engine.errors import BadInput
from leo_studio.cli.arguments import WholeHelp, find_experiment
from leo_studio.cli.console import print_json, print_table, remarks

presets_app = typer.Typer(
    cls=WholeHelp, help="Experiments that are ready to train.", no_args_is_help=True
)


@presets_app.command("list")
def list_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the built-in presets and your own."""
    from engine.config import load_experiment
    from leo_studio.services.library_location import default_library

    presets = {}
    for name, path in default_library().preset_files().items():
        try:
            presets[name] = load_experiment(path)
        except BadInput as error:
            # One file that cannot be read must not hide the others.
            remarks.print(f"Left out: {path}: {error}")
    if as_json:
        print_json({name: experiment.to_dict() for name, experiment in presets.items()})
        return
    print_table(
        ("preset", "learner", "task", "store", "description"),
        [
            (
                name,
                experiment.learner.title,
                f"{experiment.task.n_way}-way {experiment.task.k_shot}-shot",
                experiment.data.store,
                experiment.description,
            )
            for name, experiment in presets.items()
        ],
    )


@presets_app.command("show")
def show_command(
    name: Annotated[str, typer.Argument(help="A preset's name, or an experiment file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Print a preset, whole, as YAML."""
    from leo_studio.services.library_location import default_library

    experiment = find_experiment(default_library(), name)
    if as_json:
        print_json(experiment.to_dict())
    else:
        print(experiment.to_yaml(), end="")
