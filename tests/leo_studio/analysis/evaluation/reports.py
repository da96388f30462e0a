"""Evaluations as they are on disk, made up."""

from pathlib import Path
from typing import Any

from leo_studio.records import EvaluationEntry


def report(**changes: Any) -> dict[str, Any]:
    """Two episodes, three classes of which one never came up, two bins of which one is empty."""
    whole: dict[str, Any] = {
        "accuracy": 0.875,
        "ci95": 0.1225,
        "loss": 0.25,
        "calibration_error": 0.05,
        "queries_per_class": [39, 39],
        "classes": {"middling": 0.5, "unseen": None, "best": 0.75},
        "calibration": {"counts": [0, 8], "confidences": [0.0, 0.9], "accuracies": [0.0, 0.85]},
        "accuracies": [0.8125, 0.9375],
    }
    return whole | changes


def entry(path: Path = Path("evaluation.json"), **changes: Any) -> EvaluationEntry:
    """Return a record of `report`."""
    whole = report(**changes)
    return EvaluationEntry(path, "test", 2750, 2, whole["accuracy"], whole["ci95"], whole)
