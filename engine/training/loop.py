"""The meta-training loop (Rusu et al. 2019, algorithm 1): top to bottom, yielding events."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial

import torch

from engine.config import Experiment
from engine.data.function_file import FunctionFile
from engine.data.store import EmbeddingStore
from engine.devices.numerics import numerics
from engine.devices.selection import choose_device, cpu_threads, keep_freed_memory
from engine.errors import BadInput
from engine.events import Failed, Prepared, ProbesInspected, TrainingEvent
from engine.runs.run import Run
from engine.training.pace import Pace
from engine.training.pipeline import StepPipeline, chunks_in_flight
from engine.training.run_recorder import RunRecorder, still_trained
from engine.training.saver import CheckpointSaver
from engine.training.trainee import Examine, Trainee
from engine.training.trainings import LookAtProbes, threads_of, training_of
from engine.training.untrained import validate_untrained

MemberEvent = tuple[int, TrainingEvent | Failed]
"""The place of a run among those that are trained together, and what happened to it."""


def train(
    experiment: Experiment,
    store: EmbeddingStore | FunctionFile | None,
    run: Run,
    pace: Pace | None = None,
) -> Generator[TrainingEvent]:
    """Train a learner, going on from the run's newest checkpoint; it is whole at every yield.

    To stop, close the generator: it keeps a checkpoint first. Steps, validations and checkpoints
    do not depend on where a run was stopped or killed; on the CPU not by a bit.

    Parameters
    ----------
    experiment
        All settings.
    store
        Embeddings with the splits to train on, and "val" to validate on; the file of functions
        that were measured; None where tasks need neither.
    run
        Where everything is written; its status follows what happens here.
    pace
        The reader's requests, which may change between two events; none by default.

    Raises
    ------
    BadInput
        If store and task do not fit, or the loss stays not-a-number.
    """
    with closing(train_together([experiment], store, [run], pace)) as events:
        for _, event in events:
            if isinstance(event, Failed):
                raise BadInput(event.sentence)
            yield event


def train_together(
    experiments: Sequence[Experiment],
    store: EmbeddingStore | FunctionFile | None,
    runs: Sequence[Run],
    pace: Pace | None = None,
) -> Generator[MemberEvent]:
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
    if not experiments[0].learner.is_trained:
        for member, run in enumerate(runs):
            with closing(validate_untrained(run, store, pace or Pace())) as events:
                yield from ((member, event) for event in events)
        return
    if experiments[0].learner.reads_pictures and len(runs) > 1:  # a network fills a device alone
        for member, run in enumerate(runs):
            with closing(train_together([run.experiment], store, [run], pace)) as alone:
                yield from ((member, event) for _, event in alone)
        return
    with _prepared(experiments, store, runs) as parts:
        yield from _loop(parts, pace or Pace())


def _loop(parts: "_Parts", pace: Pace) -> Generator[MemberEvent]:
    """Take steps, validate and save, until every run is at its end or the generator is closed."""
    pipeline, recorders = parts.pipeline, parts.recorders
    schedule = recorders[0].run.experiment.schedule  # which members have in common
    saver = CheckpointSaver(recorders, pace)
    step = pipeline.launched_step  # from here on: the last one that is written down
    try:
        for recorder in recorders:
            yield recorder.member, _told_prepared(recorder.run, step, parts.device)
        while active := still_trained(recorders):
            # What is in flight has moved the weights on; they are those after `step`, which
            # checkpoints and validations are to be of, only while there is none of it.
            if pipeline.is_empty:
                # Before a validation, which may take long: a crash in it then costs no step.
                yield from saver.save_if_due(step)
                if unvalidated := [each for each in active if each.must_validate(step)]:
                    yield from _validated(unvalidated, step, parts.examine, saver)
                    continue  # a checkpoint may be asked for since, of this very step
                # After the validation: the last step has one too, and early stopping looks at it.
                if ended := [(each.member, end) for each in active for end in each.ends(step)]:
                    yield from ended
                    continue
            # Where a checkpoint is due no more is launched, so that the pipeline runs empty. What
            # is launched ends at the next validation, which waits for that too.
            if pipeline.is_empty or not saver.is_due:
                pipeline.launch(schedule.next_validation(step), is_single=pace.is_single_step)
            finished = pipeline.next()
            step = finished.step
            # Every member is written down before the first is told of: whoever stops at one of
            # these events loses no other member's rows.
            yield from [(each.member, told) for each in active for told in each.record(finished)]
            if parts.probes is not None and pace.wants_probes:
                # The weights are those of what was launched last, which may not be told of yet.
                newest = pipeline.launched_step
                for latents in parts.probes(newest):
                    yield 0, ProbesInspected(newest, latents)
    except GeneratorExit:
        # Steps in flight have moved the weights, so they belong to the last checkpoint.
        for finished in pipeline.drain():
            step = finished.step
            for recorder in still_trained(recorders):
                recorder.record(finished)
        for recorder in still_trained(recorders):
            recorder.stop(step)
        raise


def _validated(
    recorders: Sequence[RunRecorder], step: int, examine: Examine, saver: CheckpointSaver
) -> Iterator[MemberEvent]:
    """Validate runs, one after the other; a checkpoint that is due does not wait for all of it."""
    for recorder in recorders:
        with closing(recorder.validate(step, examine)) as events:
            for event in events:
                yield recorder.member, event
                yield from saver.save_if_due(step)


def _told_prepared(run: Run, step: int, device: torch.device) -> Prepared:
    schedule, where = run.experiment.schedule, str(device)
    return Prepared(str(run.path), step, schedule.steps, where, run.columns, run.scores, schedule)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts that the loop calls."""

    device: torch.device
    examine: Examine
    recorders: Sequence[RunRecorder]
    pipeline: StepPipeline
    probes: LookAtProbes | None


@contextmanager
def _prepared(
    experiments: Sequence[Experiment],
    store: EmbeddingStore | FunctionFile | None,
    runs: Sequence[Run],
) -> Iterator[_Parts]:
    """Own runs inside the block, and go back to where they were left.

    They are owned before anything of them is changed, and until everything else has ended.
    """
    first = experiments[0]
    device = choose_device(first.run.device)
    keep_freed_memory()
    with ExitStack() as stack:
        for run in runs:
            stack.enter_context(run.owned())
        stack.enter_context(cpu_threads(threads_of(first, device)))
        stack.enter_context(numerics(first.run))
        training = training_of(experiments, store, runs, device)
        trainee = training.trainee
        step = _restored(trainee, runs)
        # After the runs were rewound: a recorder counts on what is left of them.
        recorders = [RunRecorder(run, trainee, place, step) for place, run in enumerate(runs)]
        for run in runs:
            run.begin(str(device))
            last = first.schedule.steps
            run.log(f"trains from step {step} to {last} on {_described(device, run)}")
            for note in training.notes:
                run.log(note)
        # Last of all: fast executors are tried out on the weights that training goes on from.
        executor = training.executor(step, partial(_log_all, runs))
        stack.callback(executor.close)
        pipeline = StepPipeline(executor, step, chunks_in_flight(device))
        yield _Parts(device, training.examine, recorders, pipeline, training.probes)


def _restored(trainee: Trainee, runs: Sequence[Run]) -> int:
    """Go back to the runs' newest checkpoints, and return how many steps they have taken."""
    step = 0
    for member, run in enumerate(runs):
        checkpoint = run.rewind()
        if checkpoint is not None:
            trainee.restore(checkpoint.weights(), checkpoint.optimizer(), member)
            step = checkpoint.step
    return step


def _described(device: torch.device, run: Run) -> str:
    """Say where a run is trained, and what it asks of the arithmetic there."""
    settings = run.experiment.run
    name = f" ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else ""
    words = [f"{device}{name}"]
    words += ["TensorFloat-32"] if settings.tf32 else []
    words += ["deterministic"] if settings.deterministic else []
    words += ["compiled"] if settings.compile else []
    return ", ".join(words)


def _log_all(runs: Sequence[Run], line: str) -> None:
    for run in runs:
        run.log(line)
