"""Pictures: how many a second are decoded, extracted and trained on, the waiting, and memory.

Every figure is of one run on this machine: pictures per second of wall time and per second of CPU
time, the share of the time that the encoder and a pre-training wait for pictures, and the memory
that an import takes beside what Python and torch take. Pictures are drawn, photographs of 84 and of
1,024 pixels as JPEG, in a zip archive; those that are trained on are kept at the preset's size.

    python benchmarks/images.py [--pictures 512] [--folder PICTURES]
"""

import argparse
import io
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from engine.data.class_splits import SplitChoice
from engine.data.store import EmbeddingStore
from engine.devices.selection import usable_cores
from engine.images.encoders import open_encoder
from engine.images.extraction import extraction_in
from engine.images.framing import center_view
from engine.images.sources import PictureSource, opened_pictures
from engine.runs.fitted_preset import fitted_pretraining
from engine.runs.library import Library
from engine.runs.preparation import new_run
from engine.training import train
from leo_studio.services.picture_stores import make_picture_store, pretraining_settings

ENCODER = "efficientnet-lite0"
CLASSES = 16
PRETRAININGS = ("pretrain-omniglot-conv4", "pretrain-grocery-resnet12")
STEPS, WARM = 40, 10  # of pre-training, and how many of them are not counted
# An import in a process of its own: kilobytes at its beginning and at its peak.
MEASURE = """
import sys
from pathlib import Path
import torch
from engine.images.encoders import open_encoder
from engine.images.importing import import_pictures

def kilobytes(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))

encoder = open_encoder(sys.argv[3], torch.device("cpu"))
before = kilobytes("VmRSS")
import_pictures(Path(sys.argv[1]), Path(sys.argv[2]), encoder, torch.device("cpu"))
print(before, kilobytes("VmHWM"))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pictures", type=int, default=512)
    parser.add_argument("--folder", type=Path, default=None, help="pictures of your own")
    arguments = parser.parse_args()
    print(f"{usable_cores()} cores, torch {torch.__version__}")
    with tempfile.TemporaryDirectory() as name:
        places = (
            [arguments.folder]
            if arguments.folder
            else [
                draw(Path(name) / f"pictures-{side}.zip", side, arguments.pictures)
                for side in (84, 1024)
            ]
        )
        for place in places:
            with opened_pictures(place) as source:
                print(f"{place.name}: {len(source.pictures):,} pictures")
                decode(source)
                extract(source, Path(name))
        for preset in PRETRAININGS:
            pretrain(preset, places[0], Library(Path(name) / "library"))
        print_memory(places[0], Path(name))


def draw(path: Path, side: int, count: int) -> Path:
    """Draw photographs of one size: smooth colours with noise, as JPEG."""
    generator = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            small = generator.integers(0, 256, (8, 8, 3), dtype=np.uint8)
            image = Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC)
            noise = generator.integers(-12, 12, (side, side, 3))
            pixels = (np.asarray(image, np.int16) + noise).clip(0, 255).astype(np.uint8)
            file = io.BytesIO()
            Image.fromarray(pixels).save(file, "JPEG", quality=88)
            archive.writestr(f"class{number % CLASSES}/{number:05}.jpg", file.getvalue())
    return path


def timed(work: Callable[[], None], count: int) -> tuple[float, float]:
    """Return how many of `count` pictures are done in a second of wall and of CPU time."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return count / (time.perf_counter() - wall), count / (time.process_time() - cpu)


def decode(source: PictureSource) -> None:
    """Print how fast one thread reads, decodes and scales."""

    def work() -> None:
        for index in range(len(source.pictures)):
            center_view(source.pixels(index, 256), 224, 0.875)

    wall, cpu = timed(work, len(source.pictures))
    print(f"  decoded and scaled to 224, one thread: {wall:,.0f} a second ({cpu:,.0f} of CPU time)")


def extract(source: PictureSource, folder: Path) -> None:
    """Print how fast embeddings are made, and the share of reading in it."""
    device = torch.device("cpu")
    encoder = open_encoder(ENCODER, device)
    rows = range(len(source.pictures))
    with extraction_in(folder / source.name, source, rows, encoder.record) as extraction:
        wall, cpu = timed(lambda: extraction.run(encoder, device), len(rows))
    batch = torch.zeros((16, 3, 224, 224), dtype=torch.uint8)
    torch.set_num_threads(1)
    encoder.encode(batch)

    def work() -> None:
        for _ in range(6):
            encoder.encode(batch)

    _, alone = timed(work, 6 * len(batch))
    print(
        f"  {ENCODER}: {wall:,.1f} a second on all cores ({cpu:,.1f} of CPU time; the encoder "
        f"alone {alone:,.1f}): {max(0.0, 1 - cpu / alone):.0%} of the time is not the encoder's"
    )


def pretrain(preset: str, place: Path, library: Library) -> None:
    """Print how fast a backbone is trained on the CPU, and the share of waiting for pictures."""
    template = library.experiment(preset)
    settings = pretraining_settings(template)
    path = library.stores / f"{preset}.h5"
    library.stores.mkdir(parents=True, exist_ok=True)
    make_picture_store(place, path, settings.kept_side, SplitChoice())
    experiment = fitted_pretraining(EmbeddingStore(path), preset, template).with_settings(
        {"schedule.steps": STEPS, "schedule.validate_every": STEPS, "run.device": "cpu"}
    )
    run, store = new_run(library, experiment)
    for _ in train(experiment, store, run):
        pass
    rows = run.training.read()
    seconds = rows[-1]["seconds"] - rows[WARM - 1]["seconds"]
    waits = np.mean([row["data_wait"] for row in rows[WARM:]])
    print(
        f"pre-training, {preset}: {settings.batch * (STEPS - WARM) / seconds:,.0f} pictures of "
        f"{settings.image_side} pixels a second; {waits:.1%} of a step waits for them"
    )


def print_memory(place: Path, folder: Path) -> None:
    """Print what an import takes at its peak, beside what was there before."""
    command = [sys.executable, "-c", MEASURE, str(place), str(folder / "store.h5"), ENCODER]
    ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    before, peak = (int(number) * 1024 for number in ended.stdout.split())
    print(
        f"memory of an import of {place.name}: {(peak - before) / 1e6:,.0f} MB beside the "
        f"{before / 1e6:,.0f} MB of Python, torch and the encoder"
    )


if __name__ == "__main__":
    main()
