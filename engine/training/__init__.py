"""Training: the loop, the outer step, how steps are executed, and what a run writes down."""

from engine.training.loop import MemberEvent, train, train_together
from engine.training.outer_step import OuterStep
from engine.training.pace import Pace
from engine.training.splits import load_splits

__all__ = [
    "MemberEvent",
    "OuterStep",
    "Pace",
    "load_splits",
    "train",
    "train_together",
]
