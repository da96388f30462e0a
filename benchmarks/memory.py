"""Memory of training on a store as large as tieredImageNet, beyond the store itself.

    python benchmarks/memory.py [--rows 448695]

Writes a synthetic store into a temporary folder (1.5 GB at the full size) and trains a few steps.
"""

import argparse
import multiprocessing
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.synthetic import peak_memory, preset
from engine.data.store import EmbeddingStore
from engine.data.store_writing import create_store
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.training import train

CLASSES = {"train": 351, "val": 97}
DIM = 640


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=448_695, help="examples of the train split")
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tiered.h5"
        # In a process of its own, whose memory does not count.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            size = pool.apply(write_store, (path, rows))
        before = peak_memory()
        experiment = preset("tiered-1shot").with_settings(
            {
                "data.store": str(path),
                "schedule.steps": 20,
                "schedule.validate_every": 10,
                "schedule.validation_episodes": 100,
            }
        )
        run = Run.create(Path(folder), experiment, StoreRecord())
        for _ in train(experiment, EmbeddingStore(path), run):
            pass
    print(
        f"train and val of {size / 1e6:.0f} MB: peak memory {peak_memory() / 1e6:.0f} MB, the "
        f"store and {(peak_memory() - size) / 1e6:.0f} MB ({before / 1e6:.0f} MB of which Python "
        "and torch took before)"
    )


def write_store(path: Path, rows: int) -> int:
    """Write it through a memory map, which takes no memory of its own; return its bytes."""
    generator = np.random.default_rng(0)
    size = 0
    with create_store(path, "tiered", "synthetic", DIM) as writer:
        for split, classes in CLASSES.items():
            count = rows if split == "train" else rows * classes // CLASSES["train"]
            drawn = np.memmap(path.with_name(split), np.float32, "w+", shape=(count, DIM))
            for start in range(0, count, 8192):
                chunk = drawn[start : start + 8192]
                chunk[:] = generator.standard_normal(chunk.shape, np.float32)
            drawn.flush()
            del drawn
            mapped = np.memmap(path.with_name(split), np.float32, "r", shape=(count, DIM))
            labels = np.arange(count) * classes // count
            names = [f"{split}-{label}" for label in range(classes)]
            writer.add_split(split, mapped, labels, names, [str(row) for row in range(count)])
            size += mapped.nbytes
            del mapped
    return size


if __name__ == "__main__":
    main()
