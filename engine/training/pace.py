"""Requests to the training loop, which a reader may change between two events."""

from dataclasses import dataclass


@dataclass(slots=True)
class Pace:
    """Requests of the reader of the training loop, which it may change between two events."""

    is_single_step: bool = False  # take one outer step before the next `StepsTaken`
    wants_checkpoint: bool = False  # save one next; the loop takes this back when it has
    wants_probes: bool = False  # look at the probe episodes every so often
