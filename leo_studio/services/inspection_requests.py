"""Requests of panels about episodes: work in the background, answers on the window's thread."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from engine.inspection.files import rename_inspection
from engine.inspection.records import EpisodeTable, Inspection, Latents
from engine.inspection.what_if import WhatIf
from engine.runs.library import Library
from leo_studio.services.background import Task
from leo_studio.services.episode_links import EpisodeLink
from leo_studio.services.held_results import MeasuredUncertainty, TakeResult
from leo_studio.services.inspector import Inspector, linked_source
from leo_studio.services.kept_files import restore_kept, run_folder, throw_away_kept
from leo_studio.services.records import (
    EpisodeSource,
    Examples,
    KeptInspection,
    OpenedInspection,
)

T = TypeVar("T")
KeptInspections = tuple[KeptInspection, ...]

_EPISODES_IN_A_MOMENT = 300  # so many are followed before a bar for it would be seen


class Start(Protocol):
    """Starts work in the background; see `leo_studio.services.controller.Controller.start`."""

    def __call__(
        self,
        title: str,
        work: Callable[[Task], T],
        then: Callable[[T], None],
        *,
        is_shown: bool = True,
        is_lasting: bool = False,
        part: Callable[[Any], None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
    ) -> Task:
        """Start it."""
        ...


class InspectionRequests:
    """Answers questions about episodes; each returns its task, which can be cancelled.

    Parameters
    ----------
    library
        Where runs and their stores are.
    start
        How work is started.
    take_result
        Lists a new result with its run, also one that could not be kept.
    """

    def __init__(self, library: Library, start: Start, take_result: TakeResult) -> None:
        self._library = library
        self._start = start
        self._take_result = take_result
        self._inspector = Inspector(library)
        self._projection: Task | None = None

    def inspect(
        self,
        source: EpisodeSource,
        number: int,
        then: Callable[[Inspection], None],
        *,
        samples: int = 64,
        what_if: WhatIf = WhatIf(),  # noqa: B008  # it is frozen
        failed: Callable[[BaseException], None] | None = None,
    ) -> Task:
        """Look at one episode in full, with S sampled codes; `failed` gets what goes wrong."""
        return self._start(
            f"Inspecting {source.split} {number}",
            lambda _: self._inspector.inspect(source, number, samples, what_if),
            then,
            is_shown=False,
            failed=failed,
        )

    def linked_source(self, link: EpisodeLink) -> EpisodeSource:
        """Find the source that a link names; raises `BadInput` if it is not there."""
        return linked_source(self._library, link)

    def tabulate(
        self,
        source: EpisodeSource,
        first: int,
        count: int,
        part: Callable[[EpisodeTable], None],
        then: Callable[[EpisodeTable], None],
        failed: Callable[[BaseException], None] | None = None,
    ) -> Task:
        """Tabulate the episodes from number `first` on; `part` gets rows as they come."""
        return self._start(
            f"Going through {count:,} episodes of {source.split}",
            lambda task: self._inspector.tabulate(source, first, count, task),
            then,
            part=part,
            failed=failed,
        )

    def load_latents(
        self,
        source: EpisodeSource,
        numbers: Sequence[int],
        then: Callable[[Latents], None],
        *,
        samples: int = 8,
        failed: Callable[[BaseException], None] | None = None,
    ) -> Task:
        """Follow the latent codes of episodes, with S sampled codes for each class."""
        return self._start(
            f"Following the codes of {len(numbers):,} episodes",
            lambda task: self._inspector.latents(source, numbers, samples, task),
            then,
            is_shown=len(numbers) > _EPISODES_IN_A_MOMENT,
            failed=failed,
        )

    def measure_uncertainty(
        self,
        source: EpisodeSource,
        episodes: int,
        title: str,
        then: Callable[[MeasuredUncertainty], None],
    ) -> Task:
        """Measure whether uncertainty tells wrong answers, of a run under a title for people."""

        def show(found: MeasuredUncertainty) -> None:
            self._take_result(source.run, found)
            then(found)

        return self._start(
            f"Measuring the uncertainty of {title} on {source.split}",
            lambda task: self._inspector.measure_uncertainty(source, episodes, task),
            show,
        )

    def examples(
        self, source: EpisodeSource, rows: Sequence[int], then: Callable[[Examples], None]
    ) -> Task:
        """Name examples, and fetch their images where the store has them."""
        work = partial(self._inspector.examples, source, rows)
        return self._start("Fetching examples", lambda _: work(), then, is_shown=False)

    def class_examples(
        self,
        source: EpisodeSource,
        label: int,
        then: Callable[[Examples], None],
        *,
        most: int | None = None,
        failed: Callable[[BaseException], None] | None = None,
    ) -> Task:
        """Name and fetch examples of a class of the source's split: all, or at most so many."""
        work = partial(self._inspector.class_examples, source, label, most)
        return self._start(
            "Fetching a class", lambda _: work(), then, is_shown=False, failed=failed
        )

    def keep_inspection(
        self, source: EpisodeSource, inspection: Inspection, note: str, then: Callable[[Path], None]
    ) -> Task:
        """Keep an inspection of one episode, with a note, in its run's folder."""
        work = partial(self._inspector.keep, source, inspection, note)
        return self._start("Keeping an inspection", lambda _: work(), then, is_shown=False)

    def save_inspection(
        self,
        path: Path,
        source: EpisodeSource,
        inspection: Inspection,
        note: str,
        then: Callable[[Path], None],
    ) -> Task:
        """Write an inspection to an HDF5 file anywhere."""

        def work(_: Task) -> Path:
            self._inspector.save(path, source, inspection, note)
            return path

        return self._start(f"Writing {path.name}", work, then, is_shown=False)

    def kept_inspections(
        self, runs: Sequence[Path], then: Callable[[Mapping[Path, KeptInspections]], None]
    ) -> Task:
        """List the inspections that are kept with each of some runs, the newest first.

        Runs with which nothing is kept are left out.
        """

        def work(_: Task) -> Mapping[Path, KeptInspections]:
            return {run: kept for run in runs if (kept := self._inspector.kept(run))}

        return self._start("Listing kept episodes", work, then, is_shown=False)

    def rename(self, path: Path, note: str, then: Callable[[None], None]) -> Task:
        """Give a kept inspection another name."""
        work = partial(rename_inspection, path, note)
        title = "Renaming a kept episode"
        return self._start(title, lambda _: work(), then, is_shown=False)

    def throw_away(self, path: Path, then: Callable[[Path], None]) -> Task:
        """Move a kept inspection to the trash; `then` gets where it is now."""
        work = partial(throw_away_kept, self._library.trash, path, run_folder(path).name)
        title = "Moving a kept episode to the trash"
        return self._start(title, lambda _: work(), then, is_shown=False)

    def restore(self, thrown_away: Path, path: Path, then: Callable[[None], None]) -> Task:
        """Take a kept inspection back out of the trash."""
        work = partial(restore_kept, thrown_away, path)
        title = "Taking a kept episode back"
        return self._start(title, lambda _: work(), then, is_shown=False)

    def open_inspection(
        self, path: Path, run: Path, then: Callable[[OpenedInspection], None]
    ) -> Task:
        """Read an inspection of a run from a file."""
        work = partial(self._inspector.open, path, run)
        return self._start(f"Opening {path.name}", lambda _: work(), then, is_shown=False)

    def project(
        self,
        title: str,
        work: Callable[[Task], T],
        then: Callable[[T], None],
        failed: Callable[[BaseException], None] | None = None,
    ) -> Task:
        """Project codes in the background; a new request cancels the one before it."""
        if self._projection is not None:
            self._projection.cancel()
        self._projection = self._start(title, work, then, failed=failed)
        return self._projection
