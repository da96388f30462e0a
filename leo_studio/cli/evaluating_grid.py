"""`leo-studio evaluate --ways --shots --on`: other tasks and stores than were trained on."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, NamedTuple, Self

import typer

from engine.config import classification
from engine.errors import BadInput
from engine.evaluation.grid_record import GridEvaluation, Place
from engine.io.generators import finished
from engine.tasks.scores import UNKNOWN
from leo_studio.analysis.evaluation.grid_choices import (
    FEWEST_SHOTS,
    FEWEST_WAYS,
    MOST_SHOTS,
    MOST_WAYS,
    read_numbers,
)
from leo_studio.analysis.evaluation.grids import varying_text
from leo_studio.analysis.formats import format_accuracy
from leo_studio.cli.arguments import tell_of_store
from leo_studio.cli.console import print_json, print_table, progress_bar, remarks
from leo_studio.cli.training import require_store

if TYPE_CHECKING:
    from engine.data.store import EmbeddingStore
    from engine.runs.library import Library
    from engine.runs.run import Run

WaysOption = Annotated[
    str | None, typer.Option(metavar="N,N,...", help="A grid: on these numbers of ways instead.")
]
ShotsOption = Annotated[
    str | None,
    typer.Option(metavar="K,K,...", help="A grid: with these numbers of shots instead."),
]
OnOption = Annotated[
    str | None, typer.Option(metavar="STORE,STORE,...", help="A grid: on these stores instead.")
]
HardOption = Annotated[
    bool,
    typer.Option("--hard", help="A grid: of episodes whose classes are near one another."),
]

VaryingOption = Annotated[
    bool,
    typer.Option(
        "--varying", help="A grid: also episodes each of which has its own of these ways and shots."
    ),
]


def require_grid_alone(options: Mapping[str, bool]) -> None:
    """Raise `BadInput` where an option is given that says nothing of a grid."""
    for option, is_given in options.items():
        if is_given:
            raise BadInput(
                "A grid stands beside nearest class mean and measures no uncertainty; leave out "
                f"{option}."
            )


class GridPlaces(NamedTuple):
    """Which stores, ways and shots are asked for; what is not said is the run's own."""

    stores: "dict[str, EmbeddingStore]"
    ways: list[int]
    shots: list[int]
    trained_on: str
    is_hard: bool
    is_varying: bool

    @classmethod
    def of(
        cls,
        library: "Library",
        run: "Run",
        own: "EmbeddingStore",
        ways: str | None,
        shots: str | None,
        on: str | None,
        is_hard: bool,
        is_varying: bool,
    ) -> Self:
        """Read the options; raises `BadInput` for a number or a store that is none."""
        if run.experiment.learner.reads_pictures:
            raise BadInput(
                f"{run.name} learns from pictures: a grid is of learners on embeddings; leave out "
                "--ways, --shots, --on, --hard and --varying."
            )
        task, trained_on = classification(run.experiment), own.path.stem
        return cls(
            {trained_on: own} if on is None else _stores(library, on),
            [task.n_way] if ways is None else read_numbers("--ways", ways, FEWEST_WAYS, MOST_WAYS),
            [task.k_shot]
            if shots is None
            else read_numbers("--shots", shots, FEWEST_SHOTS, MOST_SHOTS),
            trained_on,
            is_hard,
            is_varying,
        )


def _stores(library: "Library", on: str) -> "dict[str, EmbeddingStore]":
    from engine.data.store import EmbeddingStore

    stores: dict[str, EmbeddingStore] = {}
    for name in (word.strip() for word in on.split(",")):
        tell_of_store(library, name)
        require_store(library, name)
        store = EmbeddingStore(library.prepared_store(name))
        if store.path.stem in stores:
            raise BadInput(f"--on names two stores called {store.path.stem}; name each once.")
        stores[store.path.stem] = store
    return stores


def evaluate_grid_of(
    run: "Run",
    step: int,
    places: GridPlaces,
    split: str,
    episodes: int,
    device: str | None,
    *,
    as_json: bool,
) -> None:
    """Evaluate a run at every place, print that for people or as JSON, and keep it."""
    from engine.evaluation.grid import GridWanted, evaluate_grid, keep_grid, require_stores

    wanted = GridWanted(
        places.stores,
        places.ways,
        places.shots,
        split,
        episodes,
        is_hard=places.is_hard,
        is_varying=places.is_varying,
    )
    require_stores(run, wanted)
    steps = evaluate_grid(run, step, wanted, places.trained_on, device)
    with progress_bar() as bar:
        title = f"{run.name}, step {step}"
        shown = bar.add_task(title, total=wanted.all_episodes, note="")
        grid = finished(steps, lambda done: bar.update(shown, completed=done))
    if as_json:
        print_json(grid.model_dump(mode="json", by_alias=True))
    else:
        print_grid(grid)
    try:
        keep_grid(run, grid)
    except BadInput as error:
        remarks.print(f"The result could not be kept with the run: {error}")


def print_grid(grid: GridEvaluation) -> None:
    """Print a grid for people: a table for each store, ways down and shots across."""
    print(f"checkpoint  step {grid.checkpoint_step} of {grid.run}")
    trained = grid.trained
    print(f"trained     {trained.n_way}-way {trained.k_shot}-shot on {trained.store}")
    kind = " hard ones" if grid.is_hard else ""
    print(f"episodes    {grid.episodes:,}{kind} of split {grid.split} at each place, all the same")
    for store in grid.stores:
        print(f"\n{store}: accuracy, and the gain on nearest class mean in points")
        rows = [
            [f"{n_way}-way", *(_text(grid, Place(store, n_way, k_shot)) for k_shot in grid.shots)]
            for n_way in grid.ways
        ]
        print_table(("", *(f"{k_shot}-shot" for k_shot in grid.shots)), rows)
    if grid.varying:
        print()
    for varying in grid.varying:
        print(varying_text(varying))
    for entry in grid.entries:
        if entry.why_not:
            print(f"{entry.store}, {entry.n_way}-way {entry.k_shot}-shot: {entry.why_not}")


def _text(grid: GridEvaluation, place: Place) -> str:
    entry = grid.at(place)
    if entry is None or entry.gain is None:
        return UNKNOWN
    return f"{format_accuracy(entry.accuracy, entry.ci95)}, {100 * entry.gain:+.2f}"
