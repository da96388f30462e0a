"""Reports of runs of regression, which were really trained."""

from pathlib import Path

import pytest

from engine.config import experiment_from_dict
from engine.errors import BadInput
from engine.evaluation.regression.evaluator import evaluate_functions, keep_regression_evaluation
from engine.evaluation.regression.record import RegressionEvaluation, RegressionScores
from engine.io.generators import finished
from engine.runs.library import Library
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.training import train
from leo_studio.analysis.evaluation.function_scores import score_rows
from leo_studio.report.contents import ReportOptions
from leo_studio.report.functions.comparing import FunctionPair, compared_functions
from leo_studio.report.functions.contents import FunctionContents, gathered_functions
from leo_studio.report.writing import write_function_report
from tests.learner_kinds import of_kind
from tests.leo_studio.report.page import Page

BASE = experiment_from_dict(
    {
        "name": "toy-functions",
        "task": {"kind": "regression"},
        "learner": {"kind": "maml"},
        "optimizer": {"meta_batch": 4},
        "schedule": {"steps": 20, "validate_every": 10, "validation_episodes": 10},
    },
    "toy",
)
FEW = ReportOptions(episodes=12)


def trained(library: Library, name: str, kind: str, **changes: object) -> Run:
    settings = {path.replace("__", "."): value for path, value in changes.items()}
    experiment = of_kind(BASE, kind).with_settings(settings)
    run = Run.create(library.runs, experiment, StoreRecord())
    list(train(run.experiment, None, run))
    return Run(run.path.rename(library.runs / name))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Runs called leo, maml, other (another seed of maml's) and noisy (of other tasks)."""
    made = Library(tmp_path_factory.mktemp("functions"))
    trained(made, "leo", "leo_regression")
    trained(made, "maml", "maml")
    trained(made, "other", "maml", run__seed=1)
    trained(made, "noisy", "maml", task__noise=0.5)
    return made


def quiet(_done: float, _note: str) -> None:
    pass


def reported(
    library: Library, out: Path, *names: str, options: ReportOptions = FEW
) -> tuple[Page, tuple[FunctionContents, ...]]:
    runs = [Run(library.runs / name) for name in names]
    contents = write_function_report(library, runs, out, options, quiet)
    return Page(out), contents


def contents_of(library: Library, name: str, options: ReportOptions = FEW) -> FunctionContents:
    return gathered_functions(library, Run(library.runs / name), options, quiet)


def evaluated(library: Library, name: str, tasks: int, split: str = "test") -> RegressionEvaluation:
    run = Run(library.runs / name)
    step = run.checkpoint().step
    return finished(evaluate_functions(run, step, library.limits, split, tasks))


def test_a_page_has_scores_beside_the_limit_reliability_curves_tasks_and_settings(
    library: Library, tmp_path: Path
) -> None:
    page, (contents,) = reported(library, tmp_path / "report.html", "leo")
    assert page.mistakes == []
    for row in score_rows(contents.result):
        cells = [row.label, row.weighted, row.plain, row.limit, f"{row.tip}."]
        assert " ".join(filter(None, cells)) in page.words, row.label
    numbers = [each.seen.number for each in contents.shown]
    assert len(numbers) == len(set(numbers)) == 6
    for title in ("Most ambiguous 1: task", "Most uncertain 3: task"):
        assert title in page.words
    assert "by the Bayes-optimal limit" in page.words and "Validations in numbers" in page.words
    assert "All settings" in page.words and "Learner › Inner steps" in page.words
    shown_first = f"inspect leo --checkpoint 20 --episode {numbers[0]}"
    assert "Look at the task that is shown first" in page.words and shown_first in page.words
    pictures = [each["aria-label"] for each in page.all("svg")]
    assert sum("Functions made of 5 points of task" in words for words in pictures) == 6
    assert sum("below the predicted quantile" in words for words in pictures) == 1
    assert sum("over outer steps" in words for words in pictures) >= 2
    assert str(library.root) not in page.source


def test_tasks_are_the_first_ones_of_their_order(library: Library) -> None:
    contents = contents_of(library, "leo")
    table, shown = contents.table, contents.shown
    open_most = abs(table.limit_first - 0.5)
    assert [each.row for each in shown[:3]] == open_most.argsort(kind="stable")[:3].tolist()
    left = [
        row
        for row in (-table.spread).argsort(kind="stable").tolist()
        if row not in {each.row for each in shown[:3]}
    ]
    assert [each.row for each in shown[3:]] == left[:3]
    for each in shown:
        assert each.seen.number == table.numbers[each.row]
        assert each.seen.limit is not None
        probability = each.seen.limit.family_probability[0]
        assert probability == pytest.approx(table.limit_first[each.row], abs=1e-6)


def test_a_learner_of_one_function_has_no_plain_samples(library: Library, tmp_path: Path) -> None:
    page, _ = reported(library, tmp_path / "report.html", "maml")
    assert page.mistakes == []
    assert "plain samples" not in page.words and "prediction limit what it is" in page.words


def test_what_a_run_keeps_is_reported_and_nothing_is_evaluated_again(
    library: Library, tmp_path: Path
) -> None:
    run = Run(library.runs / "other")
    for tasks, split in ((9, "test"), (15, "test"), (8, "val")):
        keep_regression_evaluation(run, evaluated(library, "other", tasks, split))
    before = sorted(path.name for path in run.path.rglob("*"))
    page, (contents,) = reported(library, tmp_path / "report.html", "other")
    assert contents.is_kept and contents.result == evaluated(library, "other", 15)
    assert len(contents.kept) == 3 and page.words.count("kept with the run") == 3
    assert "for this report" not in page.words
    assert sorted(path.name for path in run.path.rglob("*")) == before
    of_val = contents_of(library, "other", ReportOptions(split="val", episodes=5)).result
    assert (of_val.split, of_val.scores.tasks) == ("val", 8)


def test_runs_are_compared_task_by_task(library: Library, tmp_path: Path) -> None:
    page, contents = reported(library, tmp_path / "report.html", "leo", "maml", "noisy")
    assert page.mistakes == []
    pairs = compared_functions(contents).pairs
    assert [bool(pair.problem) for pair in pairs] == [False, True, True]
    (pair,) = pairs[:1]
    assert (pair.one, pair.other, pair.tasks) == ("leo", "maml", 12)
    for row in pair.rows:
        assert row.difference.replace("-", "−") in page.words, row.label
    assert 'leo and noisy are not comparable: "Noise" is 0.3 in one and 0.5' in page.words


def test_a_run_leads_only_among_runs_on_the_same_tasks(library: Library, tmp_path: Path) -> None:
    page, contents = reported(library, tmp_path / "same.html", "leo", "maml")
    best = max(contents, key=lambda each: each.result.scores.log_likelihood)
    assert compared_functions(contents).best == best
    assert f"is the highest log likelihood: {best.run.name}" in page.words
    assert "± gives the 95 % confidence interval over tasks" in page.words
    page, contents = reported(library, tmp_path / "other.html", "leo", "noisy")
    assert compared_functions(contents).best is None
    assert "highest log likelihood" not in page.words
    assert "it does not say which of these runs is the best" in page.words


def test_seeds_have_a_mean_over_runs(library: Library) -> None:
    every = [contents_of(library, name) for name in ("maml", "leo", "other")]
    (group,) = compared_functions(every).seeds
    assert (group.names, group.seeds) == (("maml", "other"), (0, 1))
    scores = [each.result.scores for each in (every[0], every[2])]
    ratios = [each.risk_ratio for each in scores if isinstance(each, RegressionScores)]
    mean = sum(ratios) / 2
    assert group.risk_ratio.startswith(f"{mean:.4g} ±")


def test_evaluations_of_an_earlier_version_are_asked_to_be_made_again(library: Library) -> None:
    one, other = contents_of(library, "leo"), contents_of(library, "maml")
    older = FunctionContents(
        **{name: getattr(one, name) for name in one.__dataclass_fields__}
        | {"result": one.result.model_copy(update={"per_task": None})}
    )
    (pair,) = compared_functions([older, other]).pairs
    assert pair == FunctionPair("leo", "maml", problem=pair.problem)
    assert "evaluate it again" in pair.problem


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (ReportOptions(store="glyphs"), "leave out --store"),
        (ReportOptions(split="all"), "choose one of train, val, test"),
        (ReportOptions(checkpoint="7"), 'no checkpoint "7"'),
    ],
)
def test_what_does_not_fit_is_one_sentence(
    library: Library, tmp_path: Path, options: ReportOptions, sentence: str
) -> None:
    out = tmp_path / "report.html"
    with pytest.raises(BadInput, match=sentence):
        write_function_report(library, [Run(library.runs / "maml")], out, options, quiet)
    assert not out.exists()
