"""Looks of a run's states: a word, an icon and a colour each."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from fonticon_mdi7 import MDI7

from leo_studio.analysis.runs.naming import STATE_WORDS
from leo_studio.ui.widgets.theme import Theme


@dataclass(frozen=True, slots=True)
class StateLook:
    """The look of a state: a word, an icon, and the theme's colour for it."""

    word: str
    glyph: str
    color: Literal["muted", "accent", "success", "warning", "danger"]

    def color_in(self, theme: Theme) -> str:
        """Return its colour in a theme."""
        color: str = getattr(theme, self.color)
        return color


STATE_LOOKS: Final[Mapping[str, StateLook]] = MappingProxyType(
    {
        "created": StateLook(STATE_WORDS["created"], MDI7.circle_outline, "muted"),
        "preparing": StateLook(STATE_WORDS["preparing"], MDI7.progress_clock, "accent"),
        "running": StateLook(STATE_WORDS["running"], MDI7.play_circle_outline, "accent"),
        "paused": StateLook(STATE_WORDS["paused"], MDI7.pause_circle_outline, "warning"),
        "stopping": StateLook(STATE_WORDS["stopping"], MDI7.stop_circle_outline, "warning"),
        "finished": StateLook(STATE_WORDS["finished"], MDI7.check_circle_outline, "success"),
        "stopped": StateLook(STATE_WORDS["stopped"], MDI7.stop_circle_outline, "muted"),
        "failed": StateLook(STATE_WORDS["failed"], MDI7.close_circle_outline, "danger"),
        "interrupted": StateLook(
            STATE_WORDS["interrupted"], MDI7.lightning_bolt_outline, "warning"
        ),
        "newer": StateLook(STATE_WORDS["newer"], MDI7.update, "muted"),
        "unreadable": StateLook(STATE_WORDS["unreadable"], MDI7.alert_outline, "danger"),
    }
)
