"""The best of a sweep, trained anew on train and validation classes over seeds; no torch.

As the paper did: what validation chose (settings and number of steps) is trained on all classes
that are not for testing, and tested once. It is a study of one row.
"""

from collections.abc import Sequence
from typing import Any

from engine.config import Experiment
from engine.studies.cells import Cell
from engine.studies.study import Study
from engine.studies.sweeps.sweep import Sweep
from engine.studies.sweeps.trials import Outcome, Trial, best_of

ROW, COLUMN = "Best", "test"


def final_study(sweep: Sweep) -> Study:
    """Return the study of the best."""
    return Study.model_validate(
        {
            "name": sweep.name,
            "preset": sweep.experiment.name,
            "rows": [{"name": ROW}],
            "columns": [{"name": COLUMN}],
            "seeds": max(sweep.final_seeds, 1),
            "split": "test",
            "episodes": sweep.experiment.evaluation.episodes,
        }
    )


def final_cells(sweep: Sweep, trials: Sequence[Trial], device: str) -> list[Cell]:
    """Return the runs of the best; none until all trials have ended, and where none is wanted."""
    best = best_of(trials)
    if best is None or not sweep.final_seeds or not all(trial.is_over for trial in trials):
        return []
    experiment = final_experiment(sweep, best, device)
    name = f"best-{best.number:04d}"
    if not experiment.learner.is_trained:
        return [Cell(ROW, COLUMN, None, experiment.with_settings({"name": name}))]
    return [
        Cell(
            ROW,
            COLUMN,
            seed,
            experiment.with_settings({"name": f"{name}-seed-{seed}", "run.seed": seed}),
        )
        for seed in range(sweep.final_seeds)
    ]


def final_experiment(sweep: Sweep, best: Outcome, device: str) -> Experiment:
    """Return what the best is trained as: on both splits, for as many steps as validated best."""
    changes: dict[str, Any] = {
        "data.train_splits": ["train", "val"],
        "schedule.early_stopping": None,
    }
    if sweep.experiment.learner.is_trained:
        changes["schedule.steps"] = best.best_step
    return sweep.trial_experiment(best.number, best.values, device).with_settings(changes)
