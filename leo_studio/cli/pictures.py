"""`leo-studio import images`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.data.picture_choices import Layout, Views
from engine.errors import BadInput
from engine.io.paths import expanded
from leo_studio.analysis.formats import format_accuracy
from leo_studio.cli.console import progress_bar, remarks
from leo_studio.cli.data import (
    AsJson,
    Proportions,
    Replace,
    Splits,
    SplitSeed,
    StoreFile,
    StoreName,
    naming_runs,
    report_imports,
    store_at,
)

if TYPE_CHECKING:
    from engine.data.store import EmbeddingStore
    from engine.runs.library import Library

_NUMBERS = "0.485,0.456,0.406"

Pictures = Annotated[
    Path,
    typer.Argument(
        parser=expanded,
        metavar="PATH",
        help="Pictures: a folder or a .zip with a folder for each class, a .csv of paths and "
        "labels, a .parquet table, or a pickled miniImageNet.",
    ),
]
EncoderName = Annotated[
    str,
    typer.Option(
        metavar="NAME|FILE|FOLDER|RUN",
        help="What makes embeddings of pictures: efficientnet-lite0 (the default), an ONNX "
        "model, a .safetensors of a backbone, a folder or name of a transformers model, or a "
        "pre-training run.",
    ),
]
ViewsOption = Annotated[
    Views, typer.Option(help="One crop; the mean of ten; or each of ten as an example in training.")
]
Side = Annotated[
    int | None, typer.Option(min=8, max=4096, help="What the encoder sees, in pixels.")
]
Crop = Annotated[
    float | None,
    typer.Option(min=0.05, max=1.0, help="The share of the shorter side that it sees."),
]
Mean = Annotated[
    str, typer.Option(metavar=_NUMBERS, help="Taken from each channel, which is 0 to 1.")
]
Deviation = Annotated[
    str, typer.Option(metavar="0.229,0.224,0.225", help="What each channel is divided by.")
]
LayoutOption = Annotated[Layout | None, typer.Option(help="The order of an ONNX model's axes.")]
TrainedOn = Annotated[str, typer.Option(metavar="NAME", help="What the encoder was trained on.")]
Online = Annotated[
    bool, typer.Option("--online", help="Fetch a model of transformers from its hub.")
]
EncoderDevice = Annotated[str, typer.Option(help="Where the encoder computes.")]


def import_images_command(
    source: Pictures,
    out: StoreFile = None,
    name: StoreName = None,
    encoder: EncoderName = "",
    splits: Splits = None,
    proportions: Proportions = "64/16/20",
    seed: SplitSeed = 0,
    views: ViewsOption = "center",
    side: Side = None,
    crop: Crop = None,
    mean: Mean = "",
    std: Deviation = "",
    layout: LayoutOption = None,
    trained_on: TrainedOn = "",
    online: Online = False,
    device: EncoderDevice = "auto",
    replace: Replace = False,
    as_json: AsJson = False,
) -> None:
    """Make an embedding store of pictures; stopped at any time, it goes on from there."""
    from engine.data.class_splits import SplitChoice, read_proportions
    from engine.data.store import EmbeddingStore
    from engine.devices.selection import choose_device
    from engine.evaluation.store_baseline import store_baselines
    from engine.images.encoders import Framing
    from engine.images.importing import import_pictures
    from leo_studio.services.encoders import find_encoder
    from leo_studio.services.library_location import default_library

    library = default_library()
    target = store_at(out, name, source.resolve().stem, library)
    framing = Framing(
        side, crop, _numbers(mean, "--mean"), _numbers(std, "--std"), layout, views, trained_on
    )
    choice = SplitChoice(splits, read_proportions(proportions), seed)
    place = choose_device(device)
    with progress_bar() as bar, naming_runs(library):
        task = bar.add_task("Embedding", total=1.0, note="")
        store = import_pictures(
            source,
            target,
            find_encoder(library, encoder, place, framing, is_online=online),
            place,
            name=name,
            splits=choice,
            keep_old=library.keep_old_store if replace else None,
            progress=lambda note, done: bar.update(task, completed=done, note=note),
        )
    made = EmbeddingStore(store.path)
    baselines = store_baselines(made)
    next_preset, is_new = _preset_for(library, made)
    report_imports(
        [store],
        library,
        as_json,
        {
            "nearest_class_mean": [each.to_dict() for each in baselines],
            "left_out": made.left_out,
            "caution": made.caution(),
            "preset": next_preset,
        },
    )
    if as_json:
        return
    for each in baselines:
        accuracy = format_accuracy(each.evaluation.accuracy, each.evaluation.ci95)
        print(
            f"Nearest class mean reaches {accuracy} on {each.split}, {each.n_way}-way "
            f"{each.k_shot}-shot ({each.evaluation.episodes} episodes)."
        )
    if made.caution():
        remarks.print(f"Note: {made.caution()}")
    if next_preset:
        made_now = "A preset that fits it was made. " if is_new else ""
        remarks.print(f"{made_now}Train LEO on it: leo-studio train {next_preset}")


def _preset_for(library: "Library", store: "EmbeddingStore") -> tuple[str, bool]:
    """Return the preset for a store and whether it is new; "" where it cannot be trained on."""
    from engine.runs.fitted_preset import preset_for

    try:
        return preset_for(library, store)
    except BadInput as error:
        remarks.print(f"Note: {error}")
        return "", False


def _numbers(text: str, option: str) -> tuple[float, ...] | None:
    """Return the numbers of a text such as "0.5,0.5,0.5"; None for none."""
    if not text:
        return None
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) not in (1, 3):
        raise BadInput(f'{option} is "{text}"; write one number or three, as in {_NUMBERS}.')
    return numbers
