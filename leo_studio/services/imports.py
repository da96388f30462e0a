"""Imports of embeddings that a window asks for; what they need to know, they ask."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.data.built_in import BUILT_IN_STORE
from engine.data.importers.array_roles import UNNAMED, ArrayNames
from engine.data.importers.arrays import import_arrays
from engine.data.importers.checks import ImportedStore
from engine.data.importers.deepmind import import_deepmind
from engine.data.importers.features.importing import import_features
from engine.data.importers.features.sources import store_name_of
from engine.data.importers.labels import SharedLabels
from engine.data.placement import KeepOld, StoreTaken, free_name
from engine.io.listing import listed
from leo_studio.services.background import Task
from leo_studio.services.conclusion import Conclusion, told_of, told_of_one
from leo_studio.services.picture_import import make_store
from leo_studio.services.pictures import PictureChoice, picture_store_name
from leo_studio.services.recognised import Recognised, Use, Wanted
from leo_studio.services.recognition import recognise
from leo_studio.services.records import ImportChoice, ImportQuestion, Notice, NoticeAction

if TYPE_CHECKING:
    from engine.runs.library import Library
    from leo_studio.services.inspection_requests import Start

Failed = Callable[[BaseException], None]
_SET_UP = "Set up LEO on it"


@dataclass(frozen=True, slots=True)
class _Answers:
    """What a person has answered."""

    names: Mapping[str, str] = field(default_factory=dict)  # of stores, by what they were to be
    replaces: bool = False
    has_labels_per_split: bool = False


# Makes the one store of an import at a path; may move another one there away.
_Make = Callable[[Path, KeepOld | None, _Answers, Task], ImportedStore]


@dataclass(frozen=True, slots=True)
class _Import:
    """An import: how it is done, and what becomes of its stores, or of its error."""

    archive: Path
    run: Callable[[_Answers, Task], list[ImportedStore]]
    use: Use
    failed: Failed | None
    conclude: Callable[[list[ImportedStore]], Conclusion]


class Imports:
    """Looks at archives and imports them in the background.

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
        # Trains the experiment as it is set up; a window that can do it says how.
        self.train: Callable[[], None] | None = None

    def look(
        self,
        text: str,
        wanted: Wanted,
        then: Callable[[Recognised], None],
        failed: Callable[[BaseException], None],
    ) -> Task:
        """Recognise what a path, or a name in the library, stands for; nothing is imported."""

        def work(task: Task) -> Recognised:
            return recognise(
                self._library, text, wanted, lambda note, done: task.report(done, note)
            )

        return self._start(f"Looking at {text}", work, then, is_shown=False, failed=failed)

    def released(
        self,
        archive: Path,
        use: Use,
        names: Mapping[str, str] = MappingProxyType({}),
        only: Collection[str] | None = None,
        failed: Failed | None = None,
    ) -> Task:
        """Import LEO's released embeddings, an archive or a folder.

        Parameters
        ----------
        archive
            What is imported.
        use
            Gets the name of the store, where it is exactly one; of several, a person chooses.
        names
            Other names for stores, by those that they would have.
        only
            Which stores to make, by the names that they would have; all by default.
        failed
            Gets what goes wrong; told as a toast by default.
        """

        def work(answers: _Answers, task: Task) -> list[ImportedStore]:
            return import_deepmind(
                archive,
                self._library.stores,
                lambda name, done: task.report(done, name),
                answers.names,
                self._library.keep_old_store if answers.replaces else None,
                only,
            )

        def conclude(stores: list[ImportedStore]) -> Conclusion:
            if len(stores) == 1:
                return told_of_one(self._library, stores[0])
            return told_of(self._library, stores)

        return self._import(_Import(archive, work, use, failed, conclude), _Answers(names))

    def arrays(
        self,
        archive: Path,
        use: Use,
        name: str = "",
        wanted: ArrayNames = UNNAMED,
        failed: Failed | None = None,
    ) -> Task:
        """Import a NumPy archive, of it the `wanted` arrays; for the others see `released`."""

        def make(
            out: Path, keep_old: KeepOld | None, answers: _Answers, task: Task
        ) -> ImportedStore:
            return import_arrays(
                archive,
                out,
                keep_old=keep_old,
                labels_per_split=answers.has_labels_per_split,
                wanted=wanted,
                progress=lambda note, done: task.report(done, note),
            )

        return self._import_one(archive, archive.stem, make, use, name, failed)

    def features(
        self, source: Path, use: Use, name: str = "", failed: Failed | None = None
    ) -> Task:
        """Import a file or a folder of features; for the others see `released`."""

        def make(
            out: Path, keep_old: KeepOld | None, answers: _Answers, task: Task
        ) -> ImportedStore:
            return import_features(
                [source],
                out,
                keep_old=keep_old,
                labels_per_split=answers.has_labels_per_split,
                progress=lambda note, done: task.report(done, note),
            )

        return self._import_one(source, store_name_of([source]), make, use, name, failed)

    def pictures(
        self,
        source: Path,
        use: Use,
        name: str,
        choice: PictureChoice,
        seen: Sequence[str] = (),
        failed: Failed | None = None,
    ) -> Task:
        """Embed pictures; an import that was cancelled goes on from there.

        Parameters
        ----------
        source
            The pictures.
        use
            Gets the name of the store.
        name
            What the store is called.
        choice
            The encoder, the views and the splits.
        seen
            Notes that the person has read already.
        failed
            Gets what goes wrong; told as a toast by default.
        """
        if choice.trains:
            name = picture_store_name(name, choice.kept_side)
        first = self._library.stores / f"{name}.h5"

        def make(
            out: Path, keep_old: KeepOld | None, _answers: _Answers, task: Task
        ) -> ImportedStore:
            return make_store(self._library, source, out, choice, keep_old, task, kept_at=first)

        return self._import_one(source, name, make, use, name, failed, seen, choice.trains)

    def remark_on(self, name: str) -> str:
        """Return what is to be known of a store's name before an import; "" for nothing."""
        if name.casefold() == BUILT_IN_STORE:
            return f"{name} is the name of the built-in store alone; choose another."
        if self._is_taken(name):
            return (
                f"A store named {name} is there already. If its contents are others, you are asked "
                "before anything is replaced."
            )
        return ""

    def _import_one(
        self,
        source: Path,
        stem: str,
        make: _Make,
        use: Use,
        name: str,
        failed: Failed | None,
        seen: Sequence[str] = (),
        trains: str = "",
    ) -> Task:
        """Import one store, which would be called `stem`, and is called `name` if that is given.

        For `seen` and `trains` see `told_of_one`.
        """

        def conclude(stores: list[ImportedStore]) -> Conclusion:
            return told_of_one(self._library, stores[0], seen, trains)

        def work(answers: _Answers, task: Task) -> list[ImportedStore]:
            out = self._library.stores / f"{answers.names.get(stem, stem)}.h5"
            keep_old = self._library.keep_old_store if answers.replaces else None
            return [make(out, keep_old, answers, task)]

        names = {stem: name} if name else {}
        return self._import(_Import(source, work, use, failed, conclude), _Answers(names))

    def _import(self, work: _Import, answers: _Answers) -> Task:
        def again(changed: _Answers) -> None:
            self._import(replace(work, failed=None), changed)

        def attempt(task: Task) -> Conclusion | ImportQuestion:
            try:
                return work.conclude(work.run(answers, task))
            except StoreTaken as taken:
                # Here, since reading which runs were trained on it takes a while.
                return self._about_names(work.archive, taken, answers, again)
            except SharedLabels as shared:
                return self._about_labels(work.archive, shared, answers, again)

        def show(result: Conclusion | ImportQuestion) -> None:
            if isinstance(result, ImportQuestion):
                self._ask(result)
            else:
                self._show(result, work.use)

        return self._start(f"Importing {work.archive.name}", attempt, show, failed=work.failed)

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

    def _show(self, conclusion: Conclusion, use: Use) -> None:
        self._refresh()
        stores = conclusion.stores
        names = [store.path.stem for store in stores]
        sentences = list(conclusion.sentences)
        actions = []
        for name in names:
            preset = conclusion.presets.get(name, "")
            take = partial(_take, use, name, preset)
            if len(names) > 1:
                actions.append(NoticeAction(f"Use {name}", take))
                continue
            if use(name, preset, is_asked_for=conclusion.trains):
                sentences.append(f"The experiment is set up for {name}: press Train to begin.")
            else:
                sentences.append(f"The experiment uses {name} now.")
                if preset:
                    sentences.append(f"{_SET_UP} takes settings that fit.")
                    actions.append(NoticeAction(_SET_UP, take))
            if self.train is not None:
                actions.append(NoticeAction("Train", self.train))
        sentences += [note for store in stores for note in store.notes]
        sentences += [f"The old {each.path.stem} is in the trash." for each in stores if each.old]
        if any(store.old for store in stores):
            actions.append(NoticeAction("Undo", lambda: self._restore(stores)))
        text = " ".join(sentences)
        details, stays = conclusion.details, conclusion.stays
        self._tell(Notice("success", text, details, tuple(actions), stays))

    def _restore(self, stores: Sequence[ImportedStore]) -> None:
        """Put the stores back that were replaced."""
        try:
            for store in stores:
                if store.old is not None:
                    self._library.restore_store(store.old, store.path)
        except Exception as error:
            self._fail(error, "")
        self._refresh()


def _take(use: Use, store: str, preset: str) -> None:
    use(store, preset, is_asked_for=True)
