"""Inspector of episodes for windows: loads weights and splits once, and answers with records.

Methods may be called from any thread; they take the `Task` that they are the work of.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.data.requirements import VALIDATION_SPLIT, no_such_split
from engine.data.store import EmbeddingStore, Split
from engine.devices.selection import cpu_threads
from engine.errors import BadInput
from engine.inspection.checkpoint_inspection import (
    LoadedCheckpoint,
    load_model,
    load_split,
    loaded_checkpoint,
)
from engine.inspection.files import load_inspection, read_heading, save_inspection
from engine.inspection.records import (
    TRAINING_EPISODES,
    EpisodeTable,
    Inspection,
    Latents,
    example_rows,
    joined,
)
from engine.inspection.uncertainty import keep_uncertainty, measured_uncertainty
from engine.inspection.uncertainty_record import SAMPLES
from engine.inspection.what_if import WhatIf
from engine.io.generators import finished
from engine.learners.leo.trajectory import Model
from engine.runs.checkpoints import Checkpoint, weights_path
from engine.runs.library import Library
from engine.runs.run import Run
from engine.runs.run_store import store_of
from leo_studio.services.background import Task
from leo_studio.services.episode_links import EpisodeLink
from leo_studio.services.held_results import MeasuredUncertainty
from leo_studio.services.kept_checkpoints import CheckpointGone
from leo_studio.services.latent_space import NoLatentSpace, why_no_latent_space
from leo_studio.services.records import (
    EpisodeSource,
    Examples,
    KeptInspection,
    OpenedInspection,
)

V = TypeVar("V")

_MODELS_KEPT = 32  # a megabyte or two each
_SPLITS_KEPT = 3  # up to a gigabyte each
_STORES_KEPT = 8


class Inspector:
    """Answers questions about the episodes of runs.

    Parameters
    ----------
    library
        Where the runs' stores are found.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._models: Recent[Model] = Recent(_MODELS_KEPT)
        self._splits: Recent[Split] = Recent(_SPLITS_KEPT)
        self._stores: Recent[EmbeddingStore] = Recent(_STORES_KEPT)
        self._names: Recent[tuple[str, ...]] = Recent(_STORES_KEPT)

    def inspect(
        self, source: EpisodeSource, number: int, samples: int, what_if: WhatIf
    ) -> Inspection:
        """Look at one episode in full.

        Raises
        ------
        CheckpointGone
            If the checkpoint is not kept any more.
        BadInput
            If the run, its store or the split is not there, or a change cannot be made.
        """
        loaded = self._checkpoint(source)
        with cpu_threads(1):
            if what_if.is_nothing:
                return loaded.inspect([number], samples)
            return loaded.what_if(number, samples, what_if)

    def tabulate(self, source: EpisodeSource, first: int, count: int, task: Task) -> EpisodeTable:
        """Tabulate episodes, handing over the rows as they come."""
        loaded = self._checkpoint(source)
        tables: list[EpisodeTable] = []
        with closing(loaded.tabulate(range(first, first + count))) as parts:
            for part in parts:
                tables.append(part)
                task.hand_over(part)
                task.report(sum(len(table.numbers) for table in tables) / count)
        return joined(tables)

    def latents(
        self, source: EpisodeSource, numbers: Sequence[int], samples: int, task: Task
    ) -> Latents:
        """Follow the latent codes of episodes."""
        loaded = self._checkpoint(source)
        parts: list[Latents] = []
        with closing(loaded.latents(numbers, samples)) as coming:
            for part in coming:
                parts.append(part)
                task.report(sum(len(each.numbers) for each in parts) / len(numbers))
        return joined(parts)

    def measure_uncertainty(
        self, source: EpisodeSource, episodes: int, task: Task
    ) -> MeasuredUncertainty:
        """Measure whether uncertainty tells wrong answers, and keep the record with its run.

        Raises
        ------
        CheckpointGone, BadInput
            As `inspect`; also where there are too few episodes, or too few wrong answers.
        """
        test = self._checkpoint(source)
        val = self._checkpoint(replace(source, split=VALIDATION_SPLIT))
        steps = measured_uncertainty(test, val, episodes, SAMPLES)
        record = finished(steps, lambda done: task.report(done / episodes))
        try:
            keep_uncertainty(Run(source.run), record)
        except BadInput as error:
            return MeasuredUncertainty(source, record, str(error))
        return MeasuredUncertainty(source, record)

    def examples(self, source: EpisodeSource, rows: Sequence[int]) -> Examples:
        """Name examples, and give their images where the store has them."""
        run = Run(source.run)
        store, splits = self._store(run), _splits_of(run, source.split)
        wanted = np.asarray(rows, np.int64)
        names: NDArray[np.object_] = np.empty(len(wanted), object)
        images: NDArray[np.uint8] | None = None
        begin = 0
        for split in splits:
            known = self._names_of(store, split)
            inside = np.flatnonzero((wanted >= begin) & (wanted < begin + len(known)))
            own = wanted[inside] - begin
            names[inside] = [known[row] for row in own.tolist()]
            pictures = store.images(split, own.tolist()) if len(own) else None
            if pictures is not None:
                if images is None:
                    images = np.zeros((len(wanted), *pictures.shape[1:]), np.uint8)
                images[inside] = pictures
            begin += len(known)
        return Examples(wanted, tuple(names.tolist()), images)

    def class_examples(
        self, source: EpisodeSource, label: int, most: int | None = None
    ) -> Examples:
        """Name and show examples of a class of the source's split: all, or a few of all over it."""
        offsets = self._split(Run(source.run), source.split).class_offsets
        begin, end = offsets[label : label + 2].tolist()
        every = 1 if most is None else -(-(end - begin) // most)
        return self.examples(source, range(begin, end, max(1, every)))

    def open(self, path: Path, run: Path) -> OpenedInspection:
        """Read an inspection that may be one of a run; raises `BadInput` if the file is none.

        Where the run's store is there, it has pictures, and what was changed by hand comes with the
        episode as it is.
        """
        opened = open_inspection(path)
        kept = opened.inspection.provenance
        with suppress(BadInput):  # what was kept needs neither run nor store
            if Run(run).record.id == kept.run_id:
                plain = self._as_it_is(run, opened.inspection) if kept.what_if else None
                examples = self._kept_examples(run, opened, plain)
                return replace(opened, examples=examples, plain=plain)
        return opened

    def _kept_examples(
        self, run: Path, opened: OpenedInspection, plain: Inspection | None
    ) -> Examples:
        """Name and show the examples of a kept inspection, and of the episode as it is."""
        kept, rows = opened.inspection.provenance, opened.examples.rows
        if plain is not None:
            rows = np.union1d(rows, example_rows(plain))
        split = kept.split if kept.split in Run(run).record.store.splits else TRAINING_EPISODES
        return self.examples(EpisodeSource(run, kept.step, split), rows[rows >= 0].tolist())

    def _as_it_is(self, run: Path, kept: Inspection) -> Inspection | None:
        """Look at an episode that was kept, without its changes; None where that cannot be."""
        wanted = replace(kept.provenance, what_if="")
        number, samples = int(kept.numbers[0]), kept.sampled_codes.shape[1]
        for split in (wanted.split, TRAINING_EPISODES):
            with suppress(BadInput):
                loaded = self._checkpoint(EpisodeSource(run, wanted.step, split))
                has_queries = loaded.rows([number]).query.shape[2] == kept.query.shape[2]
                if loaded.provenance == wanted and has_queries:
                    with cpu_threads(1):
                        return loaded.inspect([number], samples)
        return None

    def kept(self, run: Path) -> tuple[KeptInspection, ...]:
        """List what is kept with a run, as `kept_inspections`, and say where there are pictures."""
        listed = kept_inspections(run)
        with suppress(BadInput):  # what was kept needs neither run nor store
            splits = Run(run).record.store.splits
            split = next(iter(splits), TRAINING_EPISODES)
            if listed and self.examples(EpisodeSource(run, 0, split), [0]).images is not None:
                return tuple(replace(each, has_images=True) for each in listed)
        return listed

    def keep(self, source: EpisodeSource, inspection: Inspection, note: str) -> Path:
        """Write an inspection of one episode into its run's folder."""
        run = Run(source.run)
        stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
        step = f"step-{inspection.provenance.step:09d}"
        name = f"{inspection.provenance.split}-{inspection.numbers[0]}-{step}-{stamp}.h5"
        path = run.path / "inspections" / name
        self.save(path, source, inspection, note)
        return path

    def save(self, path: Path, source: EpisodeSource, inspection: Inspection, note: str) -> None:
        """Write an inspection to a file, with the names of its examples."""
        examples = self.examples(source, example_rows(inspection).tolist())
        names = dict(zip(examples.rows.tolist(), examples.names, strict=True))
        save_inspection(path, inspection, note, names)

    def _names_of(self, store: EmbeddingStore, split: str) -> tuple[str, ...]:
        return self._names.get((store.path, split), lambda: tuple(store.image_names(split)))

    def _checkpoint(self, source: EpisodeSource) -> LoadedCheckpoint:
        run = Run(source.run)
        checkpoint = kept_checkpoint(run, source.step)
        checksum = checkpoint.checksums.get(checkpoint.weights_path.name)
        model = self._models.get(
            (run.path, run.record.id, source.step, checksum), lambda: load_model(run, source.step)
        )
        split = self._split(run, source.split)
        return loaded_checkpoint(run, source.step, source.split, model, split)

    def _split(self, run: Run, split: str) -> Split:
        key = (run.path, run.record.id, split)
        return self._splits.get(key, lambda: load_split(run, self._store(run), split))

    def _store(self, run: Run) -> EmbeddingStore:
        return self._stores.get((run.path, run.record.id), lambda: store_of(self._library, run))


def kept_checkpoint(run: Run, step: int) -> Checkpoint:
    """Return the checkpoint of a run at a step; raises `CheckpointGone` if it is kept no longer."""
    try:
        return run.checkpoint(str(step))
    except BadInput as error:
        if weights_path(run.path / "checkpoints", step).exists():
            raise
        raise CheckpointGone(f"Step {step:,} of {run.name} is no longer kept.") from error


def linked_source(library: Library, link: EpisodeLink) -> EpisodeSource:
    """Find the checkpoint and the split that a link names.

    Raises
    ------
    NoLatentSpace
        If the run has no latent codes to look at.
    BadInput
        If there is no such run, checkpoint or split.
    """
    run = library.run(link.run)
    if why_no_latent_space(run.name, run.experiment):
        raise NoLatentSpace(run.path, run.experiment)
    splits = (*run.record.store.splits, TRAINING_EPISODES)
    if link.split not in splits:
        raise BadInput(no_such_split(run.name, link.split, splits))
    return EpisodeSource(run.path, run.checkpoint(link.checkpoint).step, link.split)


def kept_inspections(run: Path) -> tuple[KeptInspection, ...]:
    """Return what is kept in a run's folder, the newest first; files that are none say so."""
    # Names have the moment to the microsecond, and files to the second.
    files = sorted((run / "inspections").glob("*.h5"), key=lambda path: path.name, reverse=True)
    return tuple(sorted(map(_kept, files), key=lambda kept: kept.kept, reverse=True))


def open_inspection(path: Path) -> OpenedInspection:
    """Read an inspection; raises `BadInput` if the file is none."""
    kept = load_inspection(path)
    rows = np.array(list(kept.names), np.int64)
    examples = Examples(rows, tuple(kept.names.values()), None)
    return OpenedInspection(kept.inspection, kept.note, examples, path=path)


def _kept(path: Path) -> KeptInspection:
    try:
        heading = read_heading(path)
    except BadInput as error:
        return KeptInspection(path, problem=str(error))
    provenance = heading.provenance
    episode = heading.numbers[0] if heading.numbers else 0
    return KeptInspection(
        path,
        provenance.split,
        episode,
        provenance.step,
        provenance.what_if,
        heading.note,
        heading.kept,
        classes=heading.classes,
        names=heading.names,
    )


def _splits_of(run: Run, split: str) -> Sequence[str]:
    return run.experiment.data.train_splits if split == TRAINING_EPISODES else [split]


class Recent(Generic[V]):
    """Keeps the few values that were used last; each is made once, also when two threads ask."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._lock = threading.RLock()
        self._values: OrderedDict[Hashable, V] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """Return the value of a key, made where it is not kept."""
        with self._lock:
            if key not in self._values:
                self._values[key] = make()
            self._values.move_to_end(key)
            while len(self._values) > self._kept:
                self._values.popitem(last=False)
            return self._values[key]
