"""The page: contents and figures put into a template, which escapes all that people wrote."""

import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import jinja2
import matplotlib as mpl
import numpy as np
import torch
from markupsafe import Markup
from numpy.typing import NDArray

from engine.config import classification
from engine.evaluation.protocol import SEED
from engine.evaluation.record import Evaluation
from engine.evaluation.statistics import half_width
from engine.inspection.records import STAGES, EpisodeTable, Inspection
from engine.learners.catalogue import learner_kind
from leo_studio import __version__
from leo_studio.analysis.experiment.setting_labels import in_labels
from leo_studio.figures.plots import class_names, confusion_shares
from leo_studio.report import curve_figures, figures
from leo_studio.report.comparing import Comparison
from leo_studio.report.contents import Contents, Progress, ReportOptions, ShownEpisode
from leo_studio.report.figures import Picture
from leo_studio.report.images import inline_svg, thumbnail
from leo_studio.report.reproducing import (
    Preset,
    Setting,
    experiment_yaml,
    look_commands,
    report_command,
    settings_of,
    train_command,
)
from leo_studio.report.validations import (
    Headline,
    ValidationTable,
    headline,
    percentage,
    validation_table,
)

_ROWS = 10  # classes of an episode in its table; the rest is counted
_OPEN_CLASSES = 60  # a longer list of classes is not unfolded on paper


@dataclass(frozen=True, slots=True)
class ReportedRun:
    """The contents of a report on one run, and the preset that they are compared with."""

    contents: Contents
    preset: Preset | None


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class of an episode."""

    place: int  # from 1 on
    name: str
    images: tuple[str, ...]  # data URIs
    unseen: int  # support examples that are not shown
    right: float
    taken_for: str  # "" where all queries are right
    taken_share: float


@dataclass(frozen=True, slots=True)
class EpisodeCard:
    """One episode: its numbers, its classes and its figures."""

    kind: str  # "Best" or "Worst"
    number: int
    stages: tuple[tuple[str, float, float], ...]  # name, accuracy and loss
    entropy: float
    information: float
    rows: tuple[ClassRow, ...]
    more: int  # classes without a row
    drawings: tuple[Markup, ...]


@dataclass(frozen=True, slots=True)
class StageRow:
    """What all episodes come to at a stage of adaptation."""

    name: str
    accuracy: float
    ci95: float
    loss: float


@dataclass(frozen=True, slots=True)
class RunView:
    """All that the template shows of one run."""

    key: str
    contents: Contents
    preset: Preset | None
    which: str
    notices: tuple[str, ...]
    drawings: Mapping[str, tuple[Markup, ...]]
    validated: Headline | None  # at the step of the weights
    validations: ValidationTable
    stages: tuple[StageRow, ...]
    episodes: tuple[EpisodeCard, ...]
    settings: tuple[Setting, ...]
    yaml: str
    train_command: str
    needs_yaml: bool
    commands: tuple[tuple[str, str], ...]
    rate: float | None  # outer steps per second

    @property
    def result(self) -> Evaluation | None:
        """The result that the report is about."""
        return self.contents.result


def rendered(
    reported_runs: Sequence[ReportedRun],
    comparison: Comparison | None,
    options: ReportOptions,
    progress: Progress,
) -> str:
    """Return the page.

    Parameters
    ----------
    reported_runs
        The runs, in their order.
    comparison
        What they have of their own, if there are several.
    options
        What was asked for, for the command that makes the report again.
    progress
        Told how far it is.
    """
    drawer = _Drawer(progress, sum(1 for each in reported_runs for _ in _pictures(each.contents)))
    views = [
        _view(f"r{place}", each, options, drawer) for place, each in enumerate(reported_runs, 1)
    ]
    overview: tuple[Markup, ...] = ()
    if comparison is not None:
        each_curves = [_measured(each.contents) for each in reported_runs]
        overview = drawer(curve_figures.compared_curves(each_curves))
    names = [each.contents.run.name for each in reported_runs]
    described = [learner_kind(each.contents.run.experiment).description for each in reported_runs]
    first = reported_runs[0].contents
    page = _environment().get_template("page.html")
    return page.render(
        title=names[0] if len(names) == 1 else f"{len(names)} runs compared",
        runs=views,
        comparison=comparison,
        overview=overview,
        methods=[*dict.fromkeys((each.method, each.arxiv) for each in described)],
        have_codes=[each.contents.has_latent_space for each in reported_runs],
        made=datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC").lstrip("0"),
        versions={
            "LEO Studio": __version__,
            "Python": platform.python_version(),
            "PyTorch": str(torch.__version__),
            "NumPy": np.__version__,
            "Matplotlib": mpl.__version__,
        },
        command=report_command(names, first, options.checkpoint, options.episodes),
        episodes=options.episodes,
        seed=SEED,
        open_classes=_OPEN_CLASSES,
    )


class _Drawer:
    """Draws pictures under names of their own, and says how far it is."""

    def __init__(self, progress: Progress, expected: int) -> None:
        self._progress = progress
        self._expected = expected
        self._drawn = 0

    def __call__(self, pictures: Sequence[Picture]) -> tuple[Markup, ...]:
        return tuple(map(self._draw, pictures))

    def _draw(self, picture: Picture) -> Markup:
        self._drawn += 1
        self._progress(min(self._drawn / max(self._expected, 1), 1.0), "drawing")
        return inline_svg(picture, f"f{self._drawn}")


def _pictures(contents: Contents) -> Iterator[tuple[str, list[Picture]]]:
    """Iterate over the figures of a run but those of single episodes."""
    if len(contents.training["step"]):
        marked = (contents.step, "these weights")
        yield "curves", curve_figures.curves(_measured(contents), marked)
    if contents.result is not None:
        yield "evaluation", figures.evaluation(contents.result)
        yield "classes", figures.classes(contents.result)
    if contents.looked is not None:
        yield "adaptation", figures.adaptation(contents.looked.table)
        yield "latents", figures.latent_space(contents.looked.latents, contents.looked.first)


def _measured(contents: Contents) -> curve_figures.Measured:
    run = contents.run
    return curve_figures.Measured(
        run.name, run.columns, run.scores, contents.training, contents.validation
    )


def _view(key: str, reported: ReportedRun, options: ReportOptions, draw: _Drawer) -> RunView:
    contents, preset = reported.contents, reported.preset
    run, looked = contents.run, contents.looked
    command, needs_yaml = train_command(run, preset)
    cards: list[EpisodeCard] = []
    if looked is not None:
        cards += [_card("Best", each, draw) for each in looked.best]
        cards += [_card("Worst", each, draw) for each in looked.worst]
    rates = contents.training["steps_per_second"]
    return RunView(
        key=key,
        contents=contents,
        preset=preset,
        which=_which(contents),
        notices=tuple(_notices(contents)),
        drawings={name: draw(pictures) for name, pictures in _pictures(contents)},
        validated=headline(contents.validated, run.scores),
        validations=validation_table(contents.validation, run.scores),
        stages=() if looked is None else _stages(looked.table),
        episodes=tuple(cards),
        settings=settings_of(run.experiment, preset),
        yaml=experiment_yaml(run),
        train_command=command,
        needs_yaml=needs_yaml,
        commands=tuple(look_commands(contents, options.episodes)),
        rate=float(np.median(rates)) if len(rates) else None,
    )


def _which(contents: Contents) -> str:
    run, step = contents.run, contents.step
    words = []
    best = run.record.best
    if best is not None and best.step == step:
        words.append("the best on validation")
    if run.checkpoints and run.checkpoints[-1].step == step:
        words.append("the last")
    return " and ".join(words) or "chosen by its step"


def _notices(contents: Contents) -> Iterator[str]:
    run, result = contents.run, contents.result
    task, learner = classification(run.experiment), run.experiment.learner
    if not contents.has_latent_space:
        yield (
            f"It learns by {learner.noun()}, without latent codes: this page has no single "
            "episodes and no codes of it."
        )
    if learner.is_trained and contents.split in run.experiment.data.train_splits:
        yield f"The classes of split {contents.split} were trained on: this is no test."
    if learner.is_trained and run.trains_on_validation_classes:
        yield (
            "The validation classes were trained on too, so validation says nothing about new "
            "classes."
        )
    if run.status != "finished":
        yield (
            f"The run is {run.status}: it stands at step {run.record.step:,} of "
            f"{run.record.steps:,}."
        )
    wanted = task.examples_per_class - task.k_shot
    if result is not None and result.queries_per_class[0] < wanted:
        queries = _range(result.queries_per_class)
        yield (
            f"Classes had {queries} queries instead of {wanted:,}, since they are smaller than "
            "task.examples_per_class."
        )


def _range(numbers: tuple[int, int]) -> str:
    low, high = numbers
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _stages(table: EpisodeTable) -> tuple[StageRow, ...]:
    return tuple(
        StageRow(
            name,
            float(table.accuracies[:, place].mean()),
            half_width(table.accuracies[:, place]),
            float(table.losses[:, place].mean()),
        )
        for place, name in enumerate(STAGES)
    )


def _card(kind: str, episode: ShownEpisode, draw: _Drawer) -> EpisodeCard:
    seen = episode.seen
    shares = confusion_shares(seen)
    names = class_names(seen)
    # Of many classes, those that went worst.
    places = np.sort(np.argsort(np.diagonal(shares), kind="stable")[:_ROWS]).tolist()
    return EpisodeCard(
        kind=kind,
        number=int(seen.numbers[0]),
        stages=tuple(
            (name, float(seen.query_accuracy[0, place]), float(seen.query_loss[0, place]))
            for name, place in zip(STAGES, seen.stages, strict=True)
        ),
        entropy=float(np.nanmean(seen.entropy[0, 2])),
        information=float(np.nanmean(seen.mutual_information[0, 2])),
        rows=tuple(_class_row(episode, names, shares, place) for place in places),
        more=len(names) - len(places),
        drawings=draw(figures.confusion(seen)),
    )


def _class_row(
    episode: ShownEpisode, names: Sequence[str], shares: NDArray[np.float64], place: int
) -> ClassRow:
    wrong = shares[place].copy()
    wrong[place] = 0.0
    other = int(wrong.argmax())
    images = () if episode.images is None else tuple(map(thumbnail, episode.images[place]))
    return ClassRow(
        place=place + 1,
        name=names[place],
        images=images,
        unseen=_support_size(episode.seen, place) - len(images) if images else 0,
        right=float(shares[place, place]),
        taken_for=names[other] if wrong[other] > 0 else "",
        taken_share=float(wrong[other]),
    )


def _support_size(seen: Inspection, place: int) -> int:
    return int((seen.support[0, place] >= 0).sum())


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
        range=_range,
        duration=_duration,
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
