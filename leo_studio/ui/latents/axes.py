"""The axes that codes are shown on: fitted once for a run, and held."""

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.inspection.records import Latents
from engine.projection import Embedding, LinearBasis, embed, fit_lda, fit_pca
from engine.projection.embedding import Method
from leo_studio.analysis.latents.projected import (
    METHODS,
    Projected,
    codes_to_embed,
    embedded,
    project_linearly,
    projected,
)
from leo_studio.services.records import EpisodeSource

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

LINEAR = ("pca", "lda")
_Embedded = tuple[str, bool, int]  # the method, whether samples are among the codes, and whose
# So many numbers are projected within a frame; more of them in the background.
_MOST_AT_ONCE = 3_000_000
_MOST_TO_EMBED = 20_000
_MOST_KEPT = 3  # embeddings: who goes back to one does not wait again


class Axes(QObject):
    """Fits bases in the background and projects on them.

    While an embedding is computed, its codes are shown on their principal components.

    `changed` is emitted when codes are shown on another basis: a `LinearBasis`, or None where axes
    have no meaning for other codes. `embedding_began` says that principal components stand in for
    an embedding from now on.

    Parameters
    ----------
    controller
        Works in the background.
    source
        Whose codes are shown first; None for none.
    failed
        Told of what goes wrong.
    parent
        The panel.
    """

    changed = Signal(object)
    embedding_began = Signal()

    def __init__(
        self,
        controller: "Controller",
        source: EpisodeSource | None,
        failed: Callable[[BaseException], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.method = "pca"
        self.with_samples = False
        self._controller = controller
        self._failed = failed
        self._held: dict[tuple[str, str], LinearBasis] = {}  # by run and method
        self._embedded: OrderedDict[_Embedded, tuple[Latents, Embedding]] = OrderedDict()
        self._task: Task | None = None
        self._is_fitting = False
        self._is_embedding = False
        self._source = source  # whose codes axes are held for
        self.basis: LinearBasis | None = None  # what is shown on

    @property
    def is_linear(self) -> bool:
        """Whether the method gives axes that stay."""
        return self.method in LINEAR

    @property
    def is_busy(self) -> bool:
        """Whether something is being fitted."""
        return self._is_fitting

    @property
    def embedding(self) -> "Task | None":
        """The embedding that is computed, while principal components are shown in its place."""
        return self._task if self._is_embedding else None

    def held(self, latents: Latents) -> LinearBasis | None:
        """Return the basis that is held for the run of some codes, to show them on at first."""
        basis = self._held.get((_run(latents), self.method if self.is_linear else "pca"))
        fits = basis is not None and len(basis.mean) == latents.codes.shape[-1]
        return basis if fits else None

    def take_cancelled(self) -> bool:
        """Return whether a person has cancelled what was under way, and forget it."""
        if self._task is None or not self._task.is_cancelled:
            return False
        self.cancel()
        return True

    def forget(self) -> None:
        """Fit anew the next time."""
        self._held = {key: basis for key, basis in self._held.items() if key[1] != self.method}
        self._embedded.clear()

    def follow(self, source: EpisodeSource | None, *, is_live: bool) -> None:
        """Fit anew for another checkpoint of a run: its codes may lie elsewhere altogether.

        What is played, or shown live, stays on the same axes, to be compared.
        """
        before, self._source = self._source, source
        if source is None or before is None or is_live or source.run != before.run:
            return
        if source.step != before.step:
            self._held.clear()  # embeddings are of their own codes alone

    def cancel(self) -> None:
        """Fit and project nothing any more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._is_fitting = self._is_embedding = False

    def project(
        self, latents: Latents, reference: Latents, then: Callable[[Projected], None]
    ) -> None:
        """Hand points to `then`, at once where that is quick.

        Parameters
        ----------
        latents
            What is shown.
        reference
            What axes are fitted on, where none are held.
        """
        self.cancel()
        if self.is_linear:
            self._project_linearly(latents, reference, then)
            return
        known = self._embedded.get(self._key(latents))
        if known is not None:
            self._embedded.move_to_end(self._key(latents))
            self._finish(embedded(latents, known[1]), then)
            return

        def embed_then(shown: Projected) -> None:
            then(shown)
            self._embed(latents, then)

        self._project_linearly(latents, reference, embed_then)

    def _project_linearly(
        self, latents: Latents, reference: Latents, then: Callable[[Projected], None]
    ) -> None:
        basis = self.held(latents)
        if basis is None:
            self._fit(latents, reference, then)
        elif _size(latents) <= _MOST_AT_ONCE:
            self._finish(project_linearly(latents, basis), then)
        else:
            found = basis
            self._task = self._controller.start(
                "Projecting codes",
                lambda _: projected(latents, found),
                lambda shown: self._finish(shown, then),
                is_shown=False,
                failed=self._fail,
            )

    def _fit(self, latents: Latents, reference: Latents, then: Callable[[Projected], None]) -> None:
        method = self.method if self.is_linear else "pca"
        key = (_run(latents), method)
        codes = reference.codes[:, reference.inner_steps]
        words = _words(reference)
        is_pca = method == "pca"

        def work(_: "Task") -> Projected:
            if is_pca:
                basis = fit_pca(codes.reshape(-1, codes.shape[-1]), words)
            else:
                flat = codes.reshape(-1, codes.shape[-1])
                basis = fit_lda(flat, reference.classes.reshape(-1), words)
            return project_linearly(latents, basis)

        def fitted(shown: Projected) -> None:
            assert isinstance(shown.basis, LinearBasis)
            self._held[key] = shown.basis
            self._finish(shown, then)

        self._is_fitting = True
        title = f"Fitting {METHODS[method]}"
        self._task = self._controller.episodes.project(title, work, fitted, self._fail)

    def _key(self, latents: Latents) -> "_Embedded":
        with_samples = self.with_samples and self.can_embed_samples(latents)
        return self.method, with_samples, id(latents)

    def _embed(self, latents: Latents, then: Callable[[Projected], None]) -> None:
        key = self._key(latents)
        method: Method = "umap" if self.method == "umap" else "tsne"
        codes = codes_to_embed(latents, with_samples=key[1])

        def done(embedding: Embedding) -> None:
            self._embedded[key] = (latents, embedding)  # held with it: no others have its id
            while len(self._embedded) > _MOST_KEPT:
                self._embedded.popitem(last=False)
            self._finish(embedded(latents, embedding), then)

        self._is_fitting = self._is_embedding = True
        self._task = self._controller.episodes.project(
            f"{METHODS[self.method]} of {len(codes):,} codes",
            lambda task: embed(
                codes, method, progress=lambda share, note: task.report(share, note)
            ),
            done,
            self._fail,
        )
        self.embedding_began.emit()

    @staticmethod
    def can_embed_samples(latents: Latents) -> bool:
        """Whether there are few enough samples to be embedded too."""
        ways = latents.classes.size
        return bool(2 * ways * (1 + latents.sampled_before.shape[1]) <= _MOST_TO_EMBED)

    def _finish(self, shown: Projected, then: Callable[[Projected], None]) -> None:
        self._task, self._is_fitting, self._is_embedding = None, False, False
        basis = shown.basis if isinstance(shown.basis, LinearBasis) else None
        is_other = basis is not self.basis
        self.basis = basis
        then(shown)
        if is_other:
            self.changed.emit(basis)

    def _fail(self, error: BaseException) -> None:
        self._task, self._is_fitting, self._is_embedding = None, False, False
        self._failed(error)


def _run(latents: Latents) -> str:
    return latents.provenance.run_id or latents.provenance.run


def _size(latents: Latents) -> int:
    return int(latents.codes.size + latents.sampled_before.size + latents.sampled_after.size)


def _words(latents: Latents) -> str:
    provenance = latents.provenance
    return (
        f"{latents.classes.size:,} adapted codes of {len(latents.numbers):,} {provenance.split} "
        f"episodes at step {provenance.step:,}"
    )
