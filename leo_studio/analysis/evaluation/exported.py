"""An evaluation as a figure, and the numbers behind it."""

from dataclasses import replace

import numpy as np

from engine.inspection.uncertainty_record import UncertaintyRecord
from leo_studio.analysis.evaluation.report import Report
from leo_studio.figures.plots import calibration, episode_histogram, risk_coverage, short
from leo_studio.figures.records import (
    Bars,
    Column,
    Exported,
    Facts,
    Figure,
    Layer,
    Line,
    Plot,
    Rule,
    Table,
)

_MOST_BARS = 40  # classes with a bar and a name each


def exported_evaluation(
    report: Report, run: str, part: str, uncertainty: UncertaintyRecord | None = None
) -> Exported:
    """Return an evaluation's figure and its numbers.

    Parameters
    ----------
    report
        The evaluation.
    run
        Name of the run.
    part
        Which plot is drawn, and whose numbers come first: "classes", "episodes", "calibration" or
        "uncertainty"; the classes where there are no such numbers.
    uncertainty
        Of the same weights and split, where it was measured.
    """
    found = report.evaluation
    has_episodes = len(found.accuracies) > 1
    plots = {"classes": [_classes(report)], "calibration": [_calibration(report)]}
    tables = {"classes": _class_table(report, run), "calibration": _bins(report, run)}
    if has_episodes:
        plots["episodes"] = [episode_histogram(found.accuracies, found.accuracy)]
        numbers = np.arange(len(found.accuracies))
        columns: dict[str, Column] = {"episode": numbers, "accuracy": found.accuracies}
        tables["episodes"] = Table("episodes", columns, _facts(report, run))
    if uncertainty is not None:
        plots["uncertainty"] = [_uncertainty(uncertainty)]
        tables["uncertainty"] = _measures(uncertainty, report, run)
        if uncertainty.has_curves:
            plots["uncertainty"].insert(0, risk_coverage(uncertainty))
            tables["risk_coverage"] = _risk_curves(uncertainty, report, run)
    first = part if part in plots else "classes"
    rest = [table for name, table in tables.items() if name != first]
    title = f"{run}: {report.headline}; {report.description}"
    name = f"{run}-{found.split}-{found.step}-{first}"
    return Exported(name, Figure(plots[first]), [tables[first], *rest], title)


def _facts(report: Report, run: str) -> Facts:
    found = report.evaluation
    return {"run": run, "step": found.step or 0, "split": found.split}


def _classes(report: Report) -> Plot:
    """Plot accuracy by class: a bar each, or over the rank where there are many."""
    values, count = report.class_accuracies, len(report.classes)
    accuracy = report.evaluation.accuracy
    rules = [Rule(x=accuracy, label=f"mean {accuracy:.1%}", color=1)]
    if report.chance is not None:
        rules.append(Rule(x=report.chance, label="guessing", style="dotted"))
    title, label = f"Accuracy of {count} classes", "accuracy on its queries"
    if count <= _MOST_BARS:
        bars: list[Layer] = [Bars([short(name) for name in report.classes], values)]
        ends = (0.0, 1.0)
        return Plot([*bars, *rules], title, label, x_range=ends, is_x_percent=True)
    ranks = np.arange(1.0, count + 1)
    upright = [replace(rule, x=None, y=rule.x) for rule in rules]
    layers: list[Layer] = [Line(ranks, values, is_stepped=True), *upright]
    bottom = "class, by rising accuracy"
    return Plot(layers, title, bottom, label, y_range=(0.0, 1.0), has_percent=True)


def _class_table(report: Report, run: str) -> Table:
    columns: dict[str, Column] = {"class": report.classes, "accuracy": report.class_accuracies}
    return Table("classes", columns, _facts(report, run))


def _calibration(report: Report) -> Plot:
    bins = report.evaluation.calibration
    is_used = bins.counts > 0
    return calibration(bins.confidences[is_used], bins.accuracies[is_used])


def _bins(report: Report, run: str) -> Table:
    bins = report.evaluation.calibration
    columns: dict[str, Column] = {
        "from": bins.edges[:-1],
        "to": bins.edges[1:],
        "queries": bins.counts,
        "mean_confidence": bins.confidences,
        "accuracy": bins.accuracies,
    }
    return Table("calibration", columns, _facts(report, run))


def _uncertainty(record: UncertaintyRecord) -> Plot:
    """Plot how well each measure tells wrong answers."""
    names = [measure.name for measure in record.measures]
    values = np.array([measure.auroc.value for measure in record.measures])
    errors = np.array([measure.auroc.ci95 for measure in record.measures])
    layers: list[Layer] = [Bars(names, values, errors), Rule(x=0.5, label="chance")]
    title = f"Wrong answers found by uncertainty, {record.episodes:,} episodes"
    return Plot(layers, title, "AUROC", x_range=(0.0, 1.0))


def _measures(record: UncertaintyRecord, report: Report, run: str) -> Table:
    columns: dict[str, Column] = {"measure": [measure.name for measure in record.measures]}
    for name in ("auroc", "gain_on_entropy", "risk_coverage"):
        found = [getattr(measure, name) for measure in record.measures]
        columns[name] = np.array([each.value for each in found])
        columns[f"{name}_ci95"] = np.array([each.ci95 for each in found])
    facts = {**_facts(report, run), "episodes": record.episodes, "temperature": record.temperature}
    return Table("uncertainty", columns, facts)


def _risk_curves(record: UncertaintyRecord, report: Report, run: str) -> Table:
    """Tell the error among the answers that are given, one row for each point of each curve."""
    curves = [each for each in record.measures if each.risk_curve]
    columns: dict[str, Column] = {
        "measure": [each.name for each in curves for _ in each.risk_curve],
        "answered": np.concatenate([each.answered for each in curves]),
        "error": np.concatenate([each.risk_curve for each in curves]),
    }
    return Table("risk_coverage", columns, {**_facts(report, run), "episodes": record.episodes})
