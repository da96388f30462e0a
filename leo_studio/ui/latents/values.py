"""Points that are shown, as CSV and HDF5; no Qt."""

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import fields
from pathlib import Path

import h5py
import numpy as np

from engine.files import replacing, write_text
from engine.inspection.records import Latents, Origin
from engine.projection import LinearBasis
from leo_studio.ui.latents.projected import Projected, position_names

SCHEMA = 1
_COLUMNS = (
    "episode",
    "way",
    "class",
    "position",
    "x",
    "y",
    "accuracy_before",
    "accuracy_after_inner_loop",
    "accuracy_after_finetuning",
    "uncertainty_nats",
    "is_selected",
)


def save_csv(
    path: Path, shown: Projected, places: Sequence[int], selected: Collection[int] = ()
) -> int:
    """Write a row for each point at some positions; returns how many.

    Raises
    ------
    BadInput
        If the file cannot be written.
    """
    latents, names = shown.latents, position_names(shown)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    numbers, accuracies = latents.numbers.tolist(), latents.accuracies.tolist()
    uncertainties, classes = latents.uncertainties.tolist(), latents.classes.tolist()
    path_points = shown.path.tolist()
    count = 0
    for place in places:
        for episode, number in enumerate(numbers):
            shared = (*accuracies[episode], uncertainties[episode], int(number in selected))
            for way, label in enumerate(classes[episode]):
                x, y = path_points[episode][place][way]
                name = latents.class_names[label]
                writer.writerow([number, way, name, names[place], x, y, *shared])
                count += 1
    write_text(path, text.getvalue())
    return count


def save_hdf5(path: Path, shown: Projected) -> None:
    """Write codes, points and axes: arrays by the names of `Latents` and `Projected`.

    Raises
    ------
    BadInput
        If the file cannot be written.
    """
    latents = shown.latents
    text = h5py.string_dtype()
    with replacing(path) as draft, h5py.File(draft, "w") as file:
        file.attrs["schema"], file.attrs["kind"] = SCHEMA, "latents"
        for field in fields(Origin):
            file.attrs[field.name] = getattr(latents.origin, field.name)
        file.attrs["inner_steps"] = latents.inner_steps
        file.attrs["finetuning_steps"] = latents.finetuning_steps
        for field in fields(Latents):
            array = getattr(latents, field.name)
            if isinstance(array, np.ndarray):
                file.create_dataset(field.name, data=array, compression="gzip", shuffle=True)
        file.create_dataset("class_names", data=list(latents.class_names), dtype=text)
        group = file.create_group("projection")
        group.attrs["method"] = shown.basis.method
        group.attrs["words"] = shown.basis_words
        group.attrs["axis_labels"] = list(shown.axis_labels)
        group.create_dataset("positions", data=np.array(shown.positions, np.int64))
        group.create_dataset("position_names", data=position_names(shown), dtype=text)
        for name in ("path", "sampled_before", "sampled_after"):
            group.create_dataset(name, data=getattr(shown, name))
        if isinstance(shown.basis, LinearBasis):
            group.create_dataset("mean", data=shown.basis.mean)
            group.create_dataset("axes", data=shown.basis.axes)
