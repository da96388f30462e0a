"""`leo-studio presets`."""

from typing import Annotated

import typer

from engine.errors import BadInput
from leo_studio.cli.arguments import find_experiment
from leo_studio.cli.console import print_json, print_table, remarks
from leo_studio.cli.whole_help import WholeHelp

presets_app = typer.Typer(cls=WholeHelp, no_args_is_help=True)

_WORDS = {"there": "there", "built in": "built in, drawn on first use", "missing": "missing"}


@presets_app.command("list")
def list_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the built-in presets and your own."""
    from engine.config import load_experiment
    from engine.data.known_stores import how_to_get
    from leo_studio.services.library_location import default_library

    library = default_library()
    presets = {}
    for name, path in library.preset_files().items():
        try:
            presets[name] = load_experiment(path)
        except BadInput as error:
            # One file that cannot be read must not hide the others.
            remarks.print(f"Left out: {path}: {error}")
    if as_json:
        print_json({name: experiment.to_dict() for name, experiment in presets.items()})
        return
    stores = dict.fromkeys(each.data.store for each in presets.values() if each.task.needs_store)
    states = {store: library.store_state(store) for store in stores}
    print_table(
        ("preset", "learner", "task", "store", "its data", "description"),
        [
            (
                name,
                experiment.learner.title,
                experiment.task.words,
                experiment.source,
                _WORDS[states[experiment.data.store]] if experiment.task.needs_store else "",
                experiment.description,
            )
            for name, experiment in presets.items()
        ],
    )
    for store, state in states.items():
        if state == "missing":
            print(f"{store} is missing. {how_to_get(store)}")


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
