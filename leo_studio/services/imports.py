"""Imports of embeddings that a window asks for; what they need to know, they ask."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.data.importers.arrays import import_arrays
from engine.data.importers.checks import ImportedStore
from engine.data.importers.deepmind import import_deepmind
from engine.data.importers.labels import SharedLabels
from engine.data.placement import StoreTaken, free_name
from engine.io.listing import listed
from leo_studio.services.background import Task
from leo_studio.services.records import ImportChoice, ImportQuestion, Notice, NoticeAction

if TYPE_CHECKING:
    from engine.runs.library import Library
    from leo_studio.services.inspection_requests import Start

# Imports one archive, with answers, while it tells a task how far it is.
_Import = Callable[["_Answers", Task], list[ImportedStore]]


@dataclass(frozen=True, slots=True)
class _Answers:
    """What a person has answered."""

    names: Mapping[str, str] = field(default_factory=dict)  # of stores, by what they were to be
    replaces: bool = False
    has_labels_per_split: bool = False


class Imports:
    """Imports archives in the background.

    Parameters
    ----------
    library
        Where the stores go.
    start
        How work is started.
    ask
        Shows a question.
    tell
        Shows a notice.
    refresh
        Called when there may be other stores.
    fail
        Tells of an error, and of what it ended.
    """

    def __init__(
        self,
        library: "Library",
        start: "Start",
        ask: Callable[[ImportQuestion], None],
        tell: Callable[[Notice], None],
        refresh: Callable[[], None],
        fail: Callable[[BaseException, str], None],
    ) -> None:
        self._library = library
        self._start = start
        self._ask = ask
        self._tell = tell
        self._refresh = refresh
        self._fail = fail

    def released(self, archive: Path, then: Callable[[str], None] | None = None) -> None:
        """Import LEO's released embeddings, an archive or a folder; see `arrays`."""

        def work(answers: _Answers, task: Task) -> list[ImportedStore]:
            return import_deepmind(
                archive,
                self._library.stores,
                lambda name, done: task.report(done, name),
                answers.names,
                self._library.keep_old_store if answers.replaces else None,
            )

        self._import(archive, work, then, _Answers())

    def arrays(self, archive: Path, then: Callable[[str], None] | None = None) -> None:
        """Import a NumPy archive of embeddings; `then` gets the name of the (first) store."""

        def work(answers: _Answers, _: Task) -> list[ImportedStore]:
            name = answers.names.get(archive.stem, archive.stem)
            target = self._library.stores / f"{name}.h5"
            keep_old = self._library.keep_old_store if answers.replaces else None
            return [
                import_arrays(
                    archive,
                    target,
                    keep_old=keep_old,
                    labels_per_split=answers.has_labels_per_split,
                )
            ]

        self._import(archive, work, then, _Answers())

    def _import(
        self, archive: Path, work: _Import, then: Callable[[str], None] | None, answers: _Answers
    ) -> None:
        def again(changed: _Answers) -> None:
            self._import(archive, work, then, changed)

        def attempt(task: Task) -> list[ImportedStore] | ImportQuestion:
            try:
                return work(answers, task)
            except StoreTaken as taken:
                # Here, since reading which runs were trained on it takes a while.
                return self._about_names(archive, taken, answers, again)
            except SharedLabels as shared:
                return self._about_labels(archive, shared, answers, again)

        def show(result: list[ImportedStore] | ImportQuestion) -> None:
            if isinstance(result, ImportQuestion):
                self._ask(result)
            else:
                self._show(result, then)

        self._start(f"Importing {archive.name}", attempt, show)

    @staticmethod
    def _about_labels(
        archive: Path,
        shared: SharedLabels,
        answers: _Answers,
        again: Callable[[_Answers], None],
    ) -> ImportQuestion:
        def separate(_: Mapping[str, str]) -> None:
            again(replace(answers, has_labels_per_split=True))

        choices = (ImportChoice("Different classes", separate),)
        return ImportQuestion(archive.name, shared.question, choices)

    def _about_names(
        self,
        archive: Path,
        taken: StoreTaken,
        answers: _Answers,
        again: Callable[[_Answers], None],
    ) -> ImportQuestion:
        """Return the question what is to become of stores whose names are taken."""
        names = {path.stem: free_name(path) for path in taken.paths}
        # A store that has another name by now was called so in the archive.
        called = {new: old for old, new in answers.names.items()}

        def keep_both(given: Mapping[str, str]) -> None:
            renamed = {called.get(name, name): new for name, new in given.items()}
            again(replace(answers, names={**answers.names, **renamed}))

        def replace_them(_: Mapping[str, str]) -> None:
            again(replace(answers, replaces=True))

        both = "Keep both" if taken.may_replace else "Import"
        choices = [ImportChoice(both, keep_both, needs_names=True)]
        if taken.may_replace:
            choices.append(ImportChoice("Replace", replace_them))
        return ImportQuestion(
            archive.name, self._what_is_there(taken), tuple(choices), names, self._is_taken
        )

    def _what_is_there(self, taken: StoreTaken) -> str:
        names = " and ".join(path.stem for path in taken.paths)
        if not taken.may_replace:
            return f"{names} is the name of the built-in store alone; give this one another."
        sentences = [
            f"The library has {'a store' if len(taken.paths) == 1 else 'stores'} named {names} "
            "already, with other contents. What is replaced goes to the trash."
        ]
        for path in taken.paths:
            runs = self._library.trained_on(path)
            if runs:
                sentences.append(
                    f"{listed(runs)} {'was' if len(runs) == 1 else 'were'} trained on the "
                    f"{path.stem} that is there, and can be evaluated and resumed only with it."
                )
        return " ".join(sentences)

    def _is_taken(self, name: str) -> bool:
        return (self._library.stores / f"{name}.h5").exists()

    def _show(self, stores: list[ImportedStore], then: Callable[[str], None] | None) -> None:
        self._refresh()
        names = ", ".join(store.path.stem for store in stores if not store.is_unchanged)
        notes = [note for store in stores for note in store.notes]
        notes += [f"The old {each.path.stem} is in the trash." for each in stores if each.old]
        undo = NoticeAction("Undo", lambda: self._restore(stores))
        text = " ".join([f"Imported {names}."] * bool(names) + notes)
        actions = (undo,) if any(store.old for store in stores) else ()
        self._tell(Notice("success", text, actions=actions))
        if then is not None:
            then(stores[0].path.stem)

    def _restore(self, stores: list[ImportedStore]) -> None:
        """Put the stores back that were replaced."""
        try:
            for store in stores:
                if store.old is not None:
                    self._library.restore_store(store.old, store.path)
        except Exception as error:
            self._fail(error, "")
        self._refresh()
