"""Limits kept in files, because they take as long to compute as an evaluation."""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Generator
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.errors import BadInput
from engine.io.files import replacing
from engine.io.generators import finished
from engine.tasks.episodes import numbers_from
from engine.tasks.regression.families import Prior
from engine.tasks.regression.functions import FunctionTasks, sample_functions
from engine.tasks.regression.limit import Limit, limit_of

# To be raised whenever a limit, or a task, comes out differently: files of before are then left.
_VERSION = 1
# What reading a file may raise that is not a whole one.
_DAMAGES = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)


def kept_limit(
    folder: Path, prior: Prior, k_shot: int, seed: int, split: str, tasks: int, queries: int
) -> Limit:
    """Return the limit that the folder keeps, or compute it to the end; see `keeping_limit`."""
    return finished(keeping_limit(folder, prior, k_shot, seed, split, tasks, queries))


def keeping_limit(
    folder: Path, prior: Prior, k_shot: int, seed: int, split: str, tasks: int, queries: int
) -> Generator[int, None, Limit]:
    """Return the limit that the folder keeps, or compute it and keep it there.

    It yields how many tasks are done; where the limit is kept, nothing. A damaged file is computed
    anew, and where nothing can be written the limit is returned all the same.

    Parameters
    ----------
    folder
        Where limits are kept; made where it is not there.
    prior, k_shot, seed, split, tasks, queries
        Which tasks it is of; see `evaluation_tasks`.
    """
    path = folder / limit_name(prior, k_shot, seed, split, tasks, queries)
    kept = _read(path, (tasks, queries), len(prior.families))
    if kept is not None:
        return kept
    limit = yield from limit_of(prior, evaluation_tasks(prior, k_shot, seed, split, tasks, queries))
    with suppress(BadInput):  # a full disk costs the time of computing it again, no more
        _write(path, limit)
    return limit


def evaluation_tasks(
    prior: Prior, k_shot: int, seed: int, split: str, tasks: int, queries: int
) -> FunctionTasks:
    """Return the tasks 0 to `tasks` - 1 with their queries on the grid, on the CPU."""
    numbers = numbers_from(0, tasks, torch.device("cpu"))
    return sample_functions(prior, seed, split, numbers, k_shot, queries, query_grid=True)


def limit_name(prior: Prior, k_shot: int, seed: int, split: str, tasks: int, queries: int) -> str:
    """Return the name of the file that the limit of some tasks is kept in.

    It is the same for the same tasks alone, so it says whether two evaluations share them; see
    `evaluation_tasks`.
    """
    about = [_VERSION, asdict(prior), k_shot, seed, split, tasks, queries]
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
    return f"limit-{digest[:24]}.npz"


def _write(path: Path, limit: Limit) -> None:
    with replacing(path) as draft, draft.open("wb") as file:
        np.savez(file, **_arrays_of(limit))


def _read(path: Path, of_queries: tuple[int, int], families: int) -> Limit | None:
    """Read a kept limit; None where there is none, or no whole one of these shapes."""
    tasks = of_queries[0]
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(_names(), of_queries)
    shapes |= {"family_probability": (tasks, families), "effective_sample_size": (tasks,)}
    try:
        # Opened here: numpy leaves a file open that is no archive of its own.
        with path.open("rb") as file:
            arrays = np.load(file, allow_pickle=False)
            if not isinstance(arrays, np.lib.npyio.NpzFile):
                return None
            limit = Limit(**{name: arrays[name] for name in _names()})
    except _DAMAGES:
        return None
    is_whole = all(
        array.shape == shapes[name] and array.dtype.kind == "f" and np.isfinite(array).all()
        for name, array in _arrays_of(limit).items()
    )
    return limit if is_whole else None


def _arrays_of(limit: Limit) -> dict[str, Any]:
    return {name: getattr(limit, name) for name in _names()}


def _names() -> list[str]:
    return [field.name for field in fields(Limit)]
