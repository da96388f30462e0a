"""`leo-studio open`."""

from typing import Annotated

import typer

from engine.errors import BadInput
from leo_studio.cli.arguments import StoreOption, tell_of_namesake
from leo_studio.cli.console import remarks
from leo_studio.services.episode_links import SAMPLES, EpisodeLink, episode_link
from leo_studio.startup.launch import open_window


def open_command(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN|STORE|PRESET",
            help="Names or paths; also an archive of embeddings, to import it.",
        ),
    ] = None,
    episode: Annotated[
        int | None, typer.Option(help="Look at this episode, as RUN sees it.")
    ] = None,
    split: Annotated[
        str, typer.Option(help="Of the episode: train, val, test, or training.")
    ] = "val",
    checkpoint: Annotated[
        str | None, typer.Option(metavar="best|last|STEP", help="Which weights of RUN.")
    ] = None,
    samples: Annotated[int, typer.Option(help="How many latent codes are drawn.")] = SAMPLES,
    what_if: Annotated[
        str, typer.Option(metavar="CHANGES", help='Such as "swap 2 17; inner_steps 3".')
    ] = "",
    store: StoreOption = None,
) -> None:
    """Open the window, with runs, stores and presets in it, or at an episode of a run."""
    from leo_studio.services.library_location import default_library
    from leo_studio.services.opening import KIND_OF_SUFFIX, find_openable

    link: EpisodeLink | None = None
    if episode is not None:
        if names is None or len(names) != 1:
            raise BadInput("--episode needs the one RUN whose weights look at it.")
        link = episode_link(names[0], split, episode, checkpoint, samples, what_if)
    elif checkpoint is not None or what_if or split != "val" or samples != SAMPLES:
        raise BadInput("--split, --checkpoint, --samples and --what-if need an --episode.")
    for name in names or []:
        found = find_openable(default_library(), name)
        tell_of_namesake(name, found.path, tuple(KIND_OF_SUFFIX))
    if store is not None:
        if names is None or len(names) != 1:
            raise BadInput("--store needs the one RUN that was trained on it.")
        _locate(names[0], store)
    open_window(names or [], link)


def _locate(run: str, store: str) -> None:
    """Find a run's store where it is now, for the window and all times after."""
    from engine.runs.run_store import store_of
    from leo_studio.services.library_location import default_library

    library = default_library()
    store_of(library, library.run(run), store, say=remarks.print)
