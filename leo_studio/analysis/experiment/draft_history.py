"""Undo and redo of drafts of an experiment."""

from dataclasses import dataclass, field

from leo_studio.analysis.experiment.draft import Draft

_LONGEST = 500  # edits that can be undone


@dataclass(slots=True)
class _Edit:
    words: str
    before: Draft
    after: Draft
    path: str | None  # of the one setting that it changed


@dataclass(slots=True)
class History:
    """Drafts that can be gone back to.

    Attributes
    ----------
    draft
        The draft as it is now.
    """

    draft: Draft
    _done: list[_Edit] = field(default_factory=list)
    _undone: list[_Edit] = field(default_factory=list)
    _is_sealed: bool = False

    def edit(self, words: str, after: Draft, path: str | None = None) -> None:
        """Go on to another draft; edits of one setting that follow each other become one.

        Parameters
        ----------
        words
            What was done, as in "Undo ...".
        after
            The new draft.
        path
            The one setting that was edited, if it was one.
        """
        if after == self.draft:
            return
        last = self._done[-1] if self._done else None
        if last and path is not None and last.path == path and not self._is_sealed:
            last.after = after
            if last.before == after:
                self._done.pop()
        else:
            self._done.append(_Edit(words, self.draft, after, path))
            del self._done[:-_LONGEST]
        self._undone.clear()
        self._is_sealed = False
        self.draft = after

    def seal(self) -> None:
        """Let the next edit be one of its own, even of the same setting."""
        self._is_sealed = True

    def undo(self) -> None:
        """Take the last edit back, if there is one."""
        if self._done:
            edit = self._done.pop()
            self._undone.append(edit)
            self.draft = edit.before
            self.seal()

    def redo(self) -> None:
        """Make the edit again that was taken back last."""
        if self._undone:
            edit = self._undone.pop()
            self._done.append(edit)
            self.draft = edit.after
            self.seal()

    @property
    def undo_words(self) -> str | None:
        """What undo would take back; None for nothing."""
        return self._done[-1].words if self._done else None

    @property
    def redo_words(self) -> str | None:
        """What redo would make again; None for nothing."""
        return self._undone[-1].words if self._undone else None
