"""The checkpoints of a run to choose from, also where some of their files are missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import BadInput
from engine.io.listing import listed
from engine.runs.checkpoints import (
    Checkpoint,
    half_saved_steps,
    list_checkpoints,
    remove_checkpoint,
    steps_without_weights,
    weights_path,
)
from engine.runs.metrics import MetricsFile
from engine.runs.record import Best, Record, best_of, own_checkpoint
from engine.tasks.scores import ScoreSpec

_ENDED = ("stopped", "finished", "paused")  # each of them keeps a checkpoint


@dataclass(frozen=True, slots=True)
class KeptCheckpoints:
    """The checkpoints of a run.

    Attributes
    ----------
    folder
        The run's `checkpoints`.
    name
        The run's.
    record, train_splits, scores
        What the run says of itself.
    validation
        Its validations.
    """

    folder: Path
    name: str
    record: Record
    train_splits: Sequence[str]
    validation: MetricsFile
    scores: Sequence[ScoreSpec]

    @property
    def all(self) -> list[Checkpoint]:
        """Those whose weights are there, by rising step."""
        return list_checkpoints(self.folder)

    @property
    def best(self) -> Best | None:
        """The best validation of which there is a checkpoint; None where there is none."""
        best, steps = self.record.best, {checkpoint.step for checkpoint in self.all}
        if best is None or best.step in steps:
            return best
        return best_of([row for row in self.validation.read() if row["step"] in steps], self.scores)

    def choose(self, which: str | None = None) -> Checkpoint:
        """Return the checkpoint called "best", "last" or by its step.

        By default the best, or the last where validation watched classes that were trained on. The
        best is the best of those that are there; see `instead`.

        Raises
        ------
        BadInput
            If there is none of that name; the sentence names a file that is missing.
        """
        checkpoints = self.all
        if not checkpoints:
            raise BadInput(self._why_none())
        which = which or self._own_choice()
        best = self.best if which == "best" else None
        if which == "last" or (which == "best" and best is None):
            return checkpoints[-1]
        wanted = str(best.step) if best else which
        for checkpoint in checkpoints:
            if wanted == str(checkpoint.step):
                return checkpoint
        steps = ", ".join(str(checkpoint.step) for checkpoint in checkpoints)
        lacking = [step for step in steps_without_weights(self.folder) if str(step) == which]
        missing = f": {self._weights(lacking[0])} is missing" if lacking else ""
        raise BadInput(
            f'{self.name} has no checkpoint "{which}"{missing}; say best, last or one of the steps '
            f"{steps}."
        )

    def instead(self, which: str | None = None) -> str:
        """Say which checkpoint `choose` takes for one whose file is missing; "" for none."""
        which, best, checkpoints = which or self._own_choice(), self.record.best, self.all
        if not checkpoints or which not in ("best", "last"):
            return ""
        taken = self.choose(which).step
        if which == "best" and best is not None and taken != best.step:
            return (
                f"{self._weights(best.step)} of {self.name}, its best checkpoint, is missing; step "
                f"{taken}, the best of those that are there, is taken instead."
            )
        lacking = steps_without_weights(self.folder)
        if which == "last" and lacking and lacking[-1] > taken:
            return (
                f"{self._weights(lacking[-1])} of {self.name}, its last checkpoint, is missing; "
                f"step {taken} is taken instead."
            )
        return ""

    def newest_resumable(self) -> Checkpoint | None:
        """Return the newest checkpoint that training can go on from; None for a run without any.

        Raises
        ------
        BadInput
            If there are checkpoints, or were, but none of them will do: starting anew would
            discard what is left.
        """
        checkpoints = self.all
        for checkpoint in reversed(checkpoints):
            if checkpoint.is_resumable:
                return checkpoint
        if checkpoints:
            missing = checkpoints[-1].missing
            what = f" ({_listed(missing)} missing)" if missing else ""
            steps = listed([str(each.step) for each in checkpoints])
            raise BadInput(
                f"{self.name} cannot go on: its checkpoints (of step {steps}) lack Adam's moments "
                f"or are damaged{what}. They can still be evaluated; restore the files of one from "
                "a copy of the run to go on."
            )
        if steps_without_weights(self.folder) or self._had_some:
            raise BadInput(self._why_none())
        return None

    def why_not_from_last(self) -> str:
        """Say why training goes on from an earlier checkpoint than the last; "" where not.

        Raises
        ------
        BadInput
            See `newest_resumable`.
        """
        found, checkpoints = self.newest_resumable(), {each.step: each for each in self.all}
        last = max([*checkpoints, *steps_without_weights(self.folder)], default=0)
        if found is None or last == found.step:
            return ""
        missing = checkpoints[last].missing if last in checkpoints else [self._weights(last)]
        what = f"{_listed(missing)} missing" if missing else "a file of that one is damaged"
        return f"{self.name} goes on from step {found.step}, not {last}: {what}."

    def remove_after(self, step: int) -> None:
        """Remove all that is there of checkpoints of later steps."""
        half = (*steps_without_weights(self.folder), *half_saved_steps(self.folder))
        for later in (*(each.step for each in self.all), *half):
            if later > step:
                remove_checkpoint(self.folder, later)

    def _own_choice(self) -> str:
        best = self.record.best
        return own_checkpoint(best.step if best else None, self.train_splits)

    def _weights(self, step: int) -> str:
        return weights_path(self.folder, step).name

    def _why_none(self) -> str:
        """Say why there is no checkpoint: the run is young, or its files are missing."""
        if lacking := [self._weights(step) for step in steps_without_weights(self.folder)]:
            return (
                f"{self.name} has no whole checkpoint: {_listed(lacking)} missing in "
                f"{self.folder}; restore them from a copy of the run."
            )
        if self._had_some:
            return (
                f"{self.name} is at step {self.record.step}, and the files of its checkpoints are "
                f"missing in {self.folder}; restore them from a copy of the run."
            )
        return f"{self.name} has no checkpoint yet; train it further."

    @property
    def _had_some(self) -> bool:
        """Whether its record says that one was saved, as far as it can."""
        record = self.record
        return record.best is not None or (record.status in _ENDED and record.step > 0)


def _listed(names: Sequence[str]) -> str:
    return f"{listed(names)} {'is' if len(names) == 1 else 'are'}"
