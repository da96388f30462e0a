"""Extraction: the embeddings of many pictures, kept on disk as they come.

What is done outlasts a stop, a crash and kill -9: embeddings go into a folder beside the store, row
by row, and a later extraction of the same pictures by the same encoder goes on from there.

Shapes: n pictures, D embedding size, V views.
"""

import hashlib
import json
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import torch
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from engine.data.encoder_record import EncoderRecord
from engine.devices.batching import batch_size
from engine.devices.selection import cpu_threads, keep_freed_memory, usable_cores
from engine.errors import BadInput
from engine.images.encoders import Encoder
from engine.images.framing import VIEWS, center_view, ten_views
from engine.images.sources import BrokenPicture, PictureSource
from engine.io.files import not_written
from engine.io.locks import holding
from engine.io.memory import give_back_mapped, remember_mapping

THUMBNAIL = 64  # height and width in pixels of what is kept to look at
# Told how many pictures are done, of how many; may end it all by raising.
Progress = Callable[[int, int], None]
_ON_CPU, _MOST = 16, 256
_BYTES_EACH = 32 << 20  # what a picture takes inside of a network while it is encoded
_WAITING, _DONE, _BROKEN = range(3)


class Extraction:
    """Embeddings of pictures, some of which may be there already from an earlier try.

    Made by `extraction_in`.

    Attributes
    ----------
    embeddings
        (n, D) float32, or (n, V, D) where each view is kept.
    thumbnails
        Small copies of the pictures, (n, side, side, 3) uint8.
    problems
        What is wrong with pictures that cannot be read, by their place.
    """

    def __init__(
        self,
        folder: Path,
        source: PictureSource,
        rows: Sequence[int],
        record: EncoderRecord,
        kept_side: int,
    ) -> None:
        self._kept_side = kept_side
        # A large photograph need not be decoded in full for what is taken of it.
        self._read_side = max(round(record.side / record.crop), kept_side)
        self._source = source
        self._rows = rows
        self._record = record
        self._problems_file = folder / "problems.jsonl"
        views = (VIEWS,) if record.views == "each" else ()
        shape = (len(rows), *views, record.embedding_dim)
        self.embeddings: NDArray[np.float32] = _array(folder / "embeddings.npy", np.float32, shape)
        self.thumbnails: NDArray[np.uint8] = _array(
            folder / "thumbnails.npy", np.uint8, (len(rows), kept_side, kept_side, 3)
        )
        self._state: NDArray[np.uint8] = _array(folder / "state.npy", np.uint8, (len(rows),))
        self.problems: dict[int, str] = _read_problems(self._problems_file)

    @property
    def readable(self) -> NDArray[np.int64]:
        """The places of pictures that have embeddings, rising."""
        return np.flatnonzero(self._state == _DONE)

    def run(self, encoder: Encoder, device: torch.device, progress: Progress | None = None) -> None:
        """Embed the pictures that have no embedding yet; whatever it raises, nothing is lost.

        Threads work on a batch each: they read, decode and scale its pictures, and on a CPU they
        encode them too, each on one core; a GPU takes one batch after the other.
        """
        waiting = np.flatnonzero(self._state == _WAITING)
        done = len(self._rows) - len(waiting)
        if progress is not None:
            progress(done, len(self._rows))
        is_cpu = device.type == "cpu"
        views = 1 if self._record.views == "center" else VIEWS
        length = max(1, batch_size(device, _BYTES_EACH, on_cpu=_ON_CPU, most=_MOST) // views)
        batches = [waiting[start : start + length] for start in range(0, len(waiting), length)]
        work = partial(self._embedded, encoder) if is_cpu else self._framed
        workers = usable_cores() if is_cpu else min(8, usable_cores())
        # Each thread has to be told itself; what torch takes elsewhere is put back at the end.
        alone = partial(torch.set_num_threads, 1) if is_cpu else None
        keep_freed_memory()  # a batch takes and frees the same megabytes as the one before
        with cpu_threads(None), ThreadPoolExecutor(workers, initializer=alone) as threads:
            for batch in _in_order(threads, work, batches, workers):
                done += self._keep(batch, encoder)
                if progress is not None:
                    progress(done, len(self._rows))

    def _framed(self, places: NDArray[np.int64]) -> "_Batch":
        """Read some pictures and cut them; what is wrong with those that cannot be read."""
        record = self._record
        good, views, thumbnails, problems = [], [], [], dict[int, str]()
        for place in places.tolist():
            try:
                pixels = self._source.pixels(self._rows[place], self._read_side)
            except BrokenPicture as error:
                problems[place] = str(error)
                continue
            cut = center_view if record.views == "center" else ten_views
            good.append(place)
            cuts = cut(pixels, record.side, record.crop)
            views.append(cuts.reshape(-1, record.side, record.side, 3))
            thumbnails.append(center_view(pixels, self._kept_side, 1.0))
        return _Batch(good, views, thumbnails, problems)

    def _embedded(self, encoder: Encoder, places: NDArray[np.int64]) -> "_Batch":
        """Read some pictures and embed them."""
        batch = self._framed(places)
        return batch.encoded(encoder)

    def _keep(self, batch: "_Batch", encoder: Encoder) -> int:
        """Write what came of a batch, and return how many pictures it had."""
        batch = batch.encoded(encoder)
        places = batch.places
        if batch.features is not None:
            features = batch.features.reshape(len(places), -1, batch.features.shape[1])
            if self._record.views != "each":
                features = features.mean(axis=1)
            self._require_finite(places, features)
            self.embeddings[places] = features
            self.thumbnails[places] = np.stack(batch.thumbnails)
        if batch.problems:
            with self._problems_file.open("a", encoding="utf-8") as file:
                for place, problem in batch.problems.items():
                    file.write(json.dumps([place, problem]) + "\n")
            self.problems |= batch.problems
        # Last: a row that is said to be done is there.
        self._state[places] = _DONE
        self._state[list(batch.problems)] = _BROKEN
        give_back_mapped()
        return len(places) + len(batch.problems)

    def _require_finite(self, places: list[int], features: NDArray[np.float32]) -> None:
        bad = ~np.isfinite(features).reshape(len(places), -1).all(axis=1)
        if bad.any():
            name = self._source.pictures[self._rows[places[int(np.argmax(bad))]]].name
            raise BadInput(
                f"{self._record.name} makes an embedding of {name} that is not finite; choose "
                "another encoder, or leave that picture out."
            )


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some pictures: the places of those that could be read, their views, and what came of them."""

    places: list[int]
    views: list[NDArray[np.uint8]]  # of each, (V, side, side, 3)
    thumbnails: list[NDArray[np.uint8]]
    problems: dict[int, str]
    features: NDArray[np.float32] | None = None  # of all views, one after the other

    def encoded(self, encoder: Encoder) -> "_Batch":
        """Return it with features; itself where it has them, or no picture."""
        if self.features is not None or not self.views:
            return self
        pictures = torch.from_numpy(np.concatenate(self.views)).permute(0, 3, 1, 2)
        return replace(self, views=[], features=encoder.encode(pictures).numpy())


@contextmanager
def extraction_in(
    folder: Path,
    source: PictureSource,
    rows: Sequence[int],
    record: EncoderRecord,
    kept_side: int = THUMBNAIL,
) -> Iterator[Extraction]:
    """Open an extraction; what an earlier one of the same has in `folder` is not computed again.

    Parameters
    ----------
    folder
        Where it is kept; removed by `Extraction`'s user with `shutil.rmtree` when the store is
        whole.
    source
        The pictures.
    rows
        Which of them.
    record
        How they are embedded.
    kept_side
        Height and width in pixels of the pictures that are kept beside their embeddings.

    Raises
    ------
    BadInput
        If another process extracts into the folder, or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with holding(folder / "lock", timeout=0):
            plan = f"{_plan(source, rows, record)}{kept_side}\n"
            file = folder / "plan.txt"
            if not file.is_file() or file.read_text(encoding="utf-8") != plan:
                _empty(folder)
                file.write_text(plan, encoding="utf-8")
            yield Extraction(folder, source, rows, record, kept_side)
    except filelock.Timeout as error:
        raise BadInput(
            f"Another process extracts into {folder}; wait for it, or give this import another "
            "name with --name NEW."
        ) from error
    except OSError as error:
        raise not_written(folder, error) from error


def _in_order(
    threads: ThreadPoolExecutor,
    work: Callable[[NDArray[np.int64]], _Batch],
    batches: Sequence[NDArray[np.int64]],
    ahead: int,
) -> Iterator[_Batch]:
    """Yield what threads make of batches, in their order; only a few are made ahead."""
    futures: deque[Future[_Batch]] = deque()
    try:
        for batch in batches:
            futures.append(threads.submit(work, batch))
            if len(futures) > ahead:
                yield futures.popleft().result()
        while futures:
            yield futures.popleft().result()
    finally:
        for future in futures:
            future.cancel()


def extraction_folder(out: Path) -> Path:
    """Return where the extraction for a store is kept, beside it."""
    return out.with_name(f"{out.name}.extracting")


def move_extraction(out: Path, other: Path) -> None:
    """Let an extraction for one store go on for another, where that has none of its own."""
    folder, target = extraction_folder(out), extraction_folder(other)
    if folder.is_dir() and not target.exists():
        with suppress(OSError):  # then it is computed again
            folder.rename(target)


def remove_extraction(folder: Path) -> None:
    """Remove what an extraction kept, after its store is whole, or because nobody wants it."""
    shutil.rmtree(folder, ignore_errors=True)


def _plan(source: PictureSource, rows: Sequence[int], record: EncoderRecord) -> str:
    """Return a text that is the same for the same pictures and the same encoder alone."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(f"{source.pictures[row].name}\0".encode("utf-8", "surrogatepass"))
    return f"{digest.hexdigest()} {len(rows)}\n{record.to_text()}\n"


def _empty(folder: Path) -> None:
    for name in ("state.npy", "embeddings.npy", "thumbnails.npy", "problems.jsonl", "plan.txt"):
        (folder / name).unlink(missing_ok=True)


def _array(path: Path, dtype: Any, shape: tuple[int, ...]) -> Any:
    """Open an array on disk, made of zeros where there is none."""
    if path.is_file():
        array = open_memmap(path, mode="r+")
        if array.dtype == dtype and array.shape == shape:
            return _remembered(array)
    return _remembered(open_memmap(path, mode="w+", dtype=dtype, shape=shape))


def _remembered(array: Any) -> Any:
    """Return an array on disk, which takes little memory beside what is worked on."""
    remember_mapping(array._mmap)
    return array


def _read_problems(path: Path) -> dict[int, str]:
    if not path.is_file():
        return {}
    problems = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            place, problem = json.loads(line)
        except ValueError:
            continue  # the last one, cut by a kill: its picture is looked at again
        problems[int(place)] = str(problem)
    return problems
