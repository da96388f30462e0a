"""What a report says of one run, gathered before anything is drawn."""

from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.data.requirements import no_such_split
from engine.data.splits import SPLITS
from engine.data.store import EmbeddingStore
from engine.devices.selection import choose_device, cpu_threads
from engine.errors import BadInput
from engine.evaluation.checkpoints import evaluate_baseline, evaluate_checkpoint
from engine.evaluation.record import NEAREST_CLASS_MEAN, Evaluation, Opponent
from engine.evaluation.statistics import paired_difference
from engine.inspection.checkpoint_inspection import (
    LoadedCheckpoint,
    load_model,
    load_split,
    loaded_checkpoint,
)
from engine.inspection.records import EpisodeTable, Inspection, Latents, joined
from engine.inspection.uncertainty_record import UncertaintyRecord, kept_uncertainties
from engine.io.generators import finished
from engine.learners.catalogue import learner_kind
from engine.runs.annotations import Annotations, read_annotations
from engine.runs.library import Library
from engine.runs.run import Run
from engine.runs.run_store import store_of
from leo_studio.report.results import Numbers, newest_first

Progress = Callable[[float, str], None]
"""Told the share that is done, 0 to 1, and what is being done; what it raises ends the work."""
EPISODES = 1000
MOST_EPISODES = 100_000
_SHOWN = 3  # best and worst episodes, each
_SHOWN_SHOTS = 5
_LATENT_EPISODES = 100
_LATENT_CODES = 1000  # at most that many are drawn
_SAMPLES, _MANY_CLASSES = 16, 50  # which take their square in memory, for each sample
R = TypeVar("R", EpisodeTable, Latents)


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """Options of a report: what it is of, and where it is computed.

    Attributes
    ----------
    checkpoint
        "best", "last", a step, or None for the run's own choice.
    split
        "train", "val" or "test"; None for test where there is one, else val.
    episodes
        How many are gone through, and evaluated where the run keeps no evaluation.
    store
        Where the run's store, or its file of functions, is now.
    device
        Where to compute; None for where the run was trained.
    """

    checkpoint: str | None = None
    split: str | None = None
    episodes: int = EPISODES
    store: str | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class ShownEpisode:
    """One episode in full, with its first support images where the store has any."""

    seen: Inspection
    images: NDArray[np.uint8] | None  # (N, some of K, h, w, 1 or 3)


@dataclass(frozen=True, slots=True)
class Looked:
    """What going through episodes showed.

    Attributes
    ----------
    table
        The episodes, one row each.
    best, worst
        Those with the highest and the lowest accuracy after fine-tuning.
    latents
        Codes of the first episodes.
    first
        The first episode alone, with samples of its codes.
    """

    table: EpisodeTable
    best: tuple[ShownEpisode, ...]
    worst: tuple[ShownEpisode, ...]
    latents: Latents
    first: Inspection


@dataclass(frozen=True, slots=True)
class RunContents:
    """What a report says of any run.

    Attributes
    ----------
    run, step, split
        The run, the step of the weights, and where episodes are from.
    annotations
        What a person wrote beside the run.
    training, validation
        Metrics: columns by name.
    title
        What people call the run; its folder's name where a person gave it.
    name
        What it is called beside the others of a report: what tells its title from theirs. Both are
        the folder's name until all runs of the report are known; see `naming`.
    """

    run: Run
    step: int
    split: str
    annotations: Annotations
    training: Mapping[str, Numbers]
    validation: Mapping[str, Numbers]
    title: str = field(default="", kw_only=True)
    name: str = field(default="", kw_only=True)

    @property
    def validated(self) -> Mapping[str, float] | None:
        """The validation at the step of the weights."""
        rows = np.flatnonzero(self.validation["step"] == self.step)
        if not len(rows):
            return None
        return {name: float(column[rows[0]]) for name, column in self.validation.items()}


@dataclass(frozen=True, slots=True)
class Contents(RunContents):
    """All that a report says of one run of classification.

    Attributes
    ----------
    result
        The evaluation of these weights on the split that says most; None where there is none.
    kept
        All evaluations that the run keeps, the newest first, of whatever step.
    looked
        Episodes; None where the store is not at hand, or the learner has no codes to look at.
    uncertainty
        What is kept of the uncertainty of these weights on the split, on the most episodes; None
        where it was not measured.
    problem
        Why the store is not at hand, for whoever asked; it may name paths.
    """

    result: Evaluation | None
    kept: tuple[Evaluation, ...]
    looked: Looked | None
    uncertainty: UncertaintyRecord | None = None
    problem: str = ""

    @property
    def has_latent_space(self) -> bool:
        """Whether the learner has codes, and so episodes that can be looked into."""
        return learner_kind(self.run.experiment).has_latent_space


def gathered(library: Library, run: Run, options: ReportOptions, progress: Progress) -> Contents:
    """Gather what a report says of a run.

    Parameters
    ----------
    library
        Where its store is found.
    run
        The run; it may be training.
    options
        What is wanted.
    progress
        Told how far it is.

    Raises
    ------
    BadInput
        If there is no such checkpoint, split or device, or metrics are damaged; not if the store is
        missing.
    """
    require_answer(run, options)
    step = run.checkpoint(options.checkpoint).step
    progress(0.0, "reading metrics")
    kept = newest_first(run)
    store, problem = None, ""
    try:
        store = store_of(library, run, options.store)
    except BadInput as error:
        if options.store is not None:
            raise
        problem = str(error)
    split = split_of(run, options.split)
    contents = Contents(
        run=run,
        step=step,
        split=split,
        annotations=read_annotations(run.path),
        training=run.training.arrays(),
        validation=run.validation.arrays(),
        result=_most_telling(kept, step, split),
        kept=tuple(kept),
        looked=None,
        uncertainty=_kept_uncertainty(run, step, split),
        problem=problem,
        title=run.name,
        name=run.name,
    )
    if store is None:
        return contents
    result = _evaluated(contents, store, options, part(progress, 0.0, 0.45))
    if not contents.has_latent_space:
        return replace(contents, result=result)
    looked = _looked(contents, store, options, part(progress, 0.45, 1.0))
    return replace(contents, result=result, looked=looked)


def require_answer(run: Run, options: ReportOptions) -> None:
    """Raise `BadInput`, before anything is computed, where a run has not what is asked for."""
    choose_device(options.device or run.experiment.run.device)
    run.checkpoint(options.checkpoint)
    split_of(run, options.split)


def split_of(run: Run, wanted: str | None) -> str:
    """Return the split that a report is of; raises `BadInput` where there is none of that name."""
    is_of_store = run.experiment.task.needs_store
    known = run.record.store.splits
    if not is_of_store and not known:
        return _of_drawn_functions(wanted)
    if wanted is None:
        return "test" if "test" in known or not known else "val"
    if known and wanted not in known:
        what = "store" if is_of_store else "file"
        raise BadInput(no_such_split(f"the {what} of {run.name}", wanted, known))
    return wanted


def _of_drawn_functions(wanted: str | None) -> str:
    if wanted not in (None, *SPLITS):
        raise BadInput(f"--split is {wanted}; choose one of {', '.join(SPLITS)}.")
    return wanted or "test"


def _most_telling(kept: list[Evaluation], step: int, split: str) -> Evaluation | None:
    """Return the evaluation of a step on a split over most episodes, the newest of several."""
    fitting = [result for result in kept if (result.step, result.split) == (step, split)]
    return max(fitting, key=lambda result: result.episodes, default=None)


def _kept_uncertainty(run: Run, step: int, split: str) -> UncertaintyRecord | None:
    fitting = [
        each
        for each in kept_uncertainties(run.path).records
        if (each.checkpoint_step, each.split) == (step, split)
    ]
    return max(fitting, key=lambda record: record.episodes, default=None)


def part(progress: Progress, start: float, end: float) -> Progress:
    """Return what reports a part of the work as part of the whole."""
    return lambda done, note: progress(start + done * (end - start), note)


def _evaluated(
    contents: Contents, store: EmbeddingStore, options: ReportOptions, progress: Progress
) -> Evaluation:
    """Return the kept result or a new one, compared with nearest class mean if with nothing yet."""
    run, step, split = contents.run, contents.step, contents.split
    result = contents.result
    if result is None:
        steps = evaluate_checkpoint(run, step, store, split, options.episodes, options.device)
        report = _episodes_reported(part(progress, 0.0, 0.6), options.episodes, "evaluating")
        result = finished(steps, report)
    count = min(options.episodes, len(result.accuracies))
    if result.opponent is not None or count < 2:
        return result
    steps = evaluate_baseline(run, store, split, count, options.device)
    report = _episodes_reported(part(progress, 0.6, 1.0), count, "evaluating nearest class mean")
    baseline = finished(steps, report)
    difference = paired_difference(result.accuracies[:count], baseline.accuracies)
    opponent = Opponent(NEAREST_CLASS_MEAN, baseline.accuracy, baseline.ci95, difference)
    return replace(result, opponent=opponent)


def _episodes_reported(progress: Progress, episodes: int, what: str) -> Callable[[int], None]:
    return lambda done: progress(done / episodes, what)


def _looked(
    contents: Contents, store: EmbeddingStore, options: ReportOptions, progress: Progress
) -> Looked:
    run, step, split = contents.run, contents.step, contents.split
    progress(0.0, "loading examples")
    examples = load_split(run, store, split, options.device)
    loaded = loaded_checkpoint(run, step, split, load_model(run, step, options.device), examples)
    table = _collected(
        loaded.tabulate(range(options.episodes)),
        options.episodes,
        part(progress, 0.0, 0.8),
        "going through episodes",
    )
    progress(0.8, "looking at the best and the worst episodes")
    order = np.lexsort((table.losses[:, 2], -table.accuracies[:, 2]))
    count = min(_SHOWN, len(order) // 2)
    chosen = table.numbers[order[:count]], table.numbers[order[::-1][:count]]
    with cpu_threads(1):
        best, worst = (
            tuple(_shown(loaded, store, split, number) for number in numbers.tolist())
            for numbers in chosen
        )
        first = loaded.inspect([0], _samples(loaded))
    few = max(2, min(_LATENT_EPISODES, options.episodes, _LATENT_CODES // loaded.n_way))
    latents = _collected(
        loaded.latents(range(few), samples=1), few, part(progress, 0.9, 1.0), "following codes"
    )
    return Looked(table, best, worst, latents, first)


def _collected(parts: Generator[R, Any, None], count: int, progress: Progress, what: str) -> R:
    found: list[R] = []
    with closing(parts):
        for part in parts:
            found.append(part)
            progress(sum(len(each.numbers) for each in found) / count, what)
    return joined(found)


def _shown(
    loaded: LoadedCheckpoint, store: EmbeddingStore, split: str, number: int
) -> ShownEpisode:
    seen = loaded.inspect([number], _samples(loaded))
    rows = seen.support[0, :, :_SHOWN_SHOTS]
    images = store.images(split, rows.ravel().tolist())
    if images is not None:
        images = images.reshape(*rows.shape, *images.shape[1:])
    return ShownEpisode(seen, images)


def _samples(loaded: LoadedCheckpoint) -> int:
    return _SAMPLES if loaded.n_way <= _MANY_CLASSES else 1
