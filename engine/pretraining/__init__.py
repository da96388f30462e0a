"""Pre-training: a backbone learns to tell the training classes apart by their pictures."""

from engine.pretraining.pictures import Pictures, load_pictures
from engine.pretraining.step import PretrainingStep
from engine.pretraining.trained_backbone import TrainedBackbone

__all__ = ["Pictures", "PretrainingStep", "TrainedBackbone", "load_pictures"]
