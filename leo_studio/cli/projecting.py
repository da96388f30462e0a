"""`leo-studio project`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import BadInput
from engine.io.files import deliver
from engine.io.names import one_of
from engine.io.paths import expanded
from leo_studio.cli.arguments import (
    CheckpointOption,
    DeviceOption,
    ReplaceOption,
    RunArgument,
    SplitOption,
    StoreOption,
    load_checkpoint,
    require_ending,
    require_new_file,
)
from leo_studio.cli.console import progress_bar, remarks

if TYPE_CHECKING:
    from engine.inspection.checkpoint_inspection import LoadedCheckpoint
    from engine.inspection.records import Latents
    from engine.projection import Embedding, LinearBasis

METHODS = ("pca", "lda", "tsne", "umap")
ENDINGS = (".svg", ".png", ".pdf", ".py", ".csv", ".parquet", ".h5")
_MOST_EPISODES = 10_000


def project_command(
    name: RunArgument,
    out: Annotated[
        Path,
        typer.Option(
            parser=expanded,
            metavar="FILE",
            help="A figure (.svg .png .pdf .py), or .csv, .parquet, .h5.",
        ),
    ],
    method: Annotated[
        str, typer.Option(metavar="pca|lda|tsne|umap", help="How codes are placed.")
    ] = "pca",
    episodes: Annotated[
        int, typer.Option(min=2, max=_MOST_EPISODES, help="How many, from number 0 on.")
    ] = 1000,
    split: SplitOption = "val",
    checkpoint: CheckpointOption = None,
    perplexity: Annotated[
        float, typer.Option(min=2, help="Of t-SNE; for UMAP, how many neighbours.")
    ] = 30.0,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Of t-SNE and UMAP.")] = 0,
    store: StoreOption = None,
    device: DeviceOption = None,
    replace: ReplaceOption = False,
) -> None:
    """Draw latent codes before and after adaptation: the paper's figure, without a window."""
    if method not in METHODS:
        raise BadInput(f'--method is "{method}"; {one_of(method, METHODS)}')
    require_ending(out, ENDINGS)
    require_new_file(out, replace)
    run, loaded, _ = load_checkpoint(name, checkpoint, split, store, device)
    latents = codes_of_episodes(loaded, episodes)
    words = f"{episodes} {split} episodes of {run.name} at step {loaded.provenance.step}"
    projection = fitted_projection(latents, method, words, perplexity, seed)
    deliver(out, lambda path: save(path, latents, projection))
    remarks.print(f"{words}, {latents.classes.size} codes: {out}")


def codes_of_episodes(loaded: "LoadedCheckpoint", episodes: int) -> "Latents":
    """Follow the codes of the first episodes beside a progress bar."""
    from engine.inspection.records import joined

    parts: list[Latents] = []
    with progress_bar() as bar:
        task = bar.add_task("Following codes", total=episodes, note="")
        for part in loaded.latents(range(episodes), samples=1):
            parts.append(part)
            bar.advance(task, len(part.numbers))
    return joined(parts)


def fitted_projection(
    latents: "Latents", method: str, words: str, perplexity: float, seed: int
) -> "LinearBasis | Embedding":
    """Fit a basis to the adapted codes, or embed all codes beside a progress bar."""
    import numpy as np

    from engine.projection import embed, fit_lda, fit_pca
    from leo_studio.analysis.latents.projected import codes_to_embed

    adapted = latents.codes[:, latents.inner_steps].reshape(-1, latents.codes.shape[-1])
    if method == "pca":
        return fit_pca(adapted, words)
    if method == "lda":
        return fit_lda(adapted, np.ravel(latents.classes), words)
    with progress_bar() as bar:
        task = bar.add_task("t-SNE" if method == "tsne" else "UMAP", total=1.0, note="")

        def tell(fraction: float | None, note: str) -> None:
            bar.update(task, completed=fraction or 0.0, note=note)

        return embed(
            codes_to_embed(latents),
            "tsne" if method == "tsne" else "umap",
            perplexity=perplexity,
            seed=seed,
            progress=tell,
        )


def save(out: Path, latents: "Latents", projection: "LinearBasis | Embedding") -> None:
    """Write the file: the paper's figure, or the numbers behind it."""
    from leo_studio.analysis.latents.exported import exported_latents
    from leo_studio.analysis.latents.options import PAPER
    from leo_studio.analysis.latents.projected import projected
    from leo_studio.figures.drawing import Look
    from leo_studio.figures.saving import save as save_exported

    shown = projected(latents, projection)
    place = shown.positions.index(latents.inner_steps)
    save_exported(out, exported_latents(shown, place, PAPER), Look(width=7.0, height=5.0))
