"""Descriptions of learners: what files that leave the studio say of them; no torch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Description:
    """What exports say of a kind of learner, beside what they say of every run.

    Labels and values are those of its settings in `engine.config`.

    Attributes
    ----------
    method
        Its whole name, with who published it.
    arxiv
        The number of that paper; None where it is not there.
    tags
        For model hubs.
    choice
        The setting that says which one it is.
    facts
        Settings that every file says of itself.
    rows
        Settings that the model card lists; those that belong together share a row.
    """

    method: str
    arxiv: str | None
    tags: tuple[str, ...]
    choice: str = "kind"
    facts: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
