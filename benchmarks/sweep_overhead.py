"""What a sweep costs beside its runs, by the number of its trials.

    python -m benchmarks.sweep_overhead [--trials 100 1000 5000]

Trials of made-up results lie in a folder as workers leave them. Measured is the computing time of
this process, so a busy machine changes little: to propose the next trial, to look at all trials for
the first time and again, and to bring Optuna's journal up to date.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.runs.library import Library
from engine.studies.sweeps.catalogue import space_path
from engine.studies.sweeps.journal import update_journal
from engine.studies.sweeps.proposals import proposed
from engine.studies.sweeps.space import load_space
from engine.studies.sweeps.sweep import Sweep
from engine.studies.sweeps.trials import History, Outcome, SweepFolder

VALIDATIONS = 12


def sweep_of(trials: int, place: Path) -> Sweep:
    """Return a sweep with one trial more than have ended."""
    experiment = Library(place).experiment("glyphs-5way-1shot")
    space = load_space(space_path("glyphs-leo"))
    return Sweep("many", experiment, space.parameters, trials=trials + 1)


def make_up(sweep: Sweep, folder: SweepFolder) -> None:
    """Write down how all trials but the last ended."""
    draw = np.random.default_rng(0)
    values = proposed(sweep, [], 0)
    for number in range(sweep.trials - 1):
        own = values | {
            "optimizer.outer_lr": float(10 ** draw.uniform(-4, -2)),
            "learner.inner_lr": float(10 ** draw.uniform(-1, 1)),
        }
        accuracies = draw.uniform(0.5, 0.8, VALIDATIONS).tolist()
        best = max(accuracies)
        run = folder.runs / f"{sweep.trial_name(number)}-made-up"
        run.mkdir(parents=True)
        Outcome(number, own, "complete", accuracies, 3000, best, 250).write(run)


def seconds(work: Callable[[], object]) -> float:
    """Return how long something computes."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def measure(count: int) -> str:
    """Return what a sweep costs with so many trials, in words."""
    with tempfile.TemporaryDirectory() as place:
        sweep, folder = sweep_of(count, Path(place)), SweepFolder(Path(place) / "many")
        make_up(sweep, folder)
        history = History(sweep, folder)
        first, again = seconds(history.look), seconds(history.look)
        trials = history.look()
        proposal = seconds(lambda: proposed(sweep, trials, count))
        made = seconds(lambda: update_journal(folder.journal, sweep, trials))
        updated = seconds(lambda: update_journal(folder.journal, sweep, trials))
    return (
        f"{count:6,} trials: a proposal {proposal:.2f} s, the first look {first:.2f} s, another "
        f"{1000 * again:.0f} ms, the journal {made:.2f} s anew and {updated:.2f} s again"
    )


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, nargs="+", default=[100, 1000, 5000])
    seconds(lambda: measure(10))  # loads what is loaded once
    for count in parser.parse_args().trials:
        print(measure(count), flush=True)


if __name__ == "__main__":
    main()
