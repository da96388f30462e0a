"""`leo-studio inspect` and `leo-studio episodes`."""

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import BadInput
from engine.io.files import deliver
from engine.io.paths import expanded
from leo_studio.cli.arguments import (
    CheckpointOption,
    DeviceOption,
    JsonOption,
    ReplaceOption,
    RunArgument,
    SplitOption,
    StoreOption,
    find_checkpoint,
    load_checkpoint,
    load_found,
    require_ending,
    require_new_file,
    require_none,
)
from leo_studio.cli.console import percent, print_json, print_table, progress_bar, remarks
from leo_studio.cli.inspecting_functions import LookedAt, inspect_functions
from leo_studio.services.episode_links import SAMPLES, EpisodeLink, episode_link

if TYPE_CHECKING:
    from engine.data.store import EmbeddingStore
    from engine.inspection.records import EpisodeTable, Inspection
    from engine.runs.run import Run

_MOST_EPISODES = 1_000_000
_WORST_QUERIES = 5


def inspect_command(
    name: RunArgument,
    episode: Annotated[
        int | None, typer.Option(help="Its number; every number is an episode, or a task.")
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            help="train, val, test, or training: what it saw; val by default. Tasks are of test."
        ),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(
            help=f"How many latent codes are drawn, {SAMPLES} by default; of functions "
            "at most, all by default."
        ),
    ] = None,
    checkpoint: CheckpointOption = None,
    what_if: Annotated[
        str, typer.Option(metavar="CHANGES", help='Such as "swap 2 17; inner_steps 3".')
    ] = "",
    points: Annotated[
        Path | None,
        typer.Option(
            parser=expanded, metavar="FILE.json", help="Points of a function that were kept."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            parser=expanded,
            metavar="FILE.h5",
            help="Write everything to this file; of functions also .csv, .parquet, figures, or "
            ".json: the points, to be looked at again.",
        ),
    ] = None,
    store: StoreOption = None,
    device: DeviceOption = None,
    replace: ReplaceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Look at one episode, or one task of functions, in full: what adaptation does to it."""
    from engine.inspection.files import save_inspection
    from leo_studio.analysis.episode.changes import in_words
    from leo_studio.services.library_location import default_library

    run, step = find_checkpoint(default_library(), name, checkpoint)
    if not run.experiment.task.needs_store:
        require_none(run, {"--what-if": what_if})
        wanted = LookedAt(run, step, episode, points, split, samples, device, store)
        inspect_functions(wanted, out, is_replacing=replace, as_json=as_json)
        return
    if points is not None:
        raise BadInput(f"{run.name} learns classes, and --points is of functions; leave it out.")
    if episode is None:
        raise BadInput("Which episode? Give its number: --episode 0, or any other.")
    split, samples = split or "val", SAMPLES if samples is None else samples
    if out is not None:
        require_ending(out, (".h5", ".hdf5"))
        require_new_file(out, replace)
    episode_link(name, split, episode, checkpoint, samples, what_if)  # before anything is loaded
    loaded, data = load_found(run, step, split, store, device)
    name = run.name if run.path.parent == default_library().runs.resolve() else str(run.path)
    link = episode_link(name, split, episode, str(loaded.provenance.step), samples, what_if)
    if not Path(run.record.store.path).is_file():  # it could not be remembered
        link = dataclasses.replace(link, store=str(data.path))
    if link.what_if.is_nothing:
        seen = loaded.inspect([episode], samples)
    else:
        seen = loaded.what_if(episode, samples, link.what_if)
    names = names_of(run, data, split, seen)
    changed = ""
    if not (link.what_if.is_nothing or as_json):
        plain, noun = loaded.inspect([episode], 1), "example"
        if data.images(splits_of(run, split)[0], [0]) is not None:
            noun = "picture"
        changed = in_words(link.what_if, plain, noun, lambda row: names.get(row, ""))
    if as_json:
        print_json(finite(as_dict(seen, names)))
    else:
        print_inspection(seen, names, link, changed)
    if out is not None:
        # After the result itself, which is not lost where the file cannot be written.
        deliver(out, lambda path: save_inspection(path, seen, names=names))
        remarks.print(f"Written to {out}", style="dim")


def episodes_command(
    name: RunArgument,
    split: SplitOption = "val",
    count: Annotated[int, typer.Option(min=1, max=_MOST_EPISODES, help="How many.")] = 1000,
    first: Annotated[int, typer.Option(min=0, help="The first one's number.")] = 0,
    sort: Annotated[
        str, typer.Option(help="A column, such as gain; with - before it, the largest first.")
    ] = "number",
    where: Annotated[
        str, typer.Option(metavar="FILTER", help='Such as "gain < 0 and accuracy > 60%".')
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many rows are printed.")] = 20,
    checkpoint: CheckpointOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            parser=expanded, metavar="FILE", help="Write all rows to a .csv, .parquet or .h5."
        ),
    ] = None,
    store: StoreOption = None,
    device: DeviceOption = None,
    replace: ReplaceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Go through many episodes, and find the hardest, or those that adaptation hurt."""
    import numpy as np

    from engine.inspection.records import joined
    from leo_studio.analysis.episodes.exported import exported_episodes
    from leo_studio.analysis.episodes.filter import FIELDS, matching
    from leo_studio.figures.saving import save

    key = sort.removeprefix("-").replace("-", "_")
    if key not in FIELDS:
        raise BadInput(f'--sort is "{sort}"; sort by one of {", ".join(FIELDS)}.')
    if out is not None:
        require_ending(out, (".csv", ".parquet", ".h5"))
        require_new_file(out, replace)
    _, loaded, _ = load_checkpoint(name, checkpoint, split, store, device)
    parts: list[EpisodeTable] = []
    with progress_bar() as bar:
        task = bar.add_task("Going through episodes", total=count, note="")
        for part in loaded.tabulate(range(first, first + count)):
            if not parts:
                matching(where, part)  # a mistake in it is told now, not at the end
            parts.append(part)
            bar.advance(task, len(part.numbers))
    table = joined(parts)
    rows = np.flatnonzero(matching(where, table))
    values = FIELDS[key](table)[rows]
    rows = rows[np.argsort(-values if sort.startswith("-") else values, kind="stable")]
    if as_json:
        print_json(finite([episode_dict(table, row) for row in rows.tolist()]))
    else:
        print_episodes(table, rows[:limit].tolist())
        print(f"{min(limit, len(rows))} of {len(rows)} episodes, {count} gone through")
    if out is not None:
        deliver(out, lambda path: save(path, exported_episodes(table, rows)))
    if out is not None and not as_json:
        remarks.print(f"All {len(rows)} rows are in {out}", style="dim")


def names_of(run: "Run", data: "EmbeddingStore", split: str, seen: "Inspection") -> dict[int, str]:
    """Return what the store calls the examples of an episode, by row."""
    from engine.inspection.records import example_rows

    known = [name for each in splits_of(run, split) for name in data.image_names(each)]
    return {row: known[row] for row in example_rows(seen).tolist()}


def splits_of(run: "Run", split: str) -> Sequence[str]:
    """Return the splits of the store that episodes of a split are of."""
    from engine.inspection.records import TRAINING_EPISODES

    return run.experiment.data.train_splits if split == TRAINING_EPISODES else [split]


def print_inspection(
    seen: "Inspection", names: dict[int, str], link: EpisodeLink, changed: str
) -> None:
    """Print an episode for people; `changed` says what was changed by hand, "" for nothing."""
    from engine.inspection.records import position_name

    classes = [seen.class_names[label] for label in seen.classes[0].tolist()]
    print(f"{link.split} {link.episode}, step {seen.provenance.step} of {seen.provenance.run}")
    for place, name in enumerate(classes):
        support = [names[row] for row in seen.support[0, place].tolist() if row >= 0]
        print(f"  {name}: {', '.join(support)}")
    if changed:
        print(f"changed      {changed}")
    print_table(
        ("position", "support loss", "accuracy", "query loss", "accuracy"),
        [
            (
                position_name(seen, position),
                f"{seen.support_loss[0, position]:.3f}",
                percent(float(seen.support_accuracy[0, position])),
                f"{seen.query_loss[0, position]:.3f}",
                percent(float(seen.query_accuracy[0, position])),
            )
            for position in range(seen.codes.shape[1])
        ],
    )
    accuracy = seen.query_accuracy[0]
    gain = 100 * float(accuracy[-1] - accuracy[0])
    asked = int((seen.query[0] >= 0).sum())
    print(f"gain         {gain:+.1f} points on {asked} queries, as leo-studio evaluate asks them")
    print(f"calibration  expected calibration error {percent(float(seen.calibration_error[0, 2]))}")
    entropy, expected, information = uncertainty(seen)
    print(
        f"entropy      {entropy:.3f} nats = {expected:.3f} expected of one code + "
        f"{information:.4f} mutual information ({seen.samples} samples)"
    )
    for line in confusions(seen, classes):
        print(line)
    for line in worst_queries(seen, names, classes):
        print(line)
    remarks.print(f"Open it: {link.command()}", style="dim")


def uncertainty(seen: "Inspection") -> tuple[float, float, float]:
    """Return entropy, expected entropy and mutual information after fine-tuning, in nats."""
    import numpy as np

    parts = (seen.entropy, seen.expected_entropy, seen.mutual_information)
    entropy, expected, information = (float(np.nanmean(part[0, 2])) for part in parts)
    return entropy, expected, information


def confusions(seen: "Inspection", classes: list[str]) -> list[str]:
    """Say which classes are taken for which, the most often first."""
    final, lines = seen.predictions[0, -1], []
    for true, name in enumerate(classes):
        for taken, other in enumerate(classes):
            count = int((final[true] == taken).sum())
            if true != taken and count:
                lines.append((count, f"confusion    {count} of {name} taken for {other}"))
    return [line for _, line in sorted(lines, key=lambda pair: -pair[0])[:_WORST_QUERIES]]


def worst_queries(seen: "Inspection", names: dict[int, str], classes: list[str]) -> list[str]:
    """Name the queries that are wrong with most confidence."""
    import numpy as np

    from engine.inspection.records import taken_for

    final, predicted = seen.probabilities[0, -1], seen.predictions[0, -1]
    labels = np.arange(len(classes))[:, None]
    is_wrong = (predicted != labels) & (seen.query[0] >= 0)
    confidence = np.where(is_wrong, np.nan_to_num(final).max(-1), -1.0)
    order = np.argsort(-confidence, axis=None)[: min(_WORST_QUERIES, int(is_wrong.sum()))]
    lines = []
    for n, q in zip(*np.unravel_index(order, confidence.shape), strict=True):
        name, taken = names[int(seen.query[0, n, q])], taken_for(classes, int(predicted[n, q]))
        lines.append(f"wrong        {name} taken for {taken}, {percent(float(confidence[n, q]))}")
    return lines


def as_dict(seen: "Inspection", names: dict[int, str]) -> dict[str, Any]:
    """Return an episode as plain containers: what there is no query or example for is null."""
    from dataclasses import asdict

    classes = [seen.class_names[label] for label in seen.classes[0].tolist()]
    entropy, expected, information = uncertainty(seen)
    return {
        **asdict(seen.provenance),
        "episode": int(seen.numbers[0]),
        "inner_steps": seen.inner_steps,
        "finetuning_steps": seen.finetuning_steps,
        "samples": seen.samples,
        "classes": classes,
        "support": [[named(names, row) for row in each] for each in seen.support[0].tolist()],
        "queries": [[named(names, row) for row in each] for each in seen.query[0].tolist()],
        "predictions": seen.predictions[0, -1].tolist(),
        "probabilities": seen.probabilities[0, -1].tolist(),
        "mean": seen.mean[0].tolist(),
        "deviation": seen.deviation[0].tolist(),
        "codes": seen.codes[0].tolist(),
        "unreachable": seen.unreachable[0].tolist(),
        "weight_norms": seen.weight_norms[0].tolist(),
        "weight_cosines": seen.weight_cosines[0].tolist(),
        "support_loss": seen.support_loss[0].tolist(),
        "support_accuracy": seen.support_accuracy[0].tolist(),
        "query_loss": seen.query_loss[0].tolist(),
        "query_accuracy": seen.query_accuracy[0].tolist(),
        "calibration_error": seen.calibration_error[0].tolist(),
        "entropy": entropy,
        "expected_entropy": expected,
        "mutual_information": information,
    }


def named(names: dict[int, str], row: int) -> str | None:
    """Return an example's name; None where there is none."""
    return names.get(row)


def finite(value: Any) -> Any:
    """Return plain containers with null for what is no finite number, as JSON has it."""
    match value:
        case dict():
            return {key: finite(each) for key, each in value.items()}
        case list():
            return [finite(each) for each in value]
        case float():
            return value if math.isfinite(value) else None
        case _:
            return value


def episode_dict(table: "EpisodeTable", row: int) -> dict[str, Any]:
    """Return one episode of a table as plain values."""
    from leo_studio.analysis.episodes.filter import FIELDS

    values = {field: read(table)[row].item() for field, read in FIELDS.items()}
    return {
        **values,
        "classes": [table.class_names[label] for label in table.classes[row].tolist()],
    }


def print_episodes(table: "EpisodeTable", rows: list[int]) -> None:
    """Print some rows for people."""
    from leo_studio.analysis.episodes.filter import classes_text

    print_table(
        ("episode", "before", "inner", "accuracy", "gain", "loss", "uncertainty", "classes"),
        [
            (
                table.numbers[row],
                *map(percent, table.accuracies[row].tolist()),
                f"{100 * table.gains[row]:+.1f}",
                f"{table.losses[row, 2]:.3f}",
                f"{table.mutual_informations[row]:.2e}",
                classes_text(table, row),
            )
            for row in rows
        ],
    )
