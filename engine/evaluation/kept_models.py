"""Kept records of a run: files of JSON among its evaluations, a pydantic model each; no torch."""

import json
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from pydantic import BaseModel

from engine.errors import BadInput
from engine.evaluation.record import FOLDER
from engine.io.text import read_text
from engine.io.versions import require_known_version

M = TypeVar("M", bound=BaseModel)


class KeptModels(NamedTuple, Generic[M]):
    """The records that a run keeps, and a sentence for each file that is none."""

    records: tuple[M, ...]
    problems: tuple[str, ...]


def kept_models(
    run_folder: Path, prefix: str, model: type[M], schema: int, remedy: str
) -> KeptModels[M]:
    """Read the records of a kind that a run keeps, by the names of their files.

    Parameters
    ----------
    run_folder
        The run's folder.
    prefix
        What the names of its files begin with.
    model, schema
        What each holds, and the latest version that can be read.
    remedy
        What a person does about a file that is no whole one.
    """
    records, problems = [], []
    for path in sorted((run_folder / FOLDER).glob(f"{prefix}*.json")):
        try:
            records.append(read_kept_model(path, model, schema, remedy))
        except BadInput as error:
            problems.append(str(error))
    return KeptModels(tuple(records), tuple(problems))


def read_kept_model(path: Path, model: type[M], schema: int, remedy: str) -> M:
    """Read a record of `kept_models`; raises `BadInput` for a file that is no whole one."""
    try:
        values = json.loads(read_text(path))
        require_known_version(values, path, schema)
        return model.model_validate(values)
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"{path} is no whole evaluation; {remedy}.") from None
