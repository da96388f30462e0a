"""What the command palette offers, as rows: actions, and entries of other sources."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from leo_studio.analysis.command_search import words_of
from leo_studio.ui.widgets.actions import ActionRegistry, Registered
from leo_studio.ui.widgets.key_caps import plain_text, shortcut_text
from leo_studio.ui.window.command_list import CommandRow

_PANEL_ACTIONS = "panel."  # begins their identifiers


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """Something that the palette offers besides actions."""

    title: str  # such as "Load preset mini-1shot"; by it, it is remembered too
    detail: str
    trigger: Callable[[], object]
    glyph: str = ""  # of Material Design Icons
    weight: float = 1.0  # of its matches
    is_reading: bool = False  # there to be read: it comes after all that is done


def action_rows(actions: ActionRegistry, without: str) -> Iterable[CommandRow]:
    """Return a row for every name: of two menus that have one, the one that can do it now.

    The action with the identifier `without` is left out.
    """
    named: dict[str, Registered] = {}
    for registered in actions.all:
        if registered.identifier != without and registered.action.isVisible():
            known = named.setdefault(plain_text(registered.action), registered)
            named[plain_text(registered.action)] = max(known, registered, key=_readiness)
    return map(_action_row, named.values())


def entry_row(entry: PaletteEntry) -> CommandRow:
    """Return the row of something that is no action."""
    return CommandRow(
        entry.title,
        entry.title,
        entry.detail,
        "",
        entry.glyph,
        True,
        entry.trigger,
        words_of(entry.title, entry.detail),
        weight=entry.weight,
        is_reading=entry.is_reading,
    )


def _readiness(registered: Registered) -> tuple[bool, bool]:
    """Return whether an action can be done, and whether it has keys of its own."""
    return registered.action.isEnabled(), bool(shortcut_text(registered.action))


def _action_row(registered: Registered) -> CommandRow:
    action = registered.action
    title = f"{registered.menu} › {plain_text(action)}"
    detail = registered.sentence
    if not action.isEnabled():
        detail = action.statusTip()
    elif action.isCheckable():
        detail = f"{'On' if action.isChecked() else 'Off'} · {detail}"
    is_panel = registered.identifier.startswith(_PANEL_ACTIONS)
    _, shows, panel = plain_text(action).partition("Show ")
    # A reason why something cannot be done is no name for it: words are of the sentence alone.
    return CommandRow(
        registered.identifier,
        title,
        detail,
        shortcut_text(action),
        registered.glyph,
        action.isEnabled(),
        action.trigger,
        words_of(title, registered.sentence),
        panel=panel if is_panel and shows else "",
    )
