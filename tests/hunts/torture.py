"""Torture of the library: kill -9 at random moments of all that writes.

```
python -m tests.hunts.torture [--kills 1000] [--seed 0] [--operation NAME ...]
```

Each round starts an operation in a process, kills it at a random moment, and looks at what is left:
every run is whole and goes on to the same bits as one that was never killed, and every store,
bundle and evaluation is whole or absent. Processes are forked from one that has loaded everything,
so that kills fall into the work and not into imports. Exit status 1 where there is a finding.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch

from engine.data.fingerprint import fingerprint
from engine.data.function_file import FunctionFile
from engine.data.importers.arrays import import_arrays
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.evaluation.checkpoints import evaluate_checkpoint, keep_evaluation
from engine.evaluation.record import kept_evaluations
from engine.export.bundle import save_bundle
from engine.export.bundle_reading import import_bundle, read_bundle
from engine.export.trained import trained
from engine.io.generators import finished
from engine.runs.folders import run_folders
from engine.runs.library import Library
from engine.runs.preparation import new_run, resumed_run
from engine.runs.run import Run
from engine.training import pipeline, saver, train
from tests.bits import assert_same_bits
from tests.hunts.readers import make_npz, make_store, toy_experiment

_STEPS = 20  # of a run, with a validation after every third
_BEGIN = b"begin"


class Operation(NamedTuple):
    """Something that writes into a library.

    Attributes
    ----------
    prepare
        Fills a fresh library folder with what is needed.
    act
        Does it, in the process that is killed.
    judge
        Looks at what is left; raises for what must not be.
    """

    prepare: Callable[[Path], object]
    act: Callable[[Path], object]
    judge: Callable[[Path], None]


@cache
def _template() -> Path:
    """Return a library with a store, a finished run and a bundle of it, made once."""
    root = Path(tempfile.mkdtemp())
    library = Library(root)
    run, store = new_run(library, toy_experiment(make_store(root), _STEPS))
    for _ in train(run.experiment, store, run):
        pass
    save_bundle(root / "whole.leo.zip", trained(Run(run.path)))
    make_npz(root)
    return root


def remove_template() -> None:
    """Remove what all rounds share."""
    shutil.rmtree(_template())
    _template.cache_clear()


def _whole_run() -> Run:
    """Return the run that was never killed."""
    return Run(run_folders(Library(_template()).runs)[0])


def _empty(root: Path) -> None:
    root.mkdir()


def _with_run(root: Path) -> None:
    shutil.copytree(_template(), root)


def _start(root: Path) -> None:
    _train(*new_run(Library(root), toy_experiment(_template() / "whole.h5", _STEPS)))


def _resume(root: Path) -> None:
    library = Library(root)
    for folder in run_folders(library.runs):
        if Run(folder).status != "finished":
            _train(*resumed_run(library, Run(folder)))


def _train(run: Run, store: EmbeddingStore | FunctionFile | None) -> None:
    # Far more checkpoints than usual, those between validations among them.
    saver._SECONDS_BETWEEN_CHECKPOINTS = 0.02
    pipeline._SECONDS_OF_A_CHUNK = 0.01
    for _ in train(run.experiment, store, run):
        pass


def _judge_runs(root: Path) -> None:
    """Train every run to its end, and hold it to the one that was never killed."""
    _resume(root)
    for folder in run_folders(Library(root).runs):
        assert_same_bits(Run(folder), _whole_run())


def _validate(root: Path) -> None:
    run = Run(run_folders(Library(root).runs)[0])
    store = EmbeddingStore(_template() / "whole.h5")
    step = run.checkpoint("last").step
    keep_evaluation(run, finished(evaluate_checkpoint(run, step, store, "test", 40)))


def _judge_evaluation(root: Path) -> None:
    run = Run(run_folders(Library(root).runs)[0])
    kept = kept_evaluations(run.path)
    assert not kept.problems, kept.problems
    assert_same_bits(run, _whole_run())


def _import(root: Path) -> None:
    (root / "stores").mkdir()
    import_arrays(_template() / "whole.npz", root / "stores" / "new.h5")


def _judge_import(root: Path) -> None:
    again = root / "stores" / "again.h5"
    import_arrays(_template() / "whole.npz", again)
    for path in (root / "stores").glob("*.h5"):
        assert fingerprint(EmbeddingStore(path)) == fingerprint(EmbeddingStore(again))


def _export(root: Path) -> None:
    save_bundle(root / "out.leo.zip", trained(Run(run_folders(Library(root).runs)[0])))


def _judge_export(root: Path) -> None:
    if (root / "out.leo.zip").exists():
        read_bundle(root / "out.leo.zip")


def _import_bundle(root: Path) -> None:
    import_bundle(Library(root), _template() / "whole.leo.zip")


def _judge_bundle(root: Path) -> None:
    try:
        import_bundle(Library(root), _template() / "whole.leo.zip")
    except BadInput as error:
        assert "in the library already" in str(error), error
    (folder,) = run_folders(Library(root).runs)
    trained(Run(folder))


def _delete(root: Path) -> None:
    library = Library(root)
    library.throw_away(run_folders(library.runs)[0])


def _rename(root: Path) -> None:
    library = Library(root)
    library.rename(Run(run_folders(library.runs)[0]), "another")


def _judge_moved(root: Path) -> None:
    """Require that the run is whole at exactly one place."""
    library = Library(root)
    places = [*run_folders(library.runs), *run_folders(library.trash)]
    (place,) = places
    assert_same_bits(Run(place), _whole_run())


OPERATIONS = {
    "train": Operation(_empty, _start, _judge_runs),
    "resume": Operation(_empty, _start, _judge_runs),
    "validate": Operation(_with_run, _validate, _judge_evaluation),
    "import": Operation(_empty, _import, _judge_import),
    "export": Operation(_with_run, _export, _judge_export),
    "import bundle": Operation(_empty, _import_bundle, _judge_bundle),
    "delete": Operation(_with_run, _delete, _judge_moved),
    "rename": Operation(_with_run, _rename, _judge_moved),
}


class Round(NamedTuple):
    """What came of one round."""

    was_killed: bool  # it may have ended before
    finding: str = ""


def one_round(operation: Operation, delay: float, again: list[float]) -> Round:
    """Start an operation, kill it, and judge what is left.

    Parameters
    ----------
    operation
        What is done.
    delay
        Seconds until it is killed.
    again
        Seconds until it is killed when its runs go on, one number for each time.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "library"
        operation.prepare(root)
        was_killed = _killed(lambda: operation.act(root), delay)
        for later in again:
            _killed(lambda: _resume(root), later)
        try:
            operation.judge(root)
        except Exception:
            return Round(was_killed, traceback.format_exc())
    return Round(was_killed)


def seconds_of(operation: Operation) -> float:
    """Return how long an operation takes where nobody kills it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "library"
        operation.prepare(root)
        begin = time.monotonic()
        _killed(lambda: operation.act(root), None)
        return time.monotonic() - begin


def _killed(act: Callable[[], object], delay: float | None) -> bool:
    """Do something in a process, and kill it after a delay; returns whether it was under way."""
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(sender, _BEGIN)
        status = 1
        try:
            act()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.read(receiver, len(_BEGIN))
    os.close(receiver)
    os.close(sender)
    if delay is not None:
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError("The operation failed by itself; see above.")
    return os.WIFSIGNALED(status)


def torture(name: str, kills: int, chance: random.Random) -> list[str]:
    """Kill an operation so many times, and return the findings."""
    operation = OPERATIONS[name]
    _template()  # here, and not in each child
    longest = max(seconds_of(operation) for _ in range(3))
    done, findings = 0, []
    while done < kills:
        again = [chance.uniform(0, longest) for _ in range(chance.randrange(3))]
        came = one_round(
            operation, chance.uniform(0, longest * 1.05), again if name == "resume" else []
        )
        done += came.was_killed
        # How long it takes changes with what else the machine does.
        longest *= 1.05 if came.was_killed else 0.95
        if came.finding:
            findings.append(came.finding)
    took = f"{longest * 1000:.0f} ms in the end"
    print(f"{name}: {done:,} kills, {took}, {len(findings)} findings", flush=True)
    return findings


def main() -> None:
    """Kill operations in turns, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="Over all operations.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--operation", action="append", choices=sorted(OPERATIONS))
    given = parser.parse_args()
    torch.set_num_threads(1)  # threads do not outlive a fork
    names = given.operation or list(OPERATIONS)
    chance = random.Random(given.seed)
    findings = []
    try:
        for name in names:
            findings += torture(name, -(-given.kills // len(names)), chance)
    finally:
        remove_template()
    for finding in findings:
        print(finding, file=sys.stderr)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
