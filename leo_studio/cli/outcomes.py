"""Outcomes of runs in words and as JSON, and the command that resumes a run."""

import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.runs.run import Run


def outcome(run: "Run") -> dict[str, Any]:
    """Return how a run stands, for --json."""
    record = run.record
    return {
        "run": str(run.path),
        "status": run.status,
        "step": record.step,
        "steps": record.steps,
        "seconds": record.seconds,
        "best": record.best.to_dict() if record.best else None,
    }


def print_outcome(run: "Run") -> None:
    """Print how a run stands, for people."""
    best = run.record.best
    print(f"run      {run.path}")
    is_trained = run.experiment.learner.is_trained
    where = f"at step {run.record.step}" if is_trained else "without training"
    print(f"status   {run.status} {where}")
    if best is not None:
        print(f"best     {best_validation(run)} validation, step {best.step}")
    print(f"next     {command()} evaluate {quoted(run.path)}")


def best_validation(run: "Run") -> str:
    """Return a run's best validation in words; "" where there is none."""
    best = run.record.best
    return "" if best is None else run.scores[0].text(best.value, best.ci95)


def command() -> str:
    """Return what a person types for this program, also where it is not on the path."""
    if shutil.which("leo-studio"):
        return "leo-studio"
    started = Path(sys.argv[0])
    return quoted(started) if started.name == "leo-studio" else "python -m leo_studio"


def quoted(path: Path) -> str:
    """Return a path as a shell takes it."""
    return shlex.quote(str(path))
