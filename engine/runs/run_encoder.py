"""A pre-training run as an encoder of pictures."""

import torch

from engine.config import Backbone
from engine.errors import BadInput
from engine.images.encoders import Encoder, Framing
from engine.images.encoders.backbone_encoder import numbers, trained_encoder
from engine.images.encoders.encoder import checksum_of
from engine.pretraining import TrainedBackbone
from engine.runs.run import Run


def run_encoder(
    run: Run, device: torch.device, framing: Framing | None = None, which: str | None = None
) -> Encoder:
    """Open what a pre-training run has learned as an encoder.

    Parameters
    ----------
    run
        The run; it may be training.
    device
        Where it computes.
    framing
        What a person says of how it sees pictures.
    which
        "best", "last" or a step; see `Run.checkpoint`.

    Raises
    ------
    BadInput
        If it is no pre-training run, or has no such checkpoint.
    """
    settings = run.experiment.learner
    if not isinstance(settings, Backbone):
        raise BadInput(
            f"{run.name} learns by {settings.noun()}, from embeddings: it is no encoder of "
            "pictures; choose a pre-training run."
        )
    checkpoint = run.checkpoint(which)
    trained = TrainedBackbone.of(settings, checkpoint.weights())
    splits = " and ".join(_WORDS[name] for name in run.experiment.data.train_splits)
    return trained_encoder(
        trained.backbone,
        device,
        framing or Framing(),
        name=f"{trained.backbone.settings.kind.title} of {run.name}",
        where=f"{run.name}, {checkpoint.weights_path.name}",
        checksum=checksum_of([checkpoint.weights_path]),
        kept_side=settings.kept_side,
        mean=numbers(trained.normalisation.mean),
        std=numbers(trained.normalisation.std),
        trained_on=f"the {splits} classes of {run.record.store.name}",
    )


_WORDS = {"train": "training", "val": "validation"}
