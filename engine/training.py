"""The meta-training loop (Rusu et al. 2019, algorithm 1): top to bottom, yielding events."""

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial

import torch

from engine.arithmetic import arithmetic
from engine.config import Experiment
from engine.data.fitting import VALIDATION_SPLIT, misfits
from engine.data.store import EmbeddingStore, Split
from engine.devices import choose_device, cpu_threads, free_memory, keep_freed_memory
from engine.errors import BadInput
from engine.events import CheckpointSaved, Failed, Finished, Prepared, TrainingEvent, Validated
from engine.graphs import recorder_of
from engine.inspection.probes import Probes
from engine.runs import Run
from engine.step import OuterStep
from engine.stepping import Done, StepsAhead, stepper_of
from engine.trainee import Trainee, has_stalled, steps_until_due

# Between validations a checkpoint is kept this often, so that no crash costs more.
_SECONDS_BETWEEN_CHECKPOINTS = 60.0
# A store that takes more of a device's free memory than one part in so many stays outside of it.
_SHARE_FOR_STORE = 2


@dataclass(slots=True)
class Pace:
    """What the reader of the training loop asks of it between two events."""

    is_single_step: bool = False  # take one outer step before the next `StepsTaken`
    wants_checkpoint: bool = False  # save one next; the loop takes this back when it has
    wants_probes: bool = False  # look at the probe episodes every so often


def train(
    experiment: Experiment, store: EmbeddingStore, run: Run, pace: Pace | None = None
) -> Generator[TrainingEvent]:
    """Meta-train LEO, going on from the run's newest checkpoint; the run is whole at every yield.

    To stop, close the generator: it keeps a checkpoint first. Steps, validations and checkpoints
    do not depend on where a run was stopped or killed; on the CPU not by a bit.

    Parameters
    ----------
    experiment
        All settings.
    store
        Embeddings with the splits to train on, and "val" to validate on.
    run
        Where everything is written; its status follows what happens here.
    pace
        The reader's wishes, which may change between two events; none by default.

    Raises
    ------
    BadInput
        If store and task do not fit, or the loss stays not-a-number.
    """
    with closing(train_together([experiment], store, [run], pace)) as events:
        for _, event in events:
            yield event  # type: ignore[misc]  # a run that is alone fails by raising


def train_together(
    experiments: Sequence[Experiment],
    store: EmbeddingStore,
    runs: Sequence[Run],
    pace: Pace | None = None,
) -> Generator[tuple[int, TrainingEvent | Failed]]:
    """Meta-train many runs side by side as a population; see `train`.

    Each has its own metrics, validations, best checkpoint and end. A run whose loss stays
    not-a-number fails alone, and the others go on.

    Parameters
    ----------
    experiments
        The settings of each run; together they can be a population: see `engine.config`.
    store
        See `train`.
    runs
        All at the same step.
    pace
        See `train`; probes are looked at where one run is trained alone.

    Yields
    ------
    member, event
        The place of the run, and what happened to it.
    """
    pace = pace or Pace()
    first = experiments[0]
    schedule, device = first.schedule, choose_device(first.run.device)
    keep_freed_memory()
    with ExitStack() as stack:
        for run in runs:
            stack.enter_context(run.owned())
        stack.enter_context(cpu_threads(_threads(first, device)))
        stack.enter_context(arithmetic(first.run))
        split, validation_split = load_splits(first, store, device)
        take = OuterStep(experiments, split, device, is_compiled=first.run.compile)
        step = _restored(take, runs)
        trainees = [Trainee(run, take, member, step) for member, run in enumerate(runs)]
        probes = None
        if len(runs) == 1:
            probes = Probes(first, validation_split, runs[0].name, runs[0].record.id)
        for run in runs:
            run.update(status="running", device=str(device), **run.owner())
            run.log(f"trains from step {step} to {schedule.steps} on {described(device, run)}")
        stepper = stepper_of(
            take,
            step,
            every=schedule.validate_every,
            recorder=recorder_of(device) if first.run.cuda_graph else None,
            log=partial(_log_all, runs),
        )
        stack.callback(stepper.close)
        # What is told is up to `step`; what a GPU has under way may be ahead of it.
        ahead = StepsAhead(stepper, step, device)

        def active() -> list[Trainee]:
            return [trainee for trainee in trainees if trainee.is_active]

        def must_save() -> bool:
            oldest = min(trainee.saved_at for trainee in active())
            is_late = time.perf_counter() - oldest > _SECONDS_BETWEEN_CHECKPOINTS
            return pace.wants_checkpoint or is_late

        def save() -> Iterator[tuple[int, CheckpointSaved]]:
            pace.wants_checkpoint = False
            yield from [(trainee.member, trainee.save(step)) for trainee in active()]

        try:
            for trainee in trainees:
                folder = str(trainee.run.path)
                yield trainee.member, Prepared(folder, step, schedule.steps, str(device))
            while active():
                if not ahead.is_under_way:
                    if must_save():
                        yield from save()
                    unvalidated = [each for each in active() if each.must_validate(step)]
                    for trainee in unvalidated:
                        with closing(trainee.validate(step, validation_split)) as told:
                            while not isinstance(event := next(told), Validated):
                                yield trainee.member, event
                                if must_save():
                                    yield from save()
                        saved = trainee.save(step)
                        yield trainee.member, event
                        yield trainee.member, saved
                    if unvalidated:
                        continue  # a checkpoint may be wanted since, of this very step
                    yield from _ends(active(), step)
                    if not active():
                        break
                if not ahead.is_under_way or not must_save():
                    until = step + steps_until_due(step, schedule)
                    ahead.launch(until, is_single=pace.is_single_step)
                done = ahead.next()
                step = done.step
                for trainee in active():
                    yield from _told(trainee, done, is_alone=len(runs) == 1)
                if probes is not None and pace.wants_probes:
                    for looked_at in probes.if_due(ahead.step, take.members[0]):
                        yield 0, looked_at
        except GeneratorExit:
            for done in ahead.rest():
                step = done.step
                for trainee in active():
                    trainee.took(done)
            for trainee in active():
                trainee.stop(step)
            raise


def described(device: torch.device, run: Run) -> str:
    """Say where a run is trained, and what it asks of the arithmetic there."""
    wishes = run.experiment.run
    name = f" ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else ""
    words = [f"{device}{name}"]
    words += ["TensorFloat-32"] if wishes.tf32 else []
    words += ["deterministic"] if wishes.deterministic else []
    words += ["compiled"] if wishes.compile else []
    return ", ".join(words)


def load_splits(
    experiment: Experiment, store: EmbeddingStore, device: torch.device
) -> tuple[Split, Split]:
    """Load what an experiment trains and validates on; raises `BadInput` if it does not fit.

    Both are on the device, but for training examples that would take most of its memory.
    """
    require_fit(experiment, store)
    normalize = experiment.data.normalize
    split = store.load(experiment.data.train_splits, normalize=normalize)
    free = free_memory(device)
    if free is None or split.embeddings.nbytes <= free // _SHARE_FOR_STORE:
        split = split.to(device)
    return split, store.load([VALIDATION_SPLIT], normalize=normalize).to(device)


def require_fit(experiment: Experiment, store: EmbeddingStore) -> None:
    """Raise `BadInput` unless the store has enough classes and examples for the task."""
    for sentence in misfits(experiment, store.path.name, store.splits):
        raise BadInput(sentence)


def _restored(take: OuterStep, runs: Sequence[Run]) -> int:
    """Go back to the runs' newest checkpoints, and return how many steps they have taken."""
    step = 0
    for member, run in enumerate(runs):
        checkpoint = run.rewind()
        if checkpoint is not None:
            take.restore(checkpoint.weights(), checkpoint.optimizer(), member)
            step = checkpoint.step
    return step


def _told(
    trainee: Trainee, done: Done, *, is_alone: bool
) -> Iterator[tuple[int, TrainingEvent | Failed]]:
    """Write down and tell what steps did to a run, and give it up where it is hopeless."""
    taken = trainee.took(done)
    yield trainee.member, taken
    try:
        trainee.require_hope(taken)
    except BadInput as error:
        if is_alone:
            raise
        trainee.give_up(str(error))
        yield trainee.member, Failed(str(trainee.run.path), str(error), "")
    trainee.run.beat()


def _ends(trainees: Sequence[Trainee], step: int) -> Iterator[tuple[int, Finished]]:
    """End the runs that are at their last step or do not get better."""
    for trainee in trainees:
        schedule = trainee.run.experiment.schedule
        stopped_early = has_stalled(trainee.run, schedule)
        if step >= schedule.steps or stopped_early:
            trainee.finish(step, stopped_early=stopped_early)
            yield trainee.member, Finished(step, stopped_early)


def _log_all(runs: Sequence[Run], line: str) -> None:
    for run in runs:
        run.log(line)


def _threads(experiment: Experiment, device: torch.device) -> int | None:
    """One thread on the CPU: LEO's matrices are too small to share among several."""
    if device.type != "cpu":
        return None
    return experiment.run.threads or 1
