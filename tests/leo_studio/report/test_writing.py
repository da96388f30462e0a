import platform
import re
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.config import experiment_from_yaml
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.evaluation.checkpoints import evaluate_checkpoint, keep_evaluation
from engine.inspection.uncertainty import keep_uncertainty
from engine.io.generators import finished
from engine.runs.annotations import Annotations, write_annotations
from engine.runs.library import Library
from engine.runs.run import Run
from leo_studio.report.contents import Contents, Progress, ReportOptions, gathered
from leo_studio.report.writing import write_report
from tests.leo_studio.analysis.evaluation.test_uncertainty import with_curves
from tests.leo_studio.report.conftest import HOSTILE, trained
from tests.leo_studio.report.page import Page

FEW = ReportOptions(episodes=40)
FEWEST = ReportOptions(episodes=2)  # one best and one worst: few figures, which take most time


def quiet(_done: float, _note: str) -> None:
    pass


def reported(
    library: Library,
    *names: str,
    out: Path | None = None,
    options: ReportOptions = FEW,
    progress: Progress = quiet,
) -> tuple[Page, tuple[Contents, ...]]:
    out = out or library.root / "report.html"
    runs = [Run(library.runs / name) for name in names]
    contents = write_report(library, runs, out, options, progress)
    return Page(out), contents


def files_of(run: Path) -> dict[Path, bytes]:
    lock = run / "run.lock"  # asking for the owner holds it for a moment
    return {p: p.read_bytes() for p in run.rglob("*") if p.is_file() and p != lock}


class Reported(NamedTuple):
    """A report that several tests read, since most of a report's time is drawing."""

    page: Page
    contents: tuple[Contents, ...]
    told: list[float]
    files_before: dict[Path, bytes]


def reported_once(
    library: Library, folder: Path, *names: str, options: ReportOptions = FEW
) -> Reported:
    told: list[float] = []
    before = files_of(library.runs / names[0])
    page, contents = reported(
        library,
        *names,
        out=folder / "report.html",
        options=options,
        progress=lambda done, _note: told.append(done),
    )
    return Reported(page, contents, told, before)


@pytest.fixture(scope="module")
def one_run(trained_library: Library, tmp_path_factory: pytest.TempPathFactory) -> Reported:
    return reported_once(trained_library, tmp_path_factory.mktemp("one"), "zero")


@pytest.fixture(scope="module")
def three_runs(trained_library: Library, tmp_path_factory: pytest.TempPathFactory) -> Reported:
    folder = tmp_path_factory.mktemp("three")
    return reported_once(trained_library, folder, "zero", "one", "plain", options=FEWEST)


@pytest.fixture(scope="module")
def hostile_library(
    hostile_store: EmbeddingStore, tmp_path_factory: pytest.TempPathFactory
) -> Library:
    """Two runs with images, whose names and notes mean something to HTML.

    Both keep evaluations; the one called 'other' has failed, and meets other tasks.
    """
    library = Library(tmp_path_factory.mktemp("hostile_library"))
    path = trained(library.runs, hostile_store, description=HOSTILE).path
    run = Run(path.rename(library.runs / HOSTILE))
    write_annotations(run.path, Annotations(HOSTILE, (HOSTILE,)))
    evaluate(run, hostile_store, 20)
    changes = {"task__n_way": 5, "description": HOSTILE}
    path = trained(library.runs, hostile_store, **changes).path
    other = Run(path.rename(library.runs / "'other'"))
    other.update(host="secret-host", error="/secret/path failed", status="failed")
    for episodes, split in ((60, "test"), (30, "test"), (70, "val")):
        evaluate(other, hostile_store, episodes, split)
    return library


@pytest.fixture(scope="module")
def hostile(hostile_library: Library) -> Page:
    return reported(hostile_library, HOSTILE, options=FEWEST)[0]


@pytest.fixture(scope="module")
def hostile_pair(hostile_library: Library) -> Reported:
    folder = hostile_library.root
    return reported_once(hostile_library, folder, HOSTILE, "'other'", options=FEWEST)


def evaluate(run: Run, store: EmbeddingStore, episodes: int, split: str = "test") -> None:
    steps = evaluate_checkpoint(run, run.checkpoint().step, store, split, episodes)
    keep_evaluation(run, finished(steps))


def is_well_made(page: Page) -> None:
    """Require of a page what its readers need, whatever it is of."""
    assert page.mistakes == []
    assert page.all("script") == []
    handlers = {name for _, each in page.elements for name in each if name.startswith("on")}
    assert handlers == set()
    identifiers = page.values("id")
    assert len(identifiers) == len(set(identifiers))
    for name in ("href", "src"):
        for value in page.values(name):
            assert value.startswith(("#", "data:image/png;base64,"))
    anchors = {each["href"][1:] for each in page.all("a")}
    assert anchors <= set(identifiers)
    labelled = {word for value in page.values("aria-labelledby") for word in value.split()}
    assert labelled <= set(identifiers)
    assert all(each.get("aria-label") and each["role"] == "img" for each in page.all("svg"))
    assert all(each["alt"] for each in page.all("img"))
    assert len(page.all("caption")) == len(page.all("table"))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(deeper <= level + 1 for level, deeper in pairwise(levels))
    assert not re.search(r"@import|url\((?!#)", page.source)


def test_a_page_says_what_came_of_a_run_and_where_each_number_is_from(one_run: Reported) -> None:
    page, (contents,) = one_run.page, one_run.contents
    is_well_made(page)
    result = contents.result
    assert result is not None and result.episodes == 40 and result.split == "test"
    assert f"{100 * result.accuracy:.2f} % ± {100 * result.ci95:.2f} %" in page.words
    assert f"step {contents.step} of 40" in page.words
    assert "40 episodes of split test, 4-way 2-shot" in page.words
    assert "episodes 0 to 39 of seed 0" in page.words
    assert "Against nearest class mean" in page.words
    assert contents.run.record.store.fingerprint in page.words
    assert "Best 1: episode" in page.words and "Worst 3: episode" in page.words


def test_a_table_of_episodes_agrees_with_the_evaluation(one_run: Reported) -> None:
    (contents,) = one_run.contents
    assert contents.result is not None and contents.looked is not None
    assert contents.looked.table.accuracies[:, 2].tolist() == contents.result.accuracies.tolist()
    accuracies = contents.looked.table.accuracies[:, 2]
    best = [int(each.seen.numbers[0]) for each in contents.looked.best]
    worst = [int(each.seen.numbers[0]) for each in contents.looked.worst]
    assert accuracies[best].min() >= accuracies[worst].max()
    assert accuracies[best[0]] == accuracies.max() and accuracies[worst[0]] == accuracies.min()


def test_a_kept_evaluation_is_told_instead_of_a_new_one(hostile_pair: Reported) -> None:
    page, (_, contents) = hostile_pair.page, hostile_pair.contents
    assert contents.result is not None and contents.result.episodes == 60
    assert len(contents.kept) == 3 and "for this report" not in page.words


def test_an_evaluation_of_another_step_is_not_taken_for_these_weights(
    library: Library, toy_store: EmbeddingStore
) -> None:
    run = Run(library.runs / "zero")
    evaluate(run, toy_store, 60)
    other = next(each.step for each in run.checkpoints if each.step != run.checkpoint().step)
    contents = gathered(library, run, ReportOptions(str(other), episodes=20), quiet)
    assert contents.result is not None
    assert (contents.result.step, contents.result.episodes) == (other, 20)


def test_a_damaged_evaluation_is_left_out(library: Library, toy_store: EmbeddingStore) -> None:
    run = Run(library.runs / "zero")
    evaluate(run, toy_store, 30)
    folder = run.path / "evaluations"
    (folder / "broken.json").write_text("{", encoding="utf-8")
    (folder / "list.json").write_text("[]", encoding="utf-8")
    half = '{"split": "test", "checkpoint_step": 1, "episodes": 9, "accuracy": 1, "ci95": 0}'
    (folder / "half.json").write_text(half, encoding="utf-8")
    assert len(gathered(library, run, FEW, quiet).kept) == 1


def test_risk_coverage_curves_that_are_kept_are_in_the_page(
    library: Library, one_run: Reported
) -> None:
    run = Run(library.runs / "zero")
    for record in (with_curves(), with_curves().model_copy(update={"episodes": 30})):
        of_best = {"checkpoint_step": run.checkpoint().step}
        keep_uncertainty(run, record.model_copy(update=of_best))
    page, (contents,) = reported(library, "zero", options=FEWEST)
    is_well_made(page)
    assert contents.uncertainty is not None and contents.uncertainty.episodes == 2000
    assert "share of the queries answered" in page.source
    assert "split test, episodes 0 to 1,999 of seed 0, 50 sampled codes a class" in page.words
    assert "Risk-coverage" not in one_run.page.words  # of a run where it was not measured


def test_the_run_is_left_as_it_was(one_run: Reported) -> None:
    assert files_of(one_run.contents[0].run.path) == one_run.files_before


def test_without_its_store_a_page_says_what_is_left_out(
    library: Library, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    run = Run(library.runs / "zero")
    evaluate(run, toy_store, 30)
    store = run.record.store.model_copy(update={"path": str(tmp_path / "gone.h5")})
    run.update(store=store)
    path = run.path / "experiment.yaml"
    text = path.read_text(encoding="utf-8").replace(str(toy_store.path), str(tmp_path / "gone.h5"))
    path.write_text(text, encoding="utf-8")
    page, (contents,) = reported(library, "zero")
    is_well_made(page)
    assert contents.looked is None and "gone.h5" in contents.problem
    assert "was not at hand" in page.words and "--store FILE.h5" in page.words
    assert contents.result is not None and contents.result.episodes == 30
    # Without any evaluation the validation stands in, and is said to be optimistic.
    shutil.rmtree(run.path / "evaluations")
    page, _ = reported(library, "zero")
    is_well_made(page)
    assert "Accuracy of the validation" in page.words and "optimistic" in page.words
    # And it helps to say where the store is.
    contents = gathered(library, run, ReportOptions(episodes=20, store=str(toy_store.path)), quiet)
    assert contents.looked is not None


def test_nothing_of_this_machine_is_told(
    hostile_pair: Reported, hostile_library: Library, hostile_store: EmbeddingStore
) -> None:
    page = hostile_pair.page
    for told in (str(hostile_library.root), str(hostile_store.path.parent), "secret"):
        assert told not in page.source
    assert platform.node() not in page.words.split()
    assert "The run is failed" in page.words


def test_the_experiment_in_the_page_is_the_runs_own(one_run: Reported) -> None:
    page, (contents,) = one_run.page, one_run.contents
    assert "Save it as zero.yaml" in page.words  # since it is near no preset
    text = page.text[page.text.index("schema: 2") : page.text.rindex("How to read it")]
    own = contents.run.experiment
    again = experiment_from_yaml(text, "page")
    assert again.data.store == "toy.h5"
    assert again.with_settings({"data.store": own.data.store}) == own


def test_several_runs_are_compared_on_the_same_episodes(three_runs: Reported) -> None:
    page, contents = three_runs.page, three_runs.contents
    is_well_made(page)
    first, second = (each.result for each in contents[:2])
    assert first is not None and second is not None
    difference = 100 * (first.accuracies - second.accuracies).mean()
    shown = f"{difference:+.2f}".replace("-", "−")
    assert f"zero less one {shown} ±" in page.words
    assert "Means over runs that differ in their seed alone" in page.words
    assert "Learner › Variant full full deterministic" in page.words


def test_runs_that_meet_other_episodes_are_not_subtracted(hostile_pair: Reported) -> None:
    page = hostile_pair.page
    is_well_made(page)
    assert 'not comparable: "Ways" is 4 in one and 5 in the other' in page.words
    assert "Means over runs" not in page.words


def test_what_people_wrote_is_text_and_never_markup(hostile: Page, hostile_pair: Reported) -> None:
    page = hostile_pair.page
    is_well_made(page)
    assert page.words.count(HOSTILE) > 10
    assert all(each["src"].startswith("data:") for each in page.all("img"))
    is_well_made(hostile)
    assert hostile.words.startswith(f"{HOSTILE} – LEO Studio report")


def test_images_of_support_examples_are_in_the_page(hostile: Page, hostile_pair: Reported) -> None:
    # Two episodes, four or five classes, two examples.
    assert len(hostile.all("img")) == 2 * 4 * 2
    assert len(hostile_pair.page.all("img")) == 2 * (4 + 5) * 2


def test_a_report_is_whole_or_not_there(library: Library, tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    for far in (0.0, 0.2, 0.5, 0.9):
        out = tmp_path / "report.html"

        def stop(done: float, _note: str, far: float = far) -> None:
            if done >= far:
                raise Stopped

        with pytest.raises(Stopped):
            write_report(library, [Run(library.runs / "zero")], out, FEW, stop)
        assert list(tmp_path.glob("*.html*")) == [] and list(tmp_path.glob(".*")) == []


def test_the_same_runs_give_the_same_page(
    hostile_library: Library, hostile: Page, tmp_path: Path
) -> None:
    def apart_from_the_time(page: Page) -> str:
        return re.sub(r"LEO Studio report · .* UTC", "", page.source)

    again, _ = reported(hostile_library, HOSTILE, out=tmp_path / "again.html", options=FEWEST)
    assert apart_from_the_time(again) == apart_from_the_time(hostile)


@pytest.mark.parametrize("fixture", ["one_run", "three_runs"])
def test_progress_rises_to_the_end(fixture: str, request: pytest.FixtureRequest) -> None:
    told = request.getfixturevalue(fixture).told
    assert told == sorted(told) and told[0] == 0.0 and 0.99 < told[-1] <= 1.0


def test_a_figure_has_real_text_in_the_pages_font_and_colours(one_run: Reported) -> None:
    page = one_run.page
    svg = page.source[page.source.index("<svg") : page.source.rindex("</svg>")]
    assert "Accuracy of single episodes" in svg and "<text" in svg
    assert "font-family" not in svg and "var(--ink)" in svg
    assert svg.count("<path") < 30_000


def test_a_mistake_is_told_before_anything_is_written(library: Library, tmp_path: Path) -> None:
    run = Run(library.runs / "zero")
    mistakes = [
        (tmp_path / "report.pdf", FEW, ".html"),
        (tmp_path / "nowhere" / "report.html", FEW, "make it"),
        (tmp_path / "report.html", ReportOptions(checkpoint="7"), 'no checkpoint "7"'),
        (
            tmp_path / "report.html",
            ReportOptions(split="dev"),
            'the store of zero has no split "dev"; it',
        ),
        (tmp_path / "report.html", ReportOptions(device="cuda:99"), "cuda:99"),
        (tmp_path / "report.html", ReportOptions(store=str(tmp_path / "no.h5")), "no.h5"),
    ]
    for out, options, words in mistakes:
        with pytest.raises(BadInput, match=re.escape(words)):
            write_report(library, [run], out, options, quiet)
        assert not out.exists()
    with pytest.raises(BadInput, match="twice"):
        write_report(library, [run, run], tmp_path / "report.html", FEW, quiet)


def test_a_run_on_its_validation_classes_with_few_episodes_and_a_code_of_one_number(
    library: Library, toy_store: EmbeddingStore
) -> None:
    changes = {"data__train_splits": ["train", "val"], "learner__latent_size": 1}
    run = trained(library.runs, toy_store, name="both", **changes)
    page, _ = reported(library, run.name, options=replace(FEWEST, split="val"))
    is_well_made(page)
    assert "The validation classes were trained on too" in page.words
    assert "this is no test" in page.words


def test_a_run_that_never_validated_makes_a_page(
    library: Library, toy_store: EmbeddingStore
) -> None:
    run = trained(library.runs, toy_store, name="short", schedule__steps=1)
    for name in ("train.csv", "validation.csv"):
        (run.path / name).unlink()
    page, _ = reported(library, run.name, options=FEWEST)
    is_well_made(page)
    assert "keeps no metrics" in page.words
