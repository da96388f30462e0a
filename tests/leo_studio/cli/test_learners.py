"""Every command, on runs of learners that have no latent codes, or need no training."""

import re
from pathlib import Path

import pytest

from engine.config import Experiment, classification
from engine.data.store import EmbeddingStore
from engine.events import Prepared
from engine.runs.library import Library
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.training import train
from tests.command_line import Cli, cli, small
from tests.conftest import TrainedCopy
from tests.learner_kinds import ON_EMBEDDINGS

__all__ = ["cli"]

WITHOUT_CODES = [kind for kind, each in ON_EMBEDDINGS.items() if not each.has_latent_space]


@pytest.fixture
def runs(
    library_home: Path, trained_copy: TrainedCopy, toy_experiment: Experiment
) -> dict[str, Run]:
    """A run of every kind, by its kind, in the library."""
    return {
        kind: trained_copy(
            Library(library_home).runs,
            toy_experiment.with_settings({"name": f"toy-{kind}", "learner.kind": kind}),
        )
        for kind in ON_EMBEDDINGS
    }


def of_kind(toy_store: EmbeddingStore, kind: str, *more: str) -> list[str]:
    words = small(toy_store, "--set", f"learner.kind={kind}", *more)
    place = words.index("learner.latent_size=6")  # which is LEO's
    return [*words[: place - 1], *words[place + 1 :]]


@pytest.mark.parametrize("kind", WITHOUT_CODES)
@pytest.mark.parametrize(
    "words",
    [
        ("inspect", "--episode", "3"),
        ("episodes", "--count", "5"),
        ("project", "--out", "codes.svg"),
    ],
    ids=lambda words: words[0],
)
def test_where_there_are_no_codes_is_one_sentence(
    cli: Cli,
    runs: dict[str, Run],
    words: tuple[str, ...],
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(runs[kind].path)
    outcome = cli(words[0], runs[kind].name, *words[1:])
    assert outcome.status == 2 and "it has no latent codes" in outcome.err
    assert f"leo-studio evaluate {runs[kind].name}" in outcome.err
    assert "Traceback" not in outcome.err and not Path("codes.svg").exists()


@pytest.mark.parametrize("kind", WITHOUT_CODES)
def test_a_report_leaves_out_what_needs_codes_and_says_so(
    cli: Cli, runs: dict[str, Run], kind: str, tmp_path: Path
) -> None:
    page, run = tmp_path / "r.html", runs[kind]
    outcome = cli("report", run.name, "--out", str(page), "--episodes", "10")
    assert outcome.status == 0
    assert f"Left out of {run.name}: single episodes and latent codes" in " ".join(
        outcome.err.split()
    )
    text = page.read_text(encoding="utf-8")
    assert "this page has no single episodes and no codes of it" in text
    assert "not at hand" not in text and 'id="r1-latents"' not in text
    assert ("The learner needs no training." in text) is not run.experiment.learner.is_trained
    assert ("trained on train" in text) is run.experiment.learner.is_trained
    assert f"{100 * float(accuracy(outcome.out)):.2f}" in text
    assert "Latent Embedding Optimization" not in text


def accuracy(printed: str) -> float:
    found = re.search(r"(\d+\.\d+) ± ", printed)
    assert found is not None, printed
    return float(found[1]) / 100


def test_a_report_puts_all_learners_beside_each_other(
    cli: Cli, runs: dict[str, Run], tmp_path: Path
) -> None:
    page = tmp_path / "r.html"
    names = [run.name for run in runs.values()]
    assert cli("report", *names, "--out", str(page), "--episodes", "2").status == 0
    text = page.read_text(encoding="utf-8")
    assert text.count("this page has no single episodes") == len(WITHOUT_CODES)
    assert text.count("A method is ") == len(ON_EMBEDDINGS)
    assert text.count("Results after adaptation;") == 1


@pytest.mark.parametrize("steps", [[], ["--steps", "60"]])
def test_what_needs_no_training_is_not_made_longer(
    cli: Cli, runs: dict[str, Run], steps: list[str]
) -> None:
    run = runs["ridge"]
    outcome = cli("resume", run.name, *steps)
    assert outcome.status == 2
    assert "learns by ridge regression, which needs no training; evaluate it" in outcome.err
    assert Run(run.path).record == run.record and Run(run.path).experiment == run.experiment


def test_a_validation_that_was_stopped_is_done_again(
    cli: Cli, library_home: Path, toy_store: EmbeddingStore, toy_experiment: Experiment
) -> None:
    experiment = toy_experiment.with_settings({"learner.kind": "ridge"})
    run = Run.create(Library(library_home).runs, experiment, store_record(toy_store))
    events = train(experiment, toy_store, run)
    assert isinstance(next(events), Prepared)
    events.close()
    assert Run(run.path).status == "stopped"
    longer = cli("resume", run.name, "--steps", "60")
    assert longer.status == 2 and "without --steps" in longer.err
    assert Run(run.path).record.steps == 0
    outcome = cli("resume", run.name)
    assert outcome.status == 0 and "finished without training" in outcome.out
    assert Run(run.path).record.best is not None


@pytest.mark.parametrize("kind", ON_EMBEDDINGS)
def test_every_learner_is_trained_from_any_preset_and_evaluated(
    cli: Cli, toy_store: EmbeddingStore, kind: str
) -> None:
    report = cli(*of_kind(toy_store, kind, "--json")).json
    run = Run(Path(report["run"]))
    assert run.experiment.learner.kind == kind and report["status"] == "finished"
    assert report["step"] == report["steps"] == (20 if run.experiment.learner.is_trained else 0)
    evaluated = cli("evaluate", report["run"], "--episodes", "30", "--json").json
    assert evaluated["accuracy"] > 1 / classification(run.experiment).n_way
    # Its own best validation is what is found of it later.
    assert evaluated["checkpoint_step"] == report["best"]["step"]


@pytest.mark.parametrize("kind", ON_EMBEDDINGS)
def test_seeds_of_every_learner_are_a_table(cli: Cli, toy_store: EmbeddingStore, kind: str) -> None:
    found = cli(*of_kind(toy_store, kind, "--seeds", "3", "--json")).json
    assert [each["status"] for each in found] == ["finished"] * 3
    runs = [Run(Path(each["run"])) for each in found]
    assert [run.experiment.run.seed for run in runs] == [0, 1, 2]
    accuracies = {each["best"]["accuracy"] for each in found}
    assert len(accuracies) == (3 if runs[0].experiment.learner.is_trained else 1)


def test_a_grid_over_learners_trains_each(cli: Cli, toy_store: EmbeddingStore) -> None:
    outcome = cli(*of_kind(toy_store, "leo,protonet,ridge"))
    rows = [line.split() for line in outcome.out.splitlines() if "finished" in line]
    assert [row[0].split("-kind-")[1].split("-")[0] for row in rows] == ["leo", "protonet", "ridge"]
    assert [row[2] for row in rows] == ["20", "20", "0"]
    assert outcome.status == 0 and "Group 3 of 3: 1 runs" in outcome.err


def test_a_grid_over_a_setting_of_a_learner_without_training(
    cli: Cli, toy_store: EmbeddingStore
) -> None:
    words = of_kind(toy_store, "ridge", "--set", "learner.penalty=0.01,100", "--json")
    one, other = cli(*words).json
    assert one["status"] == other["status"] == "finished"
    losses = [Run(Path(each["run"])).validation.read()[0]["loss"] for each in (one, other)]
    assert losses[0] != losses[1]


def test_learners_are_compared_on_the_same_episodes(cli: Cli, runs: dict[str, Run]) -> None:
    for one, other in (("protonet", "leo"), ("ridge", "protonet"), ("leo", "ridge")):
        words = ["--episodes", "30", "--json"]
        mine, theirs = (cli("evaluate", runs[kind].name, *words).json for kind in (one, other))
        found = cli("evaluate", runs[one].name, "--compare", runs[other].name, *words).json
        difference = mine["accuracy"] - theirs["accuracy"]
        assert found["paired"]["difference"] == pytest.approx(difference, abs=1e-12)


def test_lists_say_what_learns(cli: Cli, runs: dict[str, Run]) -> None:
    listed = cli("runs", "list").out
    for run in runs.values():
        (line,) = (line for line in listed.splitlines() if line.startswith(run.name))
        assert run.experiment.learner.title in line
        assert ("no training" in line) is not run.experiment.learner.is_trained
    found = {each["name"]: each["learner"] for each in cli("runs", "list", "--json").json}
    assert found == {run.name: kind for kind, run in runs.items()}
    presets = cli("presets", "list").out
    for title in ("LEO", "Prototypical networks", "Matching networks", "Ridge regression"):
        assert f"  {title}  " in presets


@pytest.mark.parametrize("kind", ON_EMBEDDINGS)
def test_every_run_is_shown_and_thrown_away(cli: Cli, runs: dict[str, Run], kind: str) -> None:
    run = runs[kind]
    shown = cli("runs", "show", run.name)
    assert shown.status == 0 and f"kind: {kind}" in shown.out
    assert cli("runs", "delete", run.name).status == 0 and not run.path.exists()


@pytest.mark.parametrize(
    "kind", [kind for kind in ON_EMBEDDINGS if not ON_EMBEDDINGS[kind].has_programs]
)
def test_what_a_learner_has_not_is_not_exported(
    cli: Cli, runs: dict[str, Run], kind: str, tmp_path: Path
) -> None:
    run, out = runs[kind], tmp_path / "programs"
    outcome = cli("export", run.name, "--format", "onnx", "--out", str(out))
    assert outcome.status == 2 and "it has no programs; export it as bundle" in outcome.err
    assert not out.exists()
