"""Encoders of pictures that are, or could be, trained here, for an import to choose."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.config import Backbone
from leo_studio.services.pictures import EncoderEntry, FoundPictures
from leo_studio.services.records import PresetEntry, RunEntry

_MOST_RUNS = 12  # the newest


def with_own_encoders(
    found: FoundPictures, runs: Iterable[RunEntry], presets: Iterable[PresetEntry]
) -> FoundPictures:
    """Return pictures with more encoders to choose: pre-training runs, and presets of such."""
    usual, others = found.encoders[:1], found.encoders[1:]
    if found.missing:
        usual, others = (), found.encoders
    return replace(found, encoders=(*usual, *_trained(runs), *others, *_trainable(presets)))


def _trained(runs: Iterable[RunEntry]) -> Sequence[EncoderEntry]:
    """Return the pre-training runs that have learned something, the newest first."""
    able = [
        run
        for run in runs
        if run.experiment is not None
        and isinstance(run.experiment.learner, Backbone)
        and run.checkpoints
        and not run.problem
    ]
    newest = sorted(able, key=lambda run: run.created, reverse=True)[:_MOST_RUNS]
    return [
        EncoderEntry(
            str(run.path),
            f"Trained here: {run.title}",
            f"It has seen the training classes of {run.store} alone.",
        )
        for run in newest
    ]


def _trainable(presets: Iterable[PresetEntry]) -> Sequence[EncoderEntry]:
    """Return what could be trained first, by the program's own presets of pre-training."""
    entries = []
    for preset in presets:
        learner = None if preset.experiment is None else preset.experiment.learner
        if preset.is_built_in and isinstance(learner, Backbone):
            assert preset.experiment is not None
            note = (
                f"{preset.experiment.description}. The pictures are kept at {learner.kept_side} "
                "pixels, and the experiment is set up to train on them; import them again with "
                "what it has learned."
            )
            title = f"None yet: train one ({preset.name})"
            side = learner.kept_side
            entries.append(EncoderEntry("", title, note, trains=preset.name, kept_side=side))
    return entries
