"""Answers of runs about a person's own pictures and drawings, for the panel "Try it".

Methods of `Trier` may be called from any thread.
"""

import threading
from collections.abc import Sequence
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from engine.classifying.classifier import Classifier
from engine.classifying.loaded_learner import LoadedLearner, loaded_learner
from engine.data.store import EmbeddingStore
from engine.devices.selection import choose_device, cpu_threads
from engine.errors import BadInput
from engine.export.classifier_onnx import MOST_COMPARED
from engine.export.classifier_program import encoder_network
from engine.export.onnx_models import require_onnx
from engine.images.embedder import Embedder
from engine.images.encoders import why_no_encoder
from engine.images.encoders.glyph_encoder import GLYPHS
from engine.images.framing import center_view
from engine.images.sources import decoded, loose_pictures
from engine.images.sources.files import read_file
from engine.runs.library import Library
from engine.runs.run import Run
from engine.runs.run_store import store_of
from leo_studio.services.classifier_export import ShownClassifier
from leo_studio.services.inspector import Recent
from leo_studio.services.try_records import (
    Example,
    ReadExamples,
    TryRequest,
    TryResult,
    TryTools,
)

_KEPT = 4  # runs whose weights, stores and encoders are kept
_SHOWN_SIDE = 96  # pixels of what is kept to look at
_MOST_READ = 400  # pictures at once
_LEAST_CLASSES = 2

_Embeddings = WeakKeyDictionary[Example, NDArray[np.float32]]


class Trier:
    """Reads pictures, embeds them like a run's store, and asks the run.

    Parameters
    ----------
    library
        Where the runs' stores are found.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._learners: Recent[LoadedLearner] = Recent(_KEPT)
        self._stores: Recent[EmbeddingStore] = Recent(_KEPT)
        self._embedders: Recent[Embedder] = Recent(_KEPT)
        self._embeddings: Recent[_Embeddings] = Recent(_KEPT)  # by what embedded them
        self._lock = threading.Lock()  # what somebody wants is computed once

    def tools(self, path: Path) -> TryTools:
        """Say what can be done with a run; raises `BadInput` where its store is not there."""
        run = Run(path)
        store = self._store(run)
        why_not, is_bright, why_no_export = why_no_encoder(store), False, ""
        if not why_not:
            try:
                embedder = self._embedder(run, store)
            except BadInput as error:
                why_not = str(error)
            else:
                is_bright = embedder.encoder.record.kind == GLYPHS
                why_no_export = _why_no_export(embedder)
        classes = {}
        for split in store.splits:
            sizes = np.diff(store.class_offsets(split)).tolist()
            classes[split] = tuple(zip(store.class_names(split), sizes, strict=True))
        return TryTools(why_not, is_bright, classes, why_not or why_no_export)

    def read(self, paths: Sequence[Path]) -> ReadExamples:
        """Read picture files, and those in folders, to be shown."""
        examples, problems = list[Example](), list[str]()
        for path in paths:
            try:
                source = loose_pictures(path)
            except BadInput as error:
                problems.append(str(error))
                continue
            folder = path if path.is_dir() else path.parent
            for row, picture in enumerate(source.pictures):
                if len(examples) >= _MOST_READ:
                    problems.append(f"Only the first {_MOST_READ} pictures were taken.")
                    return ReadExamples(tuple(examples), tuple(problems))
                try:
                    image = center_view(source.pixels(row, _SHOWN_SIDE), _SHOWN_SIDE, 1.0)
                except BadInput as error:
                    problems.append(str(error))
                else:
                    examples.append(Example(picture.name, image, path=folder / picture.name))
        return ReadExamples(tuple(examples), tuple(problems))

    def of_store(self, path: Path, split: str, label: int, count: int) -> ReadExamples:
        """Take some examples of a class of a run's store, at random, but always the same."""
        store = self._store(Run(path))
        begin, end = store.class_offsets(split)[label : label + 2].tolist()
        order = np.random.default_rng(label).permutation(np.arange(begin, end))[:count]
        rows = order.tolist()
        names = store.image_names(split, slice(begin, end))
        images = store.images(split, rows)
        return ReadExamples(
            tuple(
                Example(
                    names[row - begin],
                    None if images is None else images[place],
                    run=path,
                    place=(split, row),
                )
                for place, row in enumerate(rows)
            )
        )

    def answer(self, request: TryRequest) -> TryResult:
        """Adapt a run's learner to the classes, and ask it about the queries.

        Raises
        ------
        BadInput
            If the run, its store or its checkpoint is not there, or classes are too few.
        """
        run, step = _asked(request)
        with self._lock, cpu_threads(1):
            problems = dict[Example, str]()
            support = self._support(run, request, problems)
            queries = self._embedded(run, request.queries, problems)
            names = [request.names[place] for place in support]
            classifier = Classifier(self._learner(run, step), names, list(support.values()))
            answers = classifier.ask(queries[1], threshold=request.threshold)
            left_out = classifier.leave_one_out
        kept, note = tuple(support), classifier.note
        return TryResult(run.record.id, step, kept, queries[0], answers, left_out, note, problems)

    def shown(self, request: TryRequest) -> ShownClassifier:
        """Return what a person shows a run, to be exported; raises `BadInput` as `answer` does."""
        run, step = _asked(request)
        with self._lock, cpu_threads(1):
            support = self._support(run, request, {})
            embedder = self._embedder(run, self._store(run))
            pictures = []
            for query in request.queries[-MOST_COMPARED:]:
                try:
                    pictures.append(_picture(embedder, query))
                except BadInput:
                    continue  # the panel says so: it is left out there, too
        return ShownClassifier(
            run.path,
            step,
            [request.names[place] for place in support],
            list(support.values()),
            pictures,
            request.threshold,
        )

    def _support(
        self, run: Run, request: TryRequest, problems: dict[Example, str]
    ) -> dict[int, NDArray[np.float32]]:
        """Embed the classes, (K_n, D) each, by their places, those of which nothing is left out."""
        classes = [self._embedded(run, each, problems)[1] for each in request.classes]
        kept = {place: each for place, each in enumerate(classes) if len(each)}
        if len(kept) < _LEAST_CLASSES:
            raise BadInput(next(iter(problems.values()), "Show examples of two classes."))
        return kept

    def _embedded(
        self, run: Run, examples: Sequence[Example], problems: dict[Example, str]
    ) -> tuple[tuple[Example, ...], NDArray[np.float32]]:
        """Embed examples; the second is (n, D) of those in the first."""
        store = self._store(run)
        known = self._embeddings.get((run.path, run.record.id), _Embeddings)
        for example in examples:
            if example in known:
                continue
            try:
                known[example] = self._embed(run, store, example)
            except BadInput as error:
                problems[example] = str(error)
        good = tuple(example for example in examples if example in known)
        parts = [np.empty((0, store.embedding_dim), np.float32)]
        return good, np.concatenate([*parts, *(known[example][None] for example in good)])

    def _embed(self, run: Run, store: EmbeddingStore, example: Example) -> NDArray[np.float32]:
        if example.is_of_store:
            if example.run != run.path:
                raise BadInput(f"{example.name} is of another run's store; take it out.")
            split, row = example.place
            return np.asarray(store.embeddings(split, [row])[0])
        embedder = self._embedder(run, store)
        embedding: NDArray[np.float32] = embedder.embed([_picture(embedder, example)])[0]
        return embedding

    def _store(self, run: Run) -> EmbeddingStore:
        return self._stores.get((run.path, run.record.id), lambda: store_of(self._library, run))

    def _embedder(self, run: Run, store: EmbeddingStore) -> Embedder:
        device = choose_device(run.experiment.run.device)
        return self._embedders.get((run.path, run.record.id), lambda: Embedder.of(store, device))

    def _learner(self, run: Run, step: int) -> LoadedLearner:
        checkpoint = run.checkpoint(str(step))
        checksum = checkpoint.checksums.get(checkpoint.weights_path.name)
        key = (run.path, run.record.id, step, checksum)
        return self._learners.get(key, lambda: loaded_learner(run, step))


def _asked(request: TryRequest) -> tuple[Run, int]:
    """Return the run that is asked, and the step of its weights."""
    run = Run(request.run)
    return run, run.checkpoint(None if request.step is None else str(request.step)).step


def _picture(embedder: Embedder, example: Example) -> NDArray[np.uint8]:
    """Return the picture of an example, (h, w, 3); raises `BadInput` where there is none."""
    if example.strokes:
        return embedder.drawing(example.strokes)
    if example.path is not None:
        return decoded(read_file(example.path), example.name, embedder.read_side)
    pixels = example.image if example.pixels is None else example.pixels
    if pixels is None:
        raise BadInput(f"The store keeps no picture of {example.name}.")
    # Grey ones have one channel.
    return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))


def _why_no_export(embedder: Embedder) -> str:
    """Say why a classifier cannot leave the studio with its encoder; "" where it can."""
    try:
        require_onnx()
        encoder_network(embedder.encoder)
    except BadInput as error:
        return str(error)
    return ""
