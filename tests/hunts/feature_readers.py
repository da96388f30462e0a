"""Whole specimens of feature files, to be damaged and imported."""

import pickle
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.config import Regression
from engine.data.class_splits import read_class_splits, splits_of_classes
from engine.data.function_file import FunctionFile, require_points
from engine.data.importers.checks import ImportedStore
from engine.data.importers.features.importing import import_features, look_at_features
from engine.tasks.regression import FileFunctions
from tests.function_files import oscillations

_CLASSES, _EXAMPLES, _DIM = 9, 5, 4


def _classes() -> dict[int, Any]:
    chance = np.random.default_rng(0)
    return {
        label: chance.normal(size=(_EXAMPLES, _DIM)).astype(np.float32) for label in range(_CLASSES)
    }


def make_plk(folder: Path) -> Path:
    """Write a pickle as S2M2 does."""
    gathered: defaultdict[int, list[Any]] = defaultdict(list)
    for label, rows in _classes().items():
        gathered[label] += list(rows)
    path = folder / "whole.plk"
    path.write_bytes(pickle.dumps(gathered))
    return path


def make_pytorch(folder: Path) -> Path:
    """Write a dict of tensors."""
    path = folder / "whole.pt"
    torch.save({label: torch.from_numpy(rows) for label, rows in _classes().items()}, path)
    return path


def make_csv(folder: Path) -> Path:
    """Write a table with a column of vectors."""
    lines = ["label,embedding"]
    lines += [f'{label},"{row.tolist()}"' for label, rows in _classes().items() for row in rows]
    path = folder / "whole.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def make_parquet(folder: Path) -> Path:
    """Write a table as easyfsl does."""
    import pyarrow
    import pyarrow.parquet

    labels = np.repeat(np.arange(_CLASSES), _EXAMPLES)
    columns = {
        "embedding": list(np.concatenate(list(_classes().values()))),
        "label": labels,
        "class_name": [f"class {label}" for label in labels],
    }
    path = folder / "whole.parquet"
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    return path


def make_arrays(folder: Path) -> Path:
    """Write arrays of classes in folders that are splits."""
    for split in ("train", "val", "test"):
        (folder / "whole" / split).mkdir(parents=True)
        for label, rows in _classes().items():
            np.save(folder / "whole" / split / f"{label}.npy", rows)
    return folder / "whole"


def make_class_splits(folder: Path) -> Path:
    """Write a file of splits."""
    path = folder / "whole.json"
    path.write_text('{"train": ["0", "1"], "val": {"a": ["2", "3"]}, "test": ["4"]}', "utf-8")
    return path


def import_from(path: Path, scratch: Path) -> Callable[[], list[ImportedStore]]:
    """Return what looks at feature files, and imports them."""

    def imports() -> list[ImportedStore]:
        look_at_features([path])
        return [import_features([path], scratch / "out.h5")]

    return imports


def read_splits(path: Path, scratch: Path) -> None:
    """Read a file of splits, and find its classes again."""
    wanted = read_class_splits(path)
    assert set(wanted.values()) <= {"train", "val", "test"}
    assert splits_of_classes(list(wanted), wanted, path.name) == wanted


def make_functions(folder: Path) -> Path:
    """Write a table of measured functions."""
    return oscillations(folder / "whole.csv", tasks=12, fewest=6, most=9)


def read_functions(path: Path, scratch: Path) -> None:
    """Read a table of measured functions, and draw tasks of each split."""
    file = FunctionFile(path)
    task = Regression(k_shot=3, noise=2.0)
    require_points(task, file)
    functions = FileFunctions(file, task.noise)
    for split in file.splits:
        tasks = functions.evaluated(split, 0, torch.arange(5), task.k_shot, 9)
        assert all(bool(part.isfinite().all()) for part in tasks)
        assert tasks.query_y.shape == (5, 9)
