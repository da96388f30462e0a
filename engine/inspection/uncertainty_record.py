"""The record of how well a model's uncertainty tells which of its answers are wrong; no torch."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from engine.evaluation.kept_models import KeptModels, kept_models
from engine.evaluation.record import OF_UNCERTAINTY

SCHEMA = 1
SAMPLES = 50
"""Codes that are drawn for each class of an episode, on the command line and in the window."""
BLOCKS = 10
FEWEST_EPISODES = 2 * BLOCKS
"""An interval is over so many blocks of episodes, each with two of them at least."""
RISK_POINTS = 100
"""Points of a risk-coverage curve: after each hundredth of the answers."""
MEASURES = {
    "confidence": "1 - the largest probability",
    "entropy": "entropy of the plain softmax",
    "scaled confidence": "1 - the largest probability after temperature scaling",
    "scaled entropy": "entropy after temperature scaling",
    "sampled entropy": "entropy of the mean over sampled codes",
    "expected entropy": "mean entropy by one sampled code",
    "mutual information": "what the sampled codes disagree about",
}
"""By their names: what each measure is, larger where less is known."""
OF_SAMPLES = ("sampled entropy", "expected entropy", "mutual information")
"""The measures that need sampled codes."""


class Measured(BaseModel):
    """A number over the queries of many episodes, and half the width of its 95 % interval.

    The interval is over ten blocks of episodes, by Student's t.
    """

    model_config = ConfigDict(frozen=True)

    value: float
    ci95: float


class Measure(BaseModel):
    """What a measure of uncertainty knows of wrong answers.

    Attributes
    ----------
    name
        See `MEASURES`.
    auroc
        The chance that a wrong answer has a larger uncertainty than a right one, 0.5 to 1.
    risk_coverage
        Area under the curve of the error among the least uncertain answers, over how many of them
        are given; 0 to 1, lower is better.
    gain_on_entropy
        Its AUROC less that of the plain softmax's entropy on the same answers.
    risk_curve
        Error among the least uncertain hundredth of the answers, two hundredths ... all of them
        (`RISK_POINTS`); empty in a record of an earlier version, which kept the area alone.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    auroc: Measured
    risk_coverage: Measured
    gain_on_entropy: Measured
    risk_curve: tuple[float, ...] = ()

    @property
    def answered(self) -> tuple[float, ...]:
        """Which share of the answers is given at each point of the curve."""
        count = len(self.risk_curve)
        return tuple(place / count for place in range(1, count + 1))


class UncertaintyRecord(BaseModel):
    """How well the uncertainty of the weights of a run tells which answers are wrong.

    Attributes
    ----------
    split, episodes, samples
        Episodes 0 to `episodes` - 1 of a split, and how many codes were drawn for each.
    error
        Share of wrong answers by the means, which all measures are asked about.
    temperature
        What logits are divided by in temperature scaling, fitted on episodes of val.
    loss, scaled_loss, sampled_loss
        Cross-entropy in nats by the means, with the temperature, and of the mean of samples.
    measures
        In the order of `MEASURES`.
    run, checkpoint_step
        The run's name and the step of the weights.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    schema_version: int = Field(SCHEMA, alias="schema")
    split: str
    episodes: int
    samples: int
    error: float
    temperature: float
    loss: float
    scaled_loss: float
    sampled_loss: float
    measures: tuple[Measure, ...]
    run: str
    checkpoint_step: int

    @property
    def has_curves(self) -> bool:
        """Whether it holds risk-coverage curves, which earlier versions did not keep."""
        return any(each.risk_curve for each in self.measures)

    @property
    def file_name(self) -> str:
        """What its file is called among the run's evaluations."""
        return f"{OF_UNCERTAINTY}{self.split}-step-{self.checkpoint_step:09d}-{self.episodes}.json"

    def to_json(self) -> str:
        """Return the text of its file."""
        return self.model_dump_json(indent=1, by_alias=True) + "\n"


def kept_uncertainties(run_folder: Path) -> KeptModels[UncertaintyRecord]:
    """Read the records that a run keeps, by the names of their files."""
    remedy = "measure its uncertainty again"
    return kept_models(run_folder, OF_UNCERTAINTY, UncertaintyRecord, SCHEMA, remedy)
