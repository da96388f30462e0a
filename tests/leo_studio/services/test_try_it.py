"""Claims about what answers the panel "Try it", without a window."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

from engine.config import Experiment
from engine.data.glyphs import ink_strokes
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.export import onnx_models
from engine.export.onnx_models import session_of
from engine.runs.library import Library
from engine.runs.run import Run
from leo_studio.services.background import Task
from leo_studio.services.classifier_export import export_elsewhere
from leo_studio.services.try_it import Trier
from leo_studio.services.try_records import Example, TryRequest
from tests.conftest import TrainedCopy


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


@pytest.fixture
def run(library: Library, trained_copy: TrainedCopy, toy_experiment: Experiment) -> Run:
    return trained_copy(library.runs, toy_experiment)


def request(run: Run, trier: Trier, *more: Example) -> TryRequest:
    """Three classes of the store, two examples each, and three others of the first one."""
    taken = [trier.of_store(run.path, "test", label, 5).examples for label in range(3)]
    names = ("a", "b", "c")
    classes = tuple(each[:2] for each in taken)
    return TryRequest(run.path, None, names, classes, (*taken[0][2:], *more))


def test_examples_of_the_store_are_those_of_their_class_and_always_the_same(
    library: Library, run: Run, toy_store: EmbeddingStore
) -> None:
    trier = Trier(library)
    taken = trier.of_store(run.path, "test", 2, 5).examples
    again = trier.of_store(run.path, "test", 2, 5).examples
    begin, end = toy_store.class_offsets("test")[2:4].tolist()
    rows = [example.place[1] for example in taken]
    assert len(set(rows)) == 5 and all(begin <= row < end for row in rows)
    assert rows == [example.place[1] for example in again]
    assert [example.name for example in taken] == [f"test-{row}" for row in rows]


def test_what_cannot_be_embedded_is_left_out_and_the_rest_is_answered(
    library: Library, run: Run
) -> None:
    trier = Trier(library)
    drawing = Example("drawing", strokes=(np.array([(0.0, 0.0), (1.0, 1.0)]),))
    foreign = Example("foreign", run=run.path.parent / "another", place=("test", 0))
    result = trier.answer(request(run, trier, drawing, foreign))
    assert len(result.queries) == 3 and result.answers.probabilities.shape == (3, 3)
    assert result.step == run.checkpoint().step
    assert "does not say how its embeddings were made" in result.problems[drawing]
    assert "of another run's store" in result.problems[foreign]


def test_a_class_of_which_nothing_can_be_embedded_is_no_class(library: Library, run: Run) -> None:
    trier = Trier(library)
    whole = request(run, trier)
    broken = Example("gone", path=run.path / "gone.png")
    fewer = TryRequest(run.path, None, whole.names, ((broken,), *whole.classes[1:]), whole.queries)
    assert trier.answer(fewer).answers.class_names == ("b", "c")
    none = TryRequest(
        run.path, None, whole.names, ((broken,), (broken,), whole.classes[2]), whole.queries
    )
    with pytest.raises(BadInput, match="does not say how"):
        trier.answer(none)


def test_an_exported_classifier_says_what_the_panel_shows(
    library: Library,
    trained_copy: TrainedCopy,
    glyphs_file: Path,
    tmp_path: Path,
) -> None:
    """Of examples of the store and drawings, with one example that cannot be embedded."""
    settings = {"data.store": str(glyphs_file), "schedule.steps": 20, "run.device": "cpu"}
    run = trained_copy(
        library.runs, library.experiment("glyphs-5way-1shot").with_settings(settings)
    )
    trier = Trier(library)
    strokes = (np.array([(0.0, 0.0), (1.0, 0.2), (0.4, 1.0)]),)
    drawn, asked = (Example(name, strokes=strokes) for name in ("drawn", "asked"))
    taken = [trier.of_store(run.path, "test", label, 3).examples for label in range(2)]
    classes = (taken[0][:2], (Example("gone", path=tmp_path / "gone.png"),), (drawn,), taken[1][:1])
    names = ("a", "lost", "<ç>", "d")
    request = TryRequest(run.path, None, names, classes, (asked, taken[1][1]), 0.25)
    out = tmp_path / "classifier.onnx"
    check = export_elsewhere(library, trier.shown(request), out, Task("exporting", True))
    assert check.agrees and check.cases == 7  # both queries, and noise
    notes = {each.key: each.value for each in onnx.load(out).metadata_props}
    assert json.loads(notes["class_names"]) == ["a", "<ç>", "d"]
    assert float(notes["threshold"]) == 0.25
    shown = trier.answer(request)
    assert shown.kept == (0, 2, 3)
    picture = np.repeat(ink_strokes(strokes), 3, axis=2)
    (found,) = session_of(str(out)).run(None, {"pictures": picture[None]})
    np.testing.assert_allclose(found[0], shown.answers.probabilities[0], atol=1e-5)


def test_of_a_run_without_pictures_nothing_is_exported_and_it_is_said(
    library: Library, run: Run, tmp_path: Path
) -> None:
    trier = Trier(library)
    assert "does not say how its embeddings were made" in trier.tools(run.path).why_no_export
    with pytest.raises(BadInput, match="does not say how its embeddings were made"):
        trier.shown(request(run, trier))


def test_without_the_extra_it_is_said_what_to_install(
    library: Library, trained_copy: TrainedCopy, glyphs_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"data.store": str(glyphs_file), "schedule.steps": 20, "run.device": "cpu"}
    run = trained_copy(
        library.runs, library.experiment("glyphs-5way-1shot").with_settings(settings)
    )
    assert Trier(library).tools(run.path).why_no_export == ""
    monkeypatch.setattr(onnx_models, "NEEDED", ("onnx", "no_such_package"))
    tools = Trier(library).tools(run.path)
    assert "leo-studio[onnx]" in tools.why_no_export and tools.why_no_pictures == ""
