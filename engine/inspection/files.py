"""Inspections in HDF5 files, readable by anybody.

Root attributes `schema`, `kind` ("inspection"), those of `engine.inspection.records.Provenance`,
`inner_steps`, `finetuning_steps`, `note` and `kept` (ISO 8601, UTC); one dataset per array of
`engine.inspection.records.Inspection`, by its name; `class_names`; and `example_rows` with
`example_names`, what the store calls the examples that occur.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from engine.errors import BadInput
from engine.inspection.records import Inspection, Provenance
from engine.io.hdf5_writing import new_hdf5

SCHEMA = 1
_KIND = "inspection"
_STEPS = ("inner_steps", "finetuning_steps")
_ARRAYS = tuple(
    field.name
    for field in fields(Inspection)
    if field.name not in ("provenance", "class_names", *_STEPS)
)


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a file, which is read before its arrays."""

    path: Path
    provenance: Provenance
    numbers: tuple[int, ...]
    note: str
    kept: str  # ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class Kept:
    """An inspection from a file."""

    inspection: Inspection
    note: str
    names: Mapping[int, str]  # of examples, by row; empty where nobody knew them


def save_inspection(
    path: Path, inspection: Inspection, note: str = "", names: Mapping[int, str] | None = None
) -> None:
    """Write an inspection; the file is whole or absent.

    Parameters
    ----------
    path
        The file, which is replaced.
    inspection
        What is kept.
    note
        A person's words.
    names
        What the store calls the examples, by row.

    Raises
    ------
    BadInput
        If the file cannot be written.
    """
    text = h5py.string_dtype()
    names = names or {}
    with new_hdf5(path) as draft:
        file = draft.file
        file.attrs["schema"], file.attrs["kind"] = SCHEMA, _KIND
        for field in fields(Provenance):
            file.attrs[field.name] = getattr(inspection.provenance, field.name)
        for name in _STEPS:
            file.attrs[name] = getattr(inspection, name)
        file.attrs["note"] = note
        file.attrs["kept"] = datetime.now(UTC).isoformat(timespec="seconds")
        for name in _ARRAYS:
            array = getattr(inspection, name)
            file.create_dataset(name, data=array, compression="gzip", shuffle=True)
        file.create_dataset("class_names", data=list(inspection.class_names), dtype=text)
        file.create_dataset("example_rows", data=np.array(list(names), np.int64))
        file.create_dataset("example_names", data=list(names.values()), dtype=text)


def load_inspection(path: Path) -> Kept:
    """Read an inspection; raises `BadInput` if the file is none, or damaged."""
    with _opened(path) as file:
        arrays: dict[str, Any] = {name: file[name][()] for name in _ARRAYS}
        steps: dict[str, Any] = {name: int(file.attrs[name]) for name in _STEPS}
        names = _texts(file, "example_names")
        inspection = Inspection(
            provenance=_provenance(file),
            class_names=tuple(_texts(file, "class_names")),
            **steps,
            **arrays,
        )
        rows = file["example_rows"][()].tolist()
        return Kept(inspection, str(file.attrs["note"]), dict(zip(rows, names, strict=True)))


def read_heading(path: Path) -> Heading:
    """Read what an inspection is of; raises `BadInput` if the file is none, or damaged."""
    with _opened(path) as file:
        return Heading(
            path,
            _provenance(file),
            tuple(file["numbers"][()].tolist()),
            str(file.attrs["note"]),
            str(file.attrs["kept"]),
        )


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    """Open an inspection's file, and say in a sentence what is wrong with it."""
    if not path.is_file():
        raise BadInput(f"There is no inspection at {path}; check the path.")
    try:
        with h5py.File(path, "r", locking=False) as file:
            if file.attrs.get("kind") != _KIND:
                raise BadInput(f"{path.name} is no inspection; inspect an episode and keep it.")
            schema = int(file.attrs["schema"])
            if schema > SCHEMA:
                raise BadInput(
                    f"{path.name} has schema {schema}; this version of LEO Studio reads up to "
                    f"{SCHEMA}: update LEO Studio."
                )
            yield file
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise BadInput(
            f"{path.name} cannot be read as an inspection ({error}); inspect the episode again."
        ) from error


def _provenance(file: h5py.File) -> Provenance:
    attributes = file.attrs
    return Provenance(
        split=str(attributes["split"]),
        seed=int(attributes["seed"]),
        run=str(attributes["run"]),
        run_id=str(attributes["run_id"]),
        step=int(attributes["step"]),
        what_if=str(attributes["what_if"]),
    )


def _texts(file: h5py.File, name: str) -> Sequence[str]:
    texts: list[str] = file[name].asstr()[()].tolist()
    return texts
