"""A sweep whose workers are killed at random, beside the same sweep that nobody disturbs.

    python -m benchmarks.killed_sweep [--trials 48] [--steps 120] [--kill-every 20] [--at-once 2]

LEO on the built-in glyphs. Every so many seconds SIGKILL meets one of the processes that train,
whichever is drawn. Then every trial must have ended as in the undisturbed sweep, and the test of
the best must give the same accuracies.
"""

import argparse
import os
import random
import signal
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from engine.runs.library import Library
from engine.studies.carrying_out import carried_out
from engine.studies.executors import Executor, LocalExecutor
from engine.studies.standing import Standing
from engine.studies.sweeps.catalogue import space_path
from engine.studies.sweeps.overseer import SweepOverseer, SweepState
from engine.studies.sweeps.requirements import require_sweepable
from engine.studies.sweeps.space import load_space
from engine.studies.sweeps.sweep import Sweep
from engine.studies.sweeps.trials import SweepFolder, Trial, best_of, outcomes

SECONDS_BETWEEN_LOOKS = 0.2


def sweep_of(library: Library, trials: int, steps: int, final_seeds: int) -> Sweep:
    """Return a sweep of short trials."""
    settings = {
        "schedule.steps": steps,
        "schedule.validate_every": max(steps // 9, 1),
        "schedule.validation_episodes": 100,
        "evaluation.episodes": 500,
    }
    experiment = library.experiment("glyphs-5way-1shot").with_settings(settings)
    space = load_space(space_path("glyphs-leo"))
    return Sweep("killed", experiment, space.parameters, trials=trials, final_seeds=final_seeds)


class Killer:
    """Kills one of the processes that train, every so many seconds on average.

    Parameters
    ----------
    seconds
        How many; 0 for never.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds, self._draw = seconds, random.Random(0)
        self._next = time.monotonic() + seconds
        self.kills = 0

    def look(self, standings: list[Trial | Standing]) -> None:
        """Kill, if it is time and somebody trains."""
        records = [each.record for each in standings if not each.is_over and each.record]
        owners = sorted({each.process_id for each in records if each.status == "running"})
        if not self._seconds or time.monotonic() < self._next or not owners:
            return
        with suppress(ProcessLookupError):
            os.kill(self._draw.choice(owners), signal.SIGKILL)
            self.kills += 1
        self._next = time.monotonic() + self._seconds * self._draw.uniform(0.5, 1.5)


class Disturber(Protocol):
    """Kills something now and then; `kills` counts it."""

    kills: int

    def look(self, standings: list[Trial | Standing]) -> None:
        """Kill, if it is time."""


def carry_out(
    sweep: Sweep, folder: SweepFolder, executor: Executor, at_once: int, killer: Disturber
) -> SweepState:
    """Carry out a sweep, say how long it took, and return how it stands at the end."""
    overseer = SweepOverseer(sweep, folder, "cpu")
    begin, said = time.perf_counter(), list[str]()
    for standings in carried_out(overseer, executor, at_once, said.append):
        killer.look(standings)
        time.sleep(SECONDS_BETWEEN_LOOKS)
    state = overseer.state()
    ended, best = outcomes(state.trials), best_of(state.trials)
    counts = {name: sum(each.state == name for each in ended) for name in ("complete", "pruned")}
    print(
        f"{folder.path.name:12} {time.perf_counter() - begin:6.0f} s, {killer.kills} times "
        f"killed, {len(said)} told of; {len(ended)} of {sweep.trials} trials ended: "
        f"{counts['complete']} complete, {counts['pruned']} pruned; best: trial "
        f"{best.number if best else '-'}, {best.value if best else '-'}",
        flush=True,
    )
    return state


def tested(state: SweepState) -> list[list[float]]:
    """Return the accuracies of the best on its test episodes, seed by seed."""
    evaluations = [each.evaluation for each in state.finals if each.evaluation is not None]
    return [each.accuracies.tolist() for each in evaluations]


def main() -> None:
    """Read the command line, carry both sweeps out, and compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=48)
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--kill-every", type=float, default=20.0)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--final-seeds", type=int, default=2)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        library = Library(Path(place) / "library")
        sweep = sweep_of(library, chosen.trials, chosen.steps, chosen.final_seeds)
        require_sweepable(library, sweep)
        states = []
        for name, seconds in (("undisturbed", 0.0), ("killed", chosen.kill_every)):
            folder = SweepFolder(Path(place) / name)
            executor = LocalExecutor(folder, library.root, "cpu")
            states.append(carry_out(sweep, folder, executor, chosen.at_once, Killer(seconds)))
    compare(*states)


def compare(undisturbed: SweepState, disturbed: SweepState) -> None:
    """Print every trial of one sweep beside the same of another, and whether they are the same."""
    quiet, killed = ([each.outcome for each in state.trials] for state in (undisturbed, disturbed))
    for one, other in zip(quiet, killed, strict=True):
        if one is not None:
            alike = "the same" if one == other else f"OTHERWISE: {other}"
            print(f"trial {one.number:2} {one.state:8} {one.value or one.accuracies[-1:]} {alike}")
    differing = sum(one != other for one, other in zip(quiet, killed, strict=True))
    print(f"{differing} of {len(quiet)} trials ended otherwise")
    is_same = tested(undisturbed) == tested(disturbed)
    print(f"the tests of the best are {'the same' if is_same else 'NOT the same'}")


if __name__ == "__main__":
    main()
