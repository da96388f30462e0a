"""Tables of studies: as texts for a terminal, Markdown and LaTeX, and as numbers."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from engine.studies.table import SIGNIFICANT, Contrast, Entry, PublishedFigure, Table
from engine.tasks.scores import UNKNOWN
from leo_studio.analysis.formats import format_duration
from leo_studio.figures.records import Table as Numbers

_UNPUBLISHED: Final = PublishedFigure(math.nan, math.nan)
_NO_CONTRAST: Final = Contrast(math.nan, math.nan, math.nan, math.nan, knows_seeds=True)


class Head(NamedTuple):
    """What stands above a column of the table, and of which column of the study it is."""

    column: str
    text: str
    is_accuracy: bool = False


def heads(table: Table) -> list[Head]:
    """Return the columns of the table for people, without that of the rows' names."""
    found = []
    for column in table.columns:
        found.append(Head(column, f"{column}, %", is_accuracy=True))
        if _has_contrasts(table, column):
            found.append(Head(column, f"minus {table.study.against}"))
        if _has_published(table, column):
            found.append(Head(column, "published, %"))
    return found


def header(table: Table) -> list[str]:
    """Return what stands above them, the rows' names first."""
    return ["", *(head.text for head in heads(table))]


def rows(table: Table) -> list[list[str]]:
    """Return what stands under them."""
    return [[row.name, *_cells(table, row.name)] for row in table.study.rows]


def _cells(table: Table, row: str) -> list[str]:
    found = []
    for column in table.columns:
        texts = _entry_texts(table, row, table.entries.get((row, column)))
        are_shown = (True, _has_contrasts(table, column), _has_published(table, column))
        found += [text for text, is_shown in zip(texts, are_shown, strict=True) if is_shown]
    return found


def _entry_texts(table: Table, row: str, entry: Entry | None) -> tuple[str, str, str]:
    """Return the accuracy, the difference and the published figure; "" where there is none."""
    if entry is None:
        return "", "", ""
    difference = "" if row == table.study.against else contrast_text(entry)
    return accuracy_text(entry), difference, _published_text(entry)


def accuracy_text(entry: Entry) -> str:
    """Write "57.31 ± 0.38, seeds 0.52 (5)": the interval over episodes, the spread over seeds."""
    if not entry.seeds:
        return "failed" if entry.failures else UNKNOWN
    text = f"{100 * entry.accuracy:.2f} ± {100 * entry.ci95:.2f}"
    if not math.isnan(entry.spread):
        text += f", seeds {100 * entry.spread:.2f}"
    if entry.wanted > 1:
        count = f"{entry.seeds}" if entry.seeds == entry.wanted else f"{entry.seeds}/{entry.wanted}"
        text += f" ({count})"
    return text


def contrast_text(entry: Entry) -> str:
    """Write "-1.20 ± 0.61 *": percentage points; the star stands for significance."""
    contrast = entry.contrast
    if contrast is None:
        return UNKNOWN
    star = " *" if contrast.is_significant else ""
    return f"{100 * contrast.difference:+.2f} ± {100 * contrast.ci95:.2f}{star}"


def _published_text(entry: Entry) -> str:
    found = entry.published
    return "" if found is None else f"{100 * found.accuracy:.2f} ± {100 * found.ci95:.2f}"


def _has_published(table: Table, column: str) -> bool:
    return any(entry.published for (_, own), entry in table.entries.items() if own == column)


def _has_contrasts(table: Table, column: str) -> bool:
    """Whether the row that all are compared with stands in a column."""
    return (table.study.against or "", column) in table.entries


def notes(table: Table) -> list[str]:
    """Return sentences that say what the numbers are, and what speaks against them."""
    study = table.study
    found = [
        f"Accuracy on {study.episodes:,} episodes of split {study.split}, the same for all: the "
        "mean over seeds ± half the 95 % interval over episodes; seeds: the standard deviation "
        "over seeds of a run's accuracy, and how many there are."
    ]
    if study.against is not None:
        found.append(
            f"minus {study.against}: the paired difference in percentage points ± half its 95 % "
            "interval, over episodes and seeds (Student's t, Satterthwaite's degrees of freedom); "
            f"* where its p-value is below {SIGNIFICANT} after Holm's correction for "
            f"{table.comparisons} comparisons."
        )
    if len(table.columns) > len(study.columns):
        found.append(
            "queries together: these learners see all queries of an episode at once, without their "
            "labels, and so know more than the others; they are not compared with them."
        )
    if any(_knows_no_seeds(entry.contrast) for entry in table.entries.values()):
        found.append("With one seed alone a difference speaks of these very weights.")
    if study.published is not None:
        found.append(f"Published: {study.published.source}. {study.published.comparable}")
    for place, entry in table.entries.items():
        found += [f"{', '.join(place)}: {each}" for each in entry.failures]
        found += [f"{', '.join(place)}: {entry.why_no_contrast}"] * bool(entry.why_no_contrast)
    if table.seconds:
        found.append(f"Training took {format_duration(table.seconds)}, all runs together.")
    return found


def _knows_no_seeds(contrast: Contrast | None) -> bool:
    return contrast is not None and not contrast.knows_seeds


def markdown(table: Table) -> str:
    """Return the table in Markdown, and what its numbers are below it."""
    titles, body = header(table), rows(table)
    lines = [titles, ["---"] * len(titles), *body]
    text = "\n".join(f"| {' | '.join(_in_markdown(cell) for cell in line)} |" for line in lines)
    return f"{text}\n\n" + "\n\n".join(map(_in_markdown, notes(table))) + "\n"


def _in_markdown(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*")


def latex(table: Table) -> str:
    """Return the table in LaTeX, for the package booktabs, and what its numbers are as comments."""
    titles, body = header(table), rows(table)
    lines = [f"% {note}" for note in notes(table)]
    lines += [f"\\begin{{tabular}}{{l{'r' * (len(titles) - 1)}}}", "\\toprule"]
    lines += [_latex_row(titles), "\\midrule", *map(_latex_row, body)]
    lines += ["\\bottomrule", "\\end{tabular}"]
    return "\n".join(lines) + "\n"


_LATEX = {
    "\\": "\\textbackslash{}",
    "±": "$\\pm$",
    "–": "--",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
} | {sign: f"\\{sign}" for sign in "&%$#_{}"}


def _latex_row(cells: Sequence[str]) -> str:
    texts = ["".join(_LATEX.get(sign, sign) for sign in cell) for cell in cells]
    minus = [f"${text}$" if text[:1] in "+-" and text[1:2].isdigit() else text for text in texts]
    return " & ".join(minus) + " \\\\"


def numbers(table: Table) -> Numbers:
    """Return the numbers of the table, a row for each row and column; shares of 1."""
    study = table.study
    places = [(row.name, column) for row in study.rows for column in table.columns]
    places = [place for place in places if place in table.entries]
    entries = [table.entries[place] for place in places]
    contrasts = [entry.contrast or _NO_CONTRAST for entry in entries]
    published = [entry.published or _UNPUBLISHED for entry in entries]
    return Numbers(
        study.name,
        facts={"study": study.name, "split": study.split, "episodes": study.episodes},
        columns={
            "row": [row for row, _ in places],
            "column": [column for _, column in places],
            "seeds": np.array([entry.seeds for entry in entries]),
            "wanted_seeds": np.array([entry.wanted for entry in entries]),
            "accuracy": np.array([entry.accuracy for entry in entries]),
            "ci95_over_episodes": np.array([entry.ci95 for entry in entries]),
            "deviation_over_seeds": np.array([entry.spread for entry in entries]),
            "difference": np.array([each.difference for each in contrasts]),
            "difference_ci95": np.array([each.ci95 for each in contrasts]),
            "p_value": np.array([each.p_value for each in contrasts]),
            "p_value_corrected": np.array([each.corrected for each in contrasts]),
            "published": np.array([each.accuracy for each in published]),
            "published_ci95": np.array([each.ci95 for each in published]),
        },
    )
