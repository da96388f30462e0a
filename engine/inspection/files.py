"""Inspections in HDF5 files, readable by anybody.

Root attributes `schema`, `kind` ("inspection"), those of `engine.inspection.records.Provenance`,
`inner_steps`, `finetuning_steps`, `note` and `kept` (ISO 8601, UTC); one dataset per array of
`engine.inspection.records.Inspection`, by its name; `class_names`; and `example_rows` with
`example_names`, what the store calls the examples that occur.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import BadInput
from engine.inspection.records import ROWS, SHAPES, Inspection, Provenance, misshapen
from engine.io.hdf5 import Contents, opened, set_text, write_texts
from engine.io.hdf5_writing import new_hdf5
from engine.io.times import utc_now

SCHEMA = 1
_KIND = "inspection"
_STEPS = ("inner_steps", "finetuning_steps")


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a file, which is read before its arrays."""

    path: Path
    provenance: Provenance
    numbers: tuple[int, ...]
    note: str
    kept: str  # ISO 8601, UTC
    classes: tuple[str, ...]  # names of those in the first episode, by their places
    names: Mapping[int, str]  # of examples, by row; empty where nobody knew them


@dataclass(frozen=True, slots=True)
class Kept:
    """An inspection from a file."""

    inspection: Inspection
    note: str
    names: Mapping[int, str]  # of examples, by row; empty where nobody knew them


def save_inspection(
    path: Path,
    inspection: Inspection,
    note: str = "",
    names: Mapping[int, str] | None = None,
    *,
    kept: str = "",
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
    kept
        When it was first kept, ISO 8601 and UTC; now where it is "".

    Raises
    ------
    BadInput
        If the file cannot be written.
    """
    names = names or {}
    with new_hdf5(path) as draft:
        file = draft.file
        file.attrs["schema"] = SCHEMA
        said = {
            "kind": _KIND,
            "note": note,
            "kept": kept or utc_now(),
        }
        for field in fields(Provenance):
            value = getattr(inspection.provenance, field.name)
            if isinstance(value, str):
                said[field.name] = value
            else:
                file.attrs[field.name] = value
        for key, value in said.items():
            set_text(file, key, value)
        for name in _STEPS:
            file.attrs[name] = getattr(inspection, name)
        for name in SHAPES:
            array = getattr(inspection, name)
            file.create_dataset(name, data=array, compression="gzip", shuffle=True)
        write_texts(file, "class_names", inspection.class_names)
        file.create_dataset("example_rows", data=np.array(list(names), np.int64))
        write_texts(file, "example_names", list(names.values()))


def rename_inspection(path: Path, note: str) -> None:
    """Give an inspection that was kept another note; all else in its file stays as it is.

    Raises
    ------
    BadInput
        If the file is none, is damaged, or cannot be written; it is unchanged then.
    """
    kept = load_inspection(path)
    save_inspection(path, kept.inspection, note, kept.names, kept=read_heading(path).kept)


def load_inspection(path: Path) -> Kept:
    """Read an inspection; raises `BadInput` if the file is none, or damaged."""
    with _opened(path) as contents:
        arrays: dict[str, Any] = {name: _array(contents, name) for name in SHAPES}
        steps: dict[str, Any] = {name: contents.whole(name) for name in _STEPS}
        inspection = Inspection(
            provenance=_provenance(contents),
            class_names=tuple(contents.texts("class_names")),
            **steps,
            **arrays,
        )
        odd = misshapen(inspection)
        if odd is not None:
            raise contents.bad(odd, "does not fit the others")
        return Kept(inspection, contents.text("note"), _example_names(contents))


def read_heading(path: Path) -> Heading:
    """Read what an inspection is of; raises `BadInput` if the file is none, or damaged."""
    with _opened(path) as contents:
        return Heading(
            path,
            _provenance(contents),
            tuple(_array(contents, "numbers").tolist()),
            contents.text("note"),
            contents.text("kept"),
            _class_names(contents),
            _example_names(contents),
        )


@contextmanager
def _opened(path: Path) -> Iterator[Contents]:
    """Open an inspection's file, and say in a sentence what is wrong with it."""
    with opened(path, "inspection", "inspect the episode again") as contents:
        if contents.attribute("kind") is None or contents.text("kind") != _KIND:
            raise BadInput(f"{path.name} is no inspection; inspect an episode and keep it.")
        contents.require_known_version(SCHEMA)
        yield contents


def _array(contents: Contents, name: str) -> NDArray[Any]:
    return contents.array(name, "iu" if name in ROWS else "f", len(SHAPES[name]))


def _example_names(contents: Contents) -> dict[int, str]:
    rows, names = contents.array("example_rows", "iu", 1), contents.texts("example_names")
    if len(rows) != len(names):
        raise contents.bad("example_names", f"has {len(names)} names for {len(rows)} rows")
    return dict(zip(rows.tolist(), names, strict=True))


def _class_names(contents: Contents) -> tuple[str, ...]:
    """Return what the classes of the first episode are called, by their places."""
    names, classes = contents.texts("class_names"), _array(contents, "classes")
    if classes.size and not 0 <= classes.min() <= classes.max() < len(names):
        raise contents.bad("classes", f"names none of the {len(names)} classes")
    return tuple(names[label] for label in classes[:1].flatten().tolist())


def _provenance(contents: Contents) -> Provenance:
    return Provenance(
        split=contents.text("split"),
        seed=contents.whole("seed"),
        run=contents.text("run"),
        run_id=contents.text("run_id"),
        step=contents.whole("step"),
        what_if=contents.text("what_if"),
    )
