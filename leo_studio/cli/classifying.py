"""`leo-studio classify`."""

import csv
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import BadInput
from engine.io.paths import expanded
from leo_studio.cli.arguments import (
    CheckpointOption,
    DeviceOption,
    JsonOption,
    RunArgument,
    StoreOption,
    find_checkpoint,
    tell_of_store_of,
)
from leo_studio.cli.console import percent, print_json, print_table, progress_bar, remarks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.classifying.classifier import Classifier
    from engine.classifying.records import Answers
    from engine.images.embedder import EmbeddedPictures, Embedder
    from engine.images.sources import Picture, PictureSource

_MOST_SAMPLES = 10_000


def classify_command(
    name: RunArgument,
    support: Annotated[
        Path,
        typer.Option(
            parser=expanded,
            metavar="DIR",
            help="Examples: a folder (or a .zip) with a folder of pictures for each class.",
        ),
    ],
    query: Annotated[
        Path,
        typer.Option(
            parser=expanded,
            metavar="DIR",
            help="What is classified: a picture, or a folder of pictures; where they lie in "
            "folders that are named as the classes, it is also counted how many are right.",
        ),
    ],
    threshold: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, metavar="P", help="Below it, a picture is none of these."),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(
            min=0, max=_MOST_SAMPLES, metavar="S", help="How many codes are drawn; 0 for none."
        ),
    ] = None,
    checkpoint: CheckpointOption = None,
    encoder: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.onnx|FOLDER|NAME", help="Where the encoder of the run's store is now."
        ),
    ] = None,
    store: StoreOption = None,
    device: DeviceOption = None,
    export: Annotated[
        Path | None,
        typer.Option(
            parser=expanded,
            metavar="FILE.onnx",
            help="Also write the adapted classifier, with the encoder in front: pictures go in.",
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace what --export names.")
    ] = False,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a row for each picture.")] = False,
) -> None:
    """Classify pictures by a few examples of each class, with what a run has learned."""
    from engine.classifying.classifier import SAMPLES
    from engine.classifying.loaded_learner import loaded_learner
    from engine.images.embedder import Embedder
    from engine.images.sources import loose_pictures, opened_pictures
    from engine.runs.run_store import store_of
    from leo_studio.services.library_location import default_library

    if as_json and as_csv:
        raise BadInput("Give --json or --csv, not both.")
    if export is not None:
        _require_export(export, replace)
    library = default_library()
    run, step = find_checkpoint(library, name, checkpoint)
    tell_of_store_of(library, run, store)
    data = store_of(library, run, store, say=remarks.print)
    learner = loaded_learner(run, step, device)
    embedder = Embedder.of(data, learner.device, encoder)
    asked = loose_pictures(query)
    with opened_pictures(support) as examples:
        shown = _embedded(embedder, examples, "Reading examples")
        classifier = _classifier(learner, examples.pictures, shown)
        notes = [*examples.notes, *asked.notes, *filter(None, [classifier.note])]
    queries = _embedded(embedder, asked, "Classifying")
    answers = classifier.ask(
        queries.embeddings, samples=SAMPLES if samples is None else samples, threshold=threshold
    )
    exported = ""
    if export is not None:
        from engine.export.classifier_onnx import MOST_COMPARED, save_classifier

        some = [asked.pixels(row) for row in queries.rows[:MOST_COMPARED]]
        exported = str(save_classifier(export, classifier, embedder, some, threshold))
    pictures = [asked.pictures[row] for row in queries.rows]
    problems = [*shown.problems, *queries.problems]
    if as_json:
        result = {"run": str(run.path), "step": step}
        print_json(result | as_dict(classifier, answers, pictures, problems, notes))
        return
    if as_csv:
        print_csv(answers, pictures)
    else:
        print_answers(classifier, answers, pictures)
    for sentence in filter(None, [*notes, *problems, exported]):
        remarks.print(sentence)


def export_shown_command(
    shown: Annotated[Path, typer.Argument(metavar="FILE.npz", help="What the window wrote.")],
    out: Annotated[Path, typer.Argument(metavar="FILE.onnx", help="It is replaced.")],
) -> None:
    """Export the classifier that the window's panel Try it shows, in a process of its own."""
    from leo_studio.services.classifier_export import export_shown
    from leo_studio.services.library_location import default_library

    print_json(asdict(export_shown(default_library(), shown, out)))


def _require_export(path: Path, is_replacing: bool) -> None:
    """Raise `BadInput`, before anything is computed, where no model can be written."""
    from engine.export.onnx_models import require_onnx

    if path.suffix.lower() != ".onnx":
        raise BadInput(f"--export is {path}; its name must end with .onnx.")
    if not path.absolute().parent.is_dir():
        raise BadInput(f"--export is {path}; there is no folder {path.absolute().parent}: make it.")
    if path.exists() and not is_replacing:
        raise BadInput(f"{path} is there already; choose another --export, or add --replace.")
    require_onnx()


def _embedded(embedder: "Embedder", source: "PictureSource", title: str) -> "EmbeddedPictures":
    with progress_bar() as bar:
        task = bar.add_task(title, total=len(source.pictures), note="")
        return embedder.embed_source(source, lambda done: bar.update(task, completed=done))


def _classifier(
    learner: Any, pictures: "Sequence[Picture]", shown: "EmbeddedPictures"
) -> "Classifier":
    """Adapt to the examples that could be read, by the classes of all of them."""
    from engine.classifying.classifier import Classifier

    names = list(dict.fromkeys(picture.class_name for picture in pictures))
    owners = [names.index(pictures[row].class_name) for row in shown.rows]
    support = [
        shown.embeddings[[place for place, owner in enumerate(owners) if owner == label]]
        for label in range(len(names))
    ]
    return Classifier(learner, names, support)


def right_of(answers: "Answers", pictures: "Sequence[Picture]") -> list[bool]:
    """Say of each query whose class is known whether its most probable class is that."""
    classes = answers.class_names
    return [
        classes[winner] == picture.class_name
        for winner, picture in zip(answers.winners.tolist(), pictures, strict=True)
        if picture.class_name in classes
    ]


def as_dict(
    classifier: "Classifier",
    answers: "Answers",
    pictures: "Sequence[Picture]",
    problems: "Sequence[str]",
    notes: "Sequence[str]",
) -> dict[str, Any]:
    """Return everything as plain values."""
    left_out, right = classifier.leave_one_out, right_of(answers, pictures)
    sizes = classifier.sizes
    return {
        "classes": [
            {"name": name, "examples": size}
            for name, size in zip(answers.class_names, sizes, strict=True)
        ],
        "leave_one_out": {
            "accuracy": left_out.accuracy,
            "examples": len(left_out.classes),
            "right": int(left_out.is_right.sum()),
        },
        "threshold": answers.threshold.value,
        "threshold_reason": answers.threshold.reason,
        "samples": answers.samples,
        "accuracy": sum(right) / len(right) if right else None,
        "queries": [query_dict(answers, row, each) for row, each in enumerate(pictures)],
        "problems": list(problems),
        "notes": list(notes),
    }


def query_dict(answers: "Answers", row: int, picture: "Picture") -> dict[str, Any]:
    """Return what is said of one query."""
    is_sampled = answers.samples > 0
    known = picture.class_name in answers.class_names
    return {
        "picture": picture.name,
        "answer": answers.label(row),
        "is_none_of_these": bool(answers.is_none[row]),
        "class": answers.class_names[answers.winners[row]],
        "probability": float(answers.confidences[row]),
        "deviation": float(answers.deviations[row]) if is_sampled else None,
        "mutual_information": float(answers.informations[row]) if is_sampled else None,
        "true_class": picture.class_name if known else None,
        "probabilities": dict(
            zip(answers.class_names, answers.probabilities[row].tolist(), strict=True)
        ),
        "code": answers.codes[row].tolist() if answers.codes.size else None,
    }


def print_csv(answers: "Answers", pictures: "Sequence[Picture]") -> None:
    """Print a row for each query."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    columns = ("picture", "answer", "class", "probability", "deviation", "mutual_information")
    writer.writerow([*columns, "true_class", *(f"p({name})" for name in answers.class_names)])
    for row, picture in enumerate(pictures):
        found = query_dict(answers, row, picture)
        probabilities = found["probabilities"].values()
        writer.writerow([*(found[each] for each in (*columns, "true_class")), *probabilities])


def print_answers(
    classifier: "Classifier", answers: "Answers", pictures: "Sequence[Picture]"
) -> None:
    """Print a table for people."""
    rows = []
    for row, picture in enumerate(pictures):
        cells = [picture.name, answers.label(row), percent(float(answers.confidences[row]))]
        if answers.samples:
            cells.append(f"± {percent(float(answers.deviations[row]))}")
        if answers.is_none[row]:
            cells[1] += f" (most like {answers.class_names[answers.winners[row]]})"
        rows.append(cells)
    columns = ["picture", "answer", "probability", "over samples"]
    print_table(columns if answers.samples else columns[:3], rows)
    classes = ", ".join(
        f"{name} ({size})" for name, size in zip(answers.class_names, classifier.sizes, strict=True)
    )
    print(f"classes      {classes}")
    if right := right_of(answers, pictures):
        print(f"right        {sum(right)} of {len(right)} ({percent(sum(right) / len(right))})")
    print(f"trust        {classifier.leave_one_out.sentence}")
    print(f"threshold    {percent(answers.threshold.value)}. {answers.threshold.reason}")
