"""Hyperband (Li et al. 2018), asynchronous: which trials are ended early; no torch, no Optuna.

The resource is the number of validations R, and trials are halved to one in three. Bracket b of
floor(log3 R) + 1 looks at validations 3^b, 3^(b+1), ...: a trial goes on there if it is among the
best third of those of its bracket that have come as far. That is what Optuna's `HyperbandPruner`
does, but for one thing: here a trial is measured against those alone whose results it knows
(`Sweep.known_to`), so that it ends at the same validation whoever was faster.
"""

import binascii
import math
from collections.abc import Sequence
from typing import NamedTuple

REDUCTION = 3


class Seen(NamedTuple):
    """A trial's number, and its accuracies at its validations, in their order."""

    number: int
    accuracies: Sequence[float]


class Hyperband:
    """Says whether a trial is ended early.

    Parameters
    ----------
    validations
        How many validations a trial has that is not ended early.
    seed
        The sweep's, which decides with the trial's number in which bracket it is.
    """

    def __init__(self, validations: int, seed: int) -> None:
        self._validations, self._seed = validations, seed
        count = 1
        while REDUCTION**count <= validations:
            count += 1
        self._budgets = [
            math.ceil(count * REDUCTION ** (count - 1 - bracket) / (count - bracket))
            for bracket in range(count)
        ]

    def bracket(self, number: int) -> int:
        """Return the bracket of a trial."""
        place = binascii.crc32(f"{self._seed}_{number}".encode()) % sum(self._budgets)
        for bracket, budget in enumerate(self._budgets):
            if place < budget:
                return bracket
            place -= budget
        raise AssertionError("the budgets sum up to more than any place")

    def is_rung(self, bracket: int, count: int) -> bool:
        """Whether trials of a bracket are looked at after so many validations, but for the last."""
        rung: int = REDUCTION**bracket
        while rung < count:
            rung *= REDUCTION
        return rung == count < self._validations

    def is_ended(self, trial: Seen, known: Sequence[Seen]) -> bool:
        """Whether a trial is ended at the last of its validations.

        Parameters
        ----------
        trial
            The trial as far as it has come.
        known
            Those whose results it knows.
        """
        count = len(trial.accuracies)
        bracket = self.bracket(trial.number)
        if not count or not self.is_rung(bracket, count):
            return False
        own = trial.accuracies[-1]
        if math.isnan(own):
            return True
        rivals = [
            other.accuracies[count - 1]
            for other in known
            if len(other.accuracies) >= count and self.bracket(other.number) == bracket
        ]
        better = sum(each > own for each in rivals)
        # Where fewer than three have come so far, the best of them alone goes on.
        return better >= max((len(rivals) + 1) // REDUCTION, 1)

    def ended_after(self, trial: Seen, known: Sequence[Seen]) -> int | None:
        """Return after which of its validations a trial was to end; None for one that goes on."""
        for count in range(1, len(trial.accuracies) + 1):
            if self.is_ended(Seen(trial.number, trial.accuracies[:count]), known):
                return count
        return None
