"""Sources of episodes: which checkpoint of a run looks at which split, and why none can."""

from engine.inspection.records import TRAINING_EPISODES
from leo_studio.services.records import EpisodeSource, RunEntry

NO_RUNS = "No run has a checkpoint yet: train an experiment, and its episodes can be looked at."


def default_source(
    run: RunEntry, split: str | None = None, step: int | None = None
) -> EpisodeSource:
    """Return a source of a run's episodes.

    Parameters
    ----------
    run
        One with a checkpoint.
    split
        Which is taken where the run's store has it; else the validation classes.
    step
        Of the checkpoint; None for the run's own choice.
    """
    splits = (*run.store_splits, TRAINING_EPISODES)
    if step not in run.checkpoints:
        step = run.own_step
    wanted = split if split in splits else "val" if "val" in splits else splits[0]
    return EpisodeSource(run.path, run.checkpoints[-1] if step is None else step, wanted)


def why_not_inspected(run: RunEntry | None) -> str:
    """Say why there are no episodes of a run to look at; "" where there are."""
    if run is None:
        return NO_RUNS
    if run.problem:
        return f"{run.title} cannot be read as a run."
    if run.why_no_latent_space:
        return run.why_no_latent_space
    if not run.checkpoints:
        return (
            f"{run.title} has no checkpoint yet. Its episodes can be looked at after its first "
            "validation, or when it is stopped."
        )
    return ""
