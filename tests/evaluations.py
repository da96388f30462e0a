"""Evaluations as they are on disk, made up."""

from pathlib import Path
from typing import Any

from engine.evaluation.record import Evaluation, evaluation_from_dict


def whole(**changes: Any) -> dict[str, Any]:
    """Two episodes, three classes of which one never came up, two bins of which one is empty."""
    values: dict[str, Any] = {
        "run": "/library/runs/mine",
        "checkpoint_step": 2750,
        "accuracy": 0.875,
        "ci95": 0.1225,
        "episodes": 2,
        "split": "test",
        "loss": 0.25,
        "calibration_error": 0.05,
        "queries_per_class": [39, 39],
        "classes": {"middling": 0.5, "unseen": None, "best": 0.75},
        "calibration": {"counts": [0, 8], "confidences": [0.0, 0.9], "accuracies": [0.0, 0.85]},
        "accuracies": [0.8125, 0.9375],
    }
    return values | changes


def kept(path: Path = Path("evaluation.json"), **changes: Any) -> Evaluation:
    """Return the record of `whole`."""
    return evaluation_from_dict(whole(**changes), path)
