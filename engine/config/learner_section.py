"""What the settings of all kinds of learner have in common."""

from typing import ClassVar, Self

from engine.config.declaration import Section

KIND = "What learns the tasks."


class LearnerSection(Section):
    """The settings of one kind of learner.

    `is_trained` says whether it is trained, so that the settings of training are for it.
    `reads_pictures` says that it learns from the pictures that a store keeps, not from embeddings.
    `unused` are paths of settings, or of sections, of other kinds' training, which it never reads.
    """

    group: ClassVar[str] = "Learner"
    is_trained: ClassVar[bool] = True
    reads_pictures: ClassVar[bool] = False
    unused: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def noun(cls) -> str:
        """Return the title as it stands inside a sentence."""
        return cls.title if cls.title.isupper() else cls.title[0].lower() + cls.title[1:]

    def in_effect(self) -> Self:
        """Return the settings as they act: what another one switches off is 0."""
        return self
