"""Styles of everything in the plot of functions: colour, dashes and width, and its name."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPen

from engine.inspection.function_records import FunctionRecord
from leo_studio.analysis.functions.sentences import FAINT, WEIGHTED
from leo_studio.ui.widgets.line_legend import Entry
from leo_studio.ui.widgets.pens import cosmetic_pen, styled_pen
from leo_studio.ui.widgets.theme import Theme

SOLID, DASHED, DOTTED = Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine
_DASH_DOT = Qt.PenStyle.DashDotLine
_ENCODING = "Where the encoder expects the code: ellipses hold 50 and 95 % of its distribution"
# Of the samples of two families; dashes tell them apart where colours do not.
_FAMILY_STYLES = (SOLID, DASHED)
# Opacity of samples, by their weight as a share of the largest one.
SHARES = (0.02, 0.15, 0.5)
OPACITIES = (36, 90, 160, 235)


def screen_pen(color: str, style: Qt.PenStyle, width: float, ratio: float = 1.0) -> QPen:
    """Return a pen of the same width whatever the axes are.

    Qt counts the width of such pens in the pixels of the screen, of which there are `ratio` to a
    pixel of the window.
    """
    pen = styled_pen(color, style, width * ratio)
    pen.setCosmetic(True)
    return pen


def sample_pen(theme: Theme, family: int, opacity: int = 255, ratio: float = 1.0) -> QPen:
    """Return the pen of sampled functions of a family."""
    color, style = theme.series_color(family), _FAMILY_STYLES[family]
    if ratio == 1.0:
        return cosmetic_pen(color, style, opacity)
    pen = styled_pen(color, style, ratio, opacity)
    pen.setCosmetic(True)
    return pen


def mean_pen(theme: Theme, ratio: float = 1.0) -> QPen:
    """Return the pen of the predicted mean."""
    return screen_pen(theme.text, SOLID, 2.4, ratio)


def band_pen(theme: Theme, ratio: float = 1.0) -> QPen:
    """Return the pen of the two edges of the prediction's band."""
    return screen_pen(theme.text, _DASH_DOT, 1.2, ratio)


def truth_pen(theme: Theme, ratio: float = 1.0) -> QPen:
    """Return the pen of the task's own function."""
    return screen_pen(theme.series_color(2), DASHED, 2.4, ratio)


def limit_pen(theme: Theme, ratio: float = 1.0) -> QPen:
    """Return the pen of the limit's mean."""
    return screen_pen(theme.muted, DOTTED, 1.6, ratio)


def posterior_pen(theme: Theme, ratio: float = 1.0) -> QPen:
    """Return the pen of functions of the limit's posterior."""
    return screen_pen(theme.muted, DOTTED, 1.0, ratio)


def entries(
    theme: Theme,
    record: FunctionRecord,
    learner: str,
    *,
    has_posterior: bool,
    has_codes: bool,
) -> list[Entry]:
    """Return the legend.

    Parameters
    ----------
    theme
        Colours.
    record
        What is drawn. Samples are told apart by families where there are two; the true function is
        that of the task's own points alone.
    learner
        Whose prediction it is.
    has_posterior
        Whether functions of the limit's posterior are drawn.
    has_codes
        Whether the way of the code is drawn.
    """
    families = record.families if record.is_first.shape[1] else ()
    has_samples = record.samples > 1
    found = []
    if has_samples and families:
        found += [
            Entry(f"sample, {family}", "line", sample_pen(theme, place), tip=FAINT)
            for place, family in enumerate(families)
        ]
    elif has_samples:
        found.append(Entry("sample", "line", sample_pen(theme, 0), tip=FAINT))
    tip = WEIGHTED if has_samples else ""
    found.append(Entry(f"{learner}'s mean", "line", mean_pen(theme), tip=tip))
    if has_samples:
        found.append(Entry(f"{learner}'s 5 to 95 %", "line", band_pen(theme), tip=WEIGHTED))
    if record.limit is not None:
        found += [
            Entry("limit, 5 to 95 %", "band", limit_pen(theme)),
            Entry("limit's mean", "line", limit_pen(theme)),
        ]
        if has_posterior:
            found.append(Entry("limit's functions", "line", posterior_pen(theme)))
        found.append(Entry("true function", "line", truth_pen(theme), record.truth is not None))
    found.append(Entry("given point", "dot", mean_pen(theme)))
    if record.others is not None:
        found.append(Entry("other point", "ring", mean_pen(theme)))
    return [*found, *_code_entries(theme)] if has_codes else found


def _code_entries(theme: Theme) -> list[Entry]:
    """Return the legend of the way of the code, as far as its signs are its own."""
    return [
        Entry("code before", "ring", mean_pen(theme), tip="Before the first inner step"),
        Entry("code now", "square", mean_pen(theme), tip="At the step where the slider stands"),
        Entry("encoding", "ellipse", limit_pen(theme), tip=_ENCODING),
    ]
