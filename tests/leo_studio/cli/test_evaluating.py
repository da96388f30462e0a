"""Evaluations and comparisons that are not possible are refused, by window and command line."""

from pathlib import Path

import pytest

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.evaluation.checkpoints import require_same_episodes
from engine.runs.library import Library
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.training import train
from leo_studio.services.background import Task
from leo_studio.services.catalogue import Catalogue
from leo_studio.services.evaluations import evaluate
from leo_studio.services.records import EvaluationRequest
from tests.command_line import Cli, cli

__all__ = ["cli"]
OTHER_STORE = "cannot be compared: their stores hold other classes or examples."


@pytest.fixture
def run(library_home: Path, toy_experiment: Experiment, toy_store: EmbeddingStore) -> Run:
    short = toy_experiment.with_settings({"schedule.steps": 2})
    made = Run.create(Library(library_home).runs, short, store_record(toy_store))
    list(train(short, toy_store, made))
    return made


@pytest.fixture
def elsewhere(run: Run, toy_store: EmbeddingStore) -> Run:
    """A run on a store of which one split has an example less."""
    experiment = run.experiment.with_settings({"name": "elsewhere"})
    made = Run.create(run.path.parent, experiment, store_record(toy_store))
    list(train(experiment, toy_store, made))
    splits = {**made.record.store.splits, "val": {"classes": 8, "examples": 239}}
    made.update(store=made.record.store.model_copy(update={"splits": splits}))
    return made


def test_runs_on_other_stores_are_not_compared(
    cli: Cli, run: Run, elsewhere: Run, library_home: Path
) -> None:
    with pytest.raises(BadInput) as refused:
        require_same_episodes(run, elsewhere)
    assert str(refused.value) == f"{run.name} and {elsewhere.name} {OTHER_STORE}"
    require_same_episodes(run, Run(run.path))

    request = EvaluationRequest(run.path, None, "test", 5, str(elsewhere.path))
    with pytest.raises(BadInput, match=OTHER_STORE):
        evaluate(Library(library_home), request, Task("Evaluate", True))

    outcome = cli("evaluate", run.name, "--episodes", "5", "--compare", elsewhere.name)
    assert outcome.status == 2 and OTHER_STORE in outcome.err
    assert not list((run.path / "evaluations").glob("*"))


def test_a_split_that_the_store_lacks_is_said_with_those_that_it_has(
    cli: Cli, run: Run, library_home: Path
) -> None:
    sentence = 'toy.h5 has no split "dev"; it has train, val, test: choose one of these.'
    with pytest.raises(BadInput) as refused:
        evaluate(
            Library(library_home),
            EvaluationRequest(run.path, None, "dev", 5),
            Task("Evaluate", True),
        )
    assert str(refused.value) == sentence
    outcome = cli("evaluate", run.name, "--split", "dev")
    assert outcome.status == 2 and sentence in " ".join(outcome.err.split())


def test_a_result_that_cannot_be_kept_is_delivered_all_the_same(
    cli: Cli, run: Run, library_home: Path
) -> None:
    (run.path / "evaluations").write_text("somebody else's")
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    printed = cli("evaluate", run.name, "--episodes", "5")
    assert printed.status == 0 and printed.out.startswith("accuracy ")
    assert "could not be kept with the run" in printed.err and str(run.path) in printed.err
    as_json = cli("evaluate", run.name, "--episodes", "5", "--json")
    assert as_json.status == 0 and as_json.json["episodes"] == 5
    assert "could not be kept" in as_json.err

    request = EvaluationRequest(run.path, None, "test", 5)
    shown = evaluate(Library(library_home), request, Task("Evaluate", True))
    assert not shown.is_kept and shown.accuracy == as_json.json["accuracy"]
    catalogue = Catalogue(Library(library_home))
    catalogue.hold(shown)
    (entry,) = catalogue.runs()
    assert entry.evaluations == (shown,)
    assert {path: path.read_bytes() for path in before} == before

    (run.path / "evaluations").unlink()
    kept = evaluate(Library(library_home), request, Task("Evaluate", True))
    catalogue.hold(kept)
    assert [each.is_kept for each in catalogue.runs()[0].evaluations] == [True]


def test_what_the_other_run_lacks_is_said_before_anything_is_computed(
    cli: Cli, run: Run, elsewhere: Run, library_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    splits = run.record.store.splits
    elsewhere.update(
        store=elsewhere.record.store.model_copy(update={"splits": splits, "fingerprint": "other"})
    )
    for module in ("engine.evaluation.checkpoints", "leo_studio.services.evaluations"):
        monkeypatch.setattr(f"{module}.evaluate_checkpoint", None)
    request = EvaluationRequest(run.path, None, "test", 5, str(elsewhere.path))
    with pytest.raises(BadInput, match="holds other names or embeddings"):
        evaluate(Library(library_home), request, Task("Evaluate", True))
    outcome = cli("evaluate", run.name, "--episodes", "5", "--compare", elsewhere.name)
    assert outcome.status == 2 and "holds other names or embeddings" in outcome.err


def test_a_grid_is_printed_kept_and_refused_in_a_sentence(cli: Cli, run: Run) -> None:
    outcome = cli("evaluate", run.name, "--ways", "2, 9", "--shots", "1,2", "--episodes", "5")
    assert outcome.status == 0
    assert "trained     4-way 2-shot on toy" in outcome.out
    rows = [line.split() for line in outcome.out.splitlines() if "-way " in line]
    assert [row[0] for row in rows if row[0][0].isdigit()] == ["2-way", "9-way"]
    assert "toy, 9-way 1-shot: Split test has 8 classes" in outcome.out
    assert list((run.path / "evaluations").glob("grid-test-*-5.json"))

    hard = cli("evaluate", run.name, "--hard", "--episodes", "5")
    assert "5 hard ones of split test" in hard.out and "4-way" in hard.out
    assert list((run.path / "evaluations").glob("grid-test-*-5-hard.json"))

    as_json = cli("evaluate", run.name, "--on", "toy", "--episodes", "5", "--json")
    assert as_json.status == 2 and 'No store named "toy"' in as_json.err
    for words, sentence in (
        (("--ways", "2,x"), '--ways is "2,x"; it must be numbers from 2 to 1000: 2,5,10.'),
        (("--ways", ""), '--ways is ""; it must be numbers from 2 to 1000'),
        (("--shots", "0"), '--shots is "0"; it must be numbers from 1 to 1000'),
        (("--shots", "1", "--uncertainty"), "measures no uncertainty; leave out --uncertainty."),
    ):
        outcome = cli("evaluate", run.name, *words)
        assert outcome.status == 2 and sentence in outcome.err
