from leo_studio.analysis.curves.quantities import PlotKind, plots_of
from tests import measured, second_kind


def drawn(plots: tuple[PlotKind, ...]) -> dict[str, list[str]]:
    return {kind.name: [each.key for each in kind.quantities] for kind in plots}


def test_leo_on_classification_has_these_plots() -> None:
    plots = plots_of(measured.COLUMNS, measured.SCORES)
    losses = ("loss", "query_loss", "kl", "encoder_penalty", "l2", "orthogonality")
    assert drawn(plots) == {
        "loss": [f"training.{name}" for name in losses],
        "accuracy": ["training.query_accuracy", "validation.accuracy"],
        "learning_rates": ["training.inner_lr", "training.finetuning_lr"],
        "gradient_norm": ["training.gradient_norm"],
        "throughput": ["training.steps_per_second"],
        "validation": ["validation.loss", "validation.calibration_error"],
    }
    by_name = {kind.name: kind for kind in plots}
    assert [name for name, kind in by_name.items() if not kind.is_shown] == ["validation"]
    assert [name for name, kind in by_name.items() if kind.is_log] == ["learning_rates"]
    assert [name for name, kind in by_name.items() if kind.is_percentage] == ["accuracy"]
    labels = [each.label for each in by_name["accuracy"].quantities]
    assert labels == ["training queries", "validation"]
    on = [each.column for each in by_name["loss"].quantities if each.is_on]
    assert on == ["loss", "query_loss"]


def test_another_learner_and_task_have_theirs() -> None:
    plots = plots_of(second_kind.COLUMNS, second_kind.SCORES)
    assert drawn(plots) == {
        "squared_error": ["training.query_mse", "validation.mse"],
        "gradient_norm": ["training.gradient_norm"],
        "throughput": ["training.steps_per_second"],
        "spread": ["validation.spread"],
    }
    errors, *_, spread = plots
    assert (errors.title, errors.y_label) == ("Squared error", "squared error (V²)")
    assert (errors.is_log, errors.is_percentage, spread.is_shown) == (True, False, False)
    assert [each.label for each in (*errors.quantities, *spread.quantities)] == [
        "training",
        "validation",
        "spread",
    ]


def test_what_several_learners_report_is_one_curve() -> None:
    both = plots_of(
        (*measured.COLUMNS, *second_kind.COLUMNS), (*measured.SCORES, *second_kind.SCORES)
    )
    leo = drawn(plots_of(measured.COLUMNS, measured.SCORES))
    other = drawn(plots_of(second_kind.COLUMNS, second_kind.SCORES))
    assert drawn(both) == leo | other
