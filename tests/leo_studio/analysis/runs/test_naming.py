"""Words for runs that need no training."""

from pathlib import Path

from engine.config import experiment_from_dict
from leo_studio.analysis.runs.naming import (
    steps_text,
    why_not_trained_further,
    why_resume_is_over,
)
from leo_studio.services.records import RunEntry

LEO = experiment_from_dict({"name": "toy", "data": {"store": "s"}}, "toy")
RIDGE = LEO.with_settings({"learner.kind": "ridge"})
TRAINED = RunEntry(Path("/runs/leo"), "1", status="finished", experiment=LEO, step=1200, steps=3000)
UNTRAINED = RunEntry(Path("/runs/plain"), "2", status="finished", experiment=RIDGE)


def test_steps_are_counted_where_there_are_some() -> None:
    assert (steps_text(TRAINED), steps_text(TRAINED, "/")) == ("1,200 of 3,000", "1,200 / 3,000")
    assert steps_text(UNTRAINED) == "–"
    assert steps_text(RunEntry(Path("/runs/unread"))) == "0 of 0"


def test_what_needs_no_training_is_neither_resumed_at_its_end_nor_trained_further() -> None:
    assert why_resume_is_over(TRAINED) == "leo is finished; train it further instead."
    assert why_resume_is_over(UNTRAINED) == "plain is finished; it needs no training."
    assert why_not_trained_further(TRAINED) == ""
    assert why_not_trained_further(UNTRAINED) == "plain needs no training."


def test_the_panels_of_latent_codes_are_for_learners_that_have_some() -> None:
    assert TRAINED.why_no_latent_space == ""
    sentence = "plain learns by ridge regression; it has no latent codes."
    assert UNTRAINED.why_no_latent_space == sentence
    assert RunEntry(Path("/runs/unread"), problem="?").why_no_latent_space == ""
