"""What the window says of studies: how they stand, what a start does, and each entry's runs."""

from collections.abc import Sequence

import numpy as np

from engine.studies.standing import Standing
from leo_studio.analysis.formats import format_accuracy
from leo_studio.analysis.study_tables import notes, numbers
from leo_studio.analysis.work_words import STATE_WORDS, processes_text, reason_text
from leo_studio.figures.records import Bars, Exported, Figure, Plot
from leo_studio.services.study_records import StudyView


def state_text(view: StudyView) -> str:
    """Say how a study stands: "under way, 12 of 55 runs done"; of a first look, that it is one."""
    runs, look = len(view.standings), view.first_look
    first = "" if look is None else f"first look of {look.steps:,} steps: "
    if view.state in ("new", "done"):
        return f"{first}{STATE_WORDS[view.state]}, {_runs(runs)}"
    return f"{first}{STATE_WORDS[view.state]}, {view.done:,} of {_runs(runs)} done"


def lead(view: StudyView, count: int) -> str:
    """Say what a start would do, by so many processes at once, or what speaks against it."""
    if view.why_not:
        return reason_text(view.why_not, lacks_store=view.lacks_store)
    left = len(view.standings) - view.done
    if view.state == "elsewhere":
        return "Another process carries this study out; it is shown as its folder tells."
    if view.state == "under way":
        return "Every run keeps checkpoints: it may be stopped at any time, and goes on later."
    if not left:
        if not any(each.state == "failed" for each in view.standings):
            return "Every run is done."
        runs = view.folder.runs
        return f"Every run is done or failed; to try one again, remove its folder from {runs}."
    verb = "Start carries" if view.state == "new" else "Go on carries"
    return (
        f"{verb} out {_runs(left)} by {processes_text(count)} at once; each run is evaluated on "
        f"{view.study.episodes:,} episodes of split {view.study.split}."
    )


def entry_text(text: str, standings: Sequence[Standing]) -> str:
    """Return what stands at a row and column: what is measured, or else how far its runs are.

    `text` is that of `leo_studio.analysis.study_tables.rows`.
    """
    is_measured = any(each.state in ("evaluated", "failed") for each in standings)
    share = share_done(standings)
    if is_measured or not share:
        return text
    if all(each.cell.seed is None for each in standings):  # it needs no training
        return "not evaluated yet"
    return f"trained to {100 * share:.0f} %"


def share_done(standings: Sequence[Standing]) -> float:
    """Return how much of some runs is done, 0 to 1."""
    return sum(each.share_done for each in standings) / max(len(standings), 1)


def runs_of_entry(standings: Sequence[Standing]) -> list[str]:
    """Return a line for each run of a row and column: its seed, and how it stands."""
    return [f"{_which(each)}: {_how(each)}" for each in standings]


def _which(standing: Standing) -> str:
    seed = standing.cell.seed
    return "without a seed" if seed is None else f"seed {seed}"


def _how(standing: Standing) -> str:
    if standing.evaluation is not None:
        return format_accuracy(standing.evaluation.accuracy, standing.evaluation.ci95)
    if standing.state == "failed" and standing.record is not None:
        return f"failed: {standing.record.error or 'nobody knows why'}"
    if standing.run is None:
        return "not begun"
    if standing.state == "trained":
        return "trained, not evaluated yet"
    return f"trained to {100 * standing.progress:.0f} %"


def all_notes(view: StudyView) -> list[str]:
    """Return what the table's numbers are, and what speaks against them."""
    look = view.first_look
    first = (
        []
        if look is None
        else [
            f"A first look: {look.steps:,} steps and {look.seeds:,} "
            f"seed{'' if look.seeds == 1 else 's'}, which says little about what longer training "
            "comes to. Looks of other steps, and the whole study, are kept beside it."
        ]
    )
    rest = [] if view.table.is_whole else ["Not every run is evaluated yet."]
    return [*first, *notes(view.table), *rest]


def exported_study(view: StudyView) -> Exported | None:
    """Return the accuracies as bars, and the table's numbers; None where nothing is measured."""
    table = view.table
    if not any(entry.seeds for entry in table.entries.values()):
        return None
    plots = []
    for column in table.columns:
        entries = {row: entry for (row, own), entry in table.entries.items() if own == column}
        measured = {row.name: entries[row.name] for row in table.study.rows if row.name in entries}
        measured = {name: entry for name, entry in measured.items() if entry.seeds}
        lengths, errors = (
            np.array([getattr(each, name) for each in measured.values()])
            for name in ("accuracy", "ci95")
        )
        bars = Bars(list(measured), lengths, errors)
        plots += [Plot([bars], column, "accuracy", is_x_percent=True)] * bool(measured)
    title = f"Study {table.study.name}: {table.study.episodes:,} {table.study.split} episodes"
    return Exported(table.study.name, Figure(plots), [numbers(table)], title)


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count:,} runs"
