"""What the settings of all kinds of task have in common."""

from typing import ClassVar

from engine.config.declaration import Section

KIND = "The kind of task."


class TaskSection(Section):
    """The settings of one kind of task; `needs_store` says whether its examples are a store's."""

    group: ClassVar[str] = "Task"
    needs_store: ClassVar[bool] = True

    @property
    def words(self) -> str:
        """What people call it: "5-way 1-shot"."""
        raise NotImplementedError
