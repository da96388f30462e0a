"""The page: contents and figures put into a template, which escapes all that people wrote."""

import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

import jinja2
import matplotlib as mpl
import numpy as np
import torch
from markupsafe import Markup

from engine.evaluation.protocol import SEED
from engine.evaluation.regression.evaluator import QUERIES
from engine.learners.catalogue import learner_kind
from leo_studio import __version__
from leo_studio.analysis.experiment.setting_labels import in_labels
from leo_studio.analysis.formats import format_number
from leo_studio.report import curve_figures
from leo_studio.report.comparing import Comparison
from leo_studio.report.contents import ReportOptions, RunContents
from leo_studio.report.functions.comparing import FunctionComparison
from leo_studio.report.functions.view import FunctionView
from leo_studio.report.reproducing import report_command
from leo_studio.report.run_view import RunView, queries_text
from leo_studio.report.validations import percentage
from leo_studio.report.views import Drawer, measured

_OPEN_CLASSES = 60  # a longer list of classes is not unfolded on paper


def rendered(
    views: Sequence[RunView | FunctionView],
    comparison: Comparison | FunctionComparison | None,
    options: ReportOptions,
    draw: Drawer,
) -> str:
    """Return the page.

    Parameters
    ----------
    views
        The runs, in their order; of one kind of task.
    comparison
        What they have of their own, if there are several.
    options
        What was asked for, for the command that makes the report again.
    draw
        Draws the figures of the comparison.
    """
    every: list[RunContents] = [each.contents for each in views]
    overview: tuple[Markup, ...] = ()
    if comparison is not None:
        overview = draw(curve_figures.compared_curves([measured(each) for each in every]))
    names = [each.run.name for each in every]
    kinds = [learner_kind(each.run.experiment) for each in every]
    described = [kind.description for kind in kinds]
    page = _environment().get_template("page.html")
    return page.render(
        title=views[0].title if len(names) == 1 else f"{len(names)} runs compared",
        runs=views,
        comparison=comparison,
        overview=overview,
        methods=[*dict.fromkeys((each.method, each.arxiv) for each in described)],
        have_codes=[kind.has_latent_space for kind in kinds],
        on_functions=not every[0].run.experiment.task.needs_store,
        made=datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC").lstrip("0"),
        versions={
            "LEO Studio": __version__,
            "Python": platform.python_version(),
            "PyTorch": str(torch.__version__),
            "NumPy": np.__version__,
            "Matplotlib": mpl.__version__,
        },
        command=report_command(names, every[0], options.checkpoint, options.episodes),
        episodes=options.episodes,
        seed=SEED,
        queries=QUERIES,
        open_classes=_OPEN_CLASSES,
    )


@cache
def _environment() -> jinja2.Environment:
    """Return what keeps the templates, which are compiled when they are first used."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("leo_studio.report"),
        autoescape=True,  # whatever the template is called: names are never markup
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["in_labels"] = in_labels
    environment.filters.update(
        percent=percentage,
        points=_points,
        count=lambda number: f"{int(number):,}",
        interval=lambda value: f"{percentage(value[0])[:-2]} ± {percentage(value[1])}",
        range=queries_text,
        duration=_duration,
        nats=lambda value: format_number(value, 3).replace("-", "−"),
        minus=lambda text: text.replace("-", "−"),
        day=lambda text: text[:16].replace("T", " "),
    )
    return environment


def _points(share: float) -> str:
    return f"{100 * share:+.2f}".replace("-", "−")


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d} min"
