"""The axes that codes are shown on: fitted once for a run, and held."""

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

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

LINEAR = ("pca", "lda")
# So many numbers are projected within a frame; more of them in the background.
_MOST_AT_ONCE = 3_000_000
_MOST_TO_EMBED = 20_000


class Axes(QObject):
    """Fits bases in the background and projects on them.

    `changed` is emitted when codes are shown on another basis: a `LinearBasis`, or None where axes
    have no meaning for other codes.

    Parameters
    ----------
    controller
        Works in the background.
    failed
        Told of what goes wrong.
    parent
        The panel.
    """

    changed = Signal(object)

    def __init__(
        self, controller: "Controller", failed: Callable[[BaseException], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self.method = "pca"
        self.with_samples = False
        self._controller = controller
        self._failed = failed
        self._held: dict[tuple[str, str], LinearBasis] = {}  # by run and method
        self._embedded: tuple[tuple[str, bool], Latents, Embedding] | None = None
        self._task: Task | None = None
        self._is_fitting = False
        self.basis: LinearBasis | None = None  # what is shown on

    @property
    def is_linear(self) -> bool:
        """Whether the method gives axes that stay."""
        return self.method in LINEAR

    @property
    def is_busy(self) -> bool:
        """Whether something is being fitted."""
        return self._is_fitting

    def held(self, latents: Latents) -> LinearBasis | None:
        """Return the basis that is held for the run of some codes."""
        basis = self._held.get((_run(latents), self.method))
        fits = basis is not None and len(basis.mean) == latents.codes.shape[-1]
        return basis if fits else None

    def forget(self) -> None:
        """Fit anew the next time."""
        self._held = {key: basis for key, basis in self._held.items() if key[1] != self.method}
        self._embedded = None

    def cancel(self) -> None:
        """Fit and project nothing any more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._is_fitting = False

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
        if not self.is_linear:
            self._embed(latents, then)
            return
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
        key = (_run(latents), self.method)
        codes = reference.codes[:, reference.inner_steps]
        words = _words(reference)
        is_pca = self.method == "pca"

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
        title = f"Fitting {METHODS[self.method]}"
        self._task = self._controller.episodes.project(title, work, fitted, self._fail)

    def _embed(self, latents: Latents, then: Callable[[Projected], None]) -> None:
        with_samples = self.with_samples and self.can_embed_samples(latents)
        key = (self.method, with_samples)
        known = self._embedded
        if known is not None and known[0] == key and known[1] is latents:
            self._finish(embedded(latents, known[2]), then)
            return
        method: Method = "umap" if self.method == "umap" else "tsne"
        codes = codes_to_embed(latents, with_samples=with_samples)

        def done(embedding: Embedding) -> None:
            self._embedded = (key, latents, embedding)
            self._finish(embedded(latents, embedding), then)

        self._is_fitting = True
        self._task = self._controller.episodes.project(
            f"{METHODS[self.method]} of {len(codes):,} codes",
            lambda task: embed(
                codes, method, progress=lambda share, note: task.report(share, note)
            ),
            done,
            self._fail,
        )

    @staticmethod
    def can_embed_samples(latents: Latents) -> bool:
        """Whether there are few enough samples to be embedded too."""
        ways = latents.classes.size
        return bool(2 * ways * (1 + latents.sampled_before.shape[1]) <= _MOST_TO_EMBED)

    def _finish(self, shown: Projected, then: Callable[[Projected], None]) -> None:
        self._task, self._is_fitting = None, False
        basis = shown.basis if isinstance(shown.basis, LinearBasis) else None
        is_other = basis is not self.basis
        self.basis = basis
        then(shown)
        if is_other:
            self.changed.emit(basis)

    def _fail(self, error: BaseException) -> None:
        self._task, self._is_fitting = None, False
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
