"""The kinds of learner that learn from embeddings, which most tests have; others need pictures."""

from engine.config import kinds_of
from engine.config.learner_section import LearnerSection
from engine.learners.catalogue import LEARNERS


def reads_pictures(kind: str) -> bool:
    section = kinds_of("learner")[kind]
    assert issubclass(section, LearnerSection)
    return section.reads_pictures


ON_EMBEDDINGS = {kind: each for kind, each in LEARNERS.items() if not reads_pictures(kind)}
