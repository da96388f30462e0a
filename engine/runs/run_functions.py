"""The file of functions that a run was trained on: found where it is now, and known again."""

from collections.abc import Callable
from pathlib import Path

from engine.config import regression
from engine.data.function_file import FunctionFile
from engine.errors import BadInput
from engine.io.paths import expanded, is_file
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.runs.run_store import REMEDY, StoreNotFound, located, remember


def functions_of(
    run: Run, given: str | None = None, say: Callable[[str], object] | None = None
) -> FunctionFile | None:
    """Read the file of functions that a run was trained on; None where they are drawn.

    It is looked for where the run remembers it, and then where its settings say.

    Parameters
    ----------
    run
        The run.
    given
        Where it is now, if somebody knows; then it is remembered in run.json.
    say
        Told where it is, if that is another place than before.

    Raises
    ------
    StoreNotFound
        If it is nowhere, or what is there is spoilt or holds other points by now.
    BadInput
        If the run does not learn functions, or `given` is of no use.
    """
    named = regression(run.experiment).functions
    if not named:
        if given is not None:
            raise BadInput(
                f"{run.name} learns functions that are drawn, and was trained on no file; leave "
                "out --store."
            )
        return None
    if given is not None:
        file = FunctionFile(expanded(given).resolve())
        _require_same(run, file)
    else:
        file = _found(run, named)
    # One that is given is right, whatever lies where it was.
    remember(run, file.path, say, is_given=given is not None)
    return file


def functions_record(file: FunctionFile) -> StoreRecord:
    """Return what a run remembers of a file of functions."""
    scaling = file.scaling
    return StoreRecord(
        path=str(file.path),
        name=file.path.name,
        splits=file.sizes,
        fingerprint=file.fingerprint(),
        scaling={name: getattr(scaling, name) for name in scaling.__slots__},
    )


def _found(run: Run, named: str) -> FunctionFile:
    """Look for the file where it may be; one that has changed or is spoilt is passed over."""
    remembered = run.record.store.path
    known = [located(run.record.id), Path(remembered) if remembered else None, expanded(named)]
    problem: StoreNotFound | None = None
    for path in dict.fromkeys(known):
        if path is None or not is_file(path):
            continue
        try:
            file = FunctionFile(path.resolve())
            _require_same(run, file)
            return file
        except StoreNotFound as error:
            problem = problem or error
        except BadInput as error:
            problem = problem or StoreNotFound(
                f"{error} {run.name} was trained on this file as it was before; say where that is: "
                f"{REMEDY}",
                run.path,
            )
    raise problem or StoreNotFound(
        f"There is no file of functions at {remembered or named} any more, on which {run.name} was "
        f"trained; say where it is: {REMEDY}",
        run.path,
    )


def _require_same(run: Run, file: FunctionFile) -> None:
    """Raise `StoreNotFound` unless a file holds what the run was trained on."""
    if run.record.store.fingerprint in ("", file.fingerprint()):
        return
    raise StoreNotFound(
        f"{file.path} is not as it was when {run.name} was trained on it: it holds other points, "
        "tasks or splits. Give the file as it was with --store FILE, or train a new run on this "
        "one.",
        run.path,
    )
