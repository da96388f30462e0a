"""What the page shows of a run of classification: its evaluations, episodes and codes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from engine.config import classification
from engine.evaluation.record import Evaluation
from engine.evaluation.statistics import half_width
from engine.inspection.records import STAGES, EpisodeTable, Inspection
from leo_studio.figures.plots import class_names, confusion_shares
from leo_studio.report import figures
from leo_studio.report.contents import Contents, ReportOptions, ShownEpisode
from leo_studio.report.figures import Picture
from leo_studio.report.images import thumbnail
from leo_studio.report.reproducing import Preset, look_commands
from leo_studio.report.views import CommonView, Drawer, common_parts, status_notice

_ROWS = 10  # classes of an episode in its table; the rest is counted


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
class RunView(CommonView):
    """All that the template shows of one run."""

    template: ClassVar[str] = "run.html"
    contents: Contents
    notices: tuple[str, ...]
    drawings: Mapping[str, tuple[Markup, ...]]
    stages: tuple[StageRow, ...]
    episodes: tuple[EpisodeCard, ...]
    commands: tuple[tuple[str, str], ...]

    @property
    def result(self) -> Evaluation | None:
        """The result that the report is about."""
        return self.contents.result


def run_view(
    key: str, contents: Contents, preset: Preset | None, options: ReportOptions, draw: Drawer
) -> RunView:
    """Return what the page shows of a run, with its figures drawn."""
    looked = contents.looked
    cards: list[EpisodeCard] = []
    if looked is not None:
        cards += [_card("Best", each, draw) for each in looked.best]
        cards += [_card("Worst", each, draw) for each in looked.worst]
    return RunView(
        **common_parts(key, contents, preset, draw),
        contents=contents,
        notices=tuple(_notices(contents)),
        drawings={name: draw(pictures) for name, pictures in _pictures(contents)},
        stages=() if looked is None else _stages(looked.table),
        episodes=tuple(cards),
        commands=tuple(look_commands(contents, options.episodes)),
    )


def _pictures(contents: Contents) -> Iterator[tuple[str, list[Picture]]]:
    """Iterate over the figures of a run but curves and single episodes."""
    if contents.result is not None:
        yield "evaluation", figures.evaluation(contents.result)
        yield "classes", figures.classes(contents.result)
    if contents.uncertainty is not None:
        yield "uncertainty", figures.uncertainty(contents.uncertainty)
    if contents.looked is not None:
        yield "adaptation", figures.adaptation(contents.looked.table)
        yield "latents", figures.latent_space(contents.looked.latents, contents.looked.first)


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
    yield from status_notice(contents)
    wanted = task.examples_per_class - task.k_shot
    if result is not None and result.queries_per_class[0] < wanted:
        queries = queries_text(result.queries_per_class)
        yield (
            f"Classes had {queries} queries instead of {wanted:,}, since they are smaller than "
            "task.examples_per_class."
        )


def queries_text(numbers: tuple[int, int]) -> str:
    """Return how many queries classes had, from the fewest to the most."""
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


def _card(kind: str, episode: ShownEpisode, draw: Drawer) -> EpisodeCard:
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
