"""Preferences, and what was used last: declared once, kept as YAML.

The dialog is made from the declarations here, and so are the limits that a file is held to.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from engine.errors import BadInput
from engine.io.files import write_text
from engine.io.text import read_text
from engine.io.versions import NewerVersion, require_known_version
from engine.io.yaml_text import parse_yaml, written_yaml

SCHEMA = 1  # a file says none
MOST_RECENT = 10  # how many are remembered

Texts = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value),
]


def _preference(
    default: Any, title: str, description: str, group: str, *, unit: str = "", **limits: Any
) -> Any:
    """Declare what the dialog shows: a label, a sentence, where it stands, a unit, limits."""
    return Field(
        default,
        title=title,
        description=description,
        json_schema_extra={"group": group, "unit": unit},
        **limits,
    )


class Preferences(BaseModel):
    """All preferences. Those without a title are remembered, and not asked for."""

    # A newer studio's file may hold more.
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, allow_inf_nan=False)

    theme: Literal["system", "light", "dark"] = _preference(
        "system", "Theme", "System follows the colours of your desktop.", "Appearance"
    )
    text_scale: float = _preference(
        1.0,
        "Text size",
        "100 % is your desktop's own size. Buttons, icons and windows grow with the text.",
        "Appearance",
        unit="%",
        ge=0.8,
        le=2,
    )
    toast_seconds: int = _preference(
        8,
        "Show notices for",
        "How long a message stays over the window. Errors stay until you close them.",
        "Appearance",
        unit="s",
        ge=2,
        le=60,
    )
    smoothing: float = _preference(
        0.6,
        "Smoothing",
        "How smooth curves are: 0 shows every value, 0.9 a mean of about the last ten.",
        "Curves",
        ge=0,
        le=0.999,
    )
    ask_before_closing: bool = _preference(
        True,
        "Ask before closing while a run trains",
        "Closing LEO Studio stops the run. Its checkpoints are kept, asked or not.",
        "Training",
    )
    train_at_once: int = _preference(
        1,
        "Train at once",
        "How many runs of the queue train at the same time, each on a core and, but for the "
        "first, in a process of its own.",
        "Training",
        ge=1,
        le=64,
    )
    offer_interrupted: bool = _preference(
        True,
        "Offer to resume interrupted runs",
        "After a crash or a power cut, LEO Studio offers at its start to go on with the run.",
        "Training",
    )
    recent_presets: Texts = Field((), max_length=MOST_RECENT)
    recent_files: Texts = Field((), max_length=MOST_RECENT)
    recent_commands: Texts = Field((), max_length=MOST_RECENT)

    def changed(self, **values: Any) -> "Preferences":
        """Return a copy with some values changed; raises `BadInput` for one that is not allowed."""
        try:
            return Preferences.model_validate(self.model_dump() | values)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise BadInput(f"{first['loc'][0]}: {first['msg']}.") from None

    def with_file(self, path: Path) -> "Preferences":
        """Return a copy in which a file is the one opened last."""
        return self.changed(recent_files=_remembered(self.recent_files, str(path)))

    def without_recent(self) -> "Preferences":
        """Return a copy that remembers nothing of what was used."""
        return self.changed(recent_presets=(), recent_files=(), recent_commands=())

    def with_defaults(self) -> "Preferences":
        """Return a copy in which everything that the dialog shows is as it was at first."""
        return self.changed(**{name: field.default for name, field in shown_preferences()})


class LoadedPreferences(NamedTuple):
    """Preferences, and a sentence on what was wrong with their file; "" where nothing was."""

    preferences: Preferences
    warning: str


def shown_preferences() -> Iterator[tuple[str, FieldInfo]]:
    """Iterate over what the dialog asks for, in its order."""
    for name, field in Preferences.model_fields.items():
        if field.title:
            yield name, field


def load_preferences(path: Path) -> LoadedPreferences:
    """Read preferences; whatever is wrong with the file, there are some.

    What can be used of a damaged file is; for the rest the defaults are. The file is moved aside to
    a name with ".damaged" in it, since the next change replaces it.
    """
    try:
        text = read_text(path)
    except FileNotFoundError:
        return LoadedPreferences(Preferences(), "")
    except OSError as error:
        reason = error.strerror or error
        return LoadedPreferences(
            Preferences(), f"{path} cannot be read ({reason}); the defaults are used."
        )
    except UnicodeDecodeError:
        return _damaged(path, Preferences(), "it is not text in UTF-8")
    try:
        values = parse_yaml(text, path.name)
    except BadInput:
        return _damaged(path, Preferences(), "it is not valid YAML")
    if not isinstance(values, dict):
        return _damaged(path, Preferences(), "it holds no preferences")
    try:
        require_known_version(values, path, SCHEMA)
    except NewerVersion as error:
        aside = _moved_aside(path, "newer")
        return LoadedPreferences(Preferences(), f"{error} Defaults are used meanwhile. {aside}")
    try:
        return LoadedPreferences(Preferences.model_validate(values), "")
    except ValidationError as error:
        bad = sorted({str(each["loc"][0]) for each in error.errors() if each["loc"]})
        kept = {key: value for key, value in values.items() if str(key) not in bad}
        preferences = Preferences.model_validate(kept)
        return _damaged(path, preferences, f"{', '.join(bad)} cannot be used")


def save_preferences(path: Path, preferences: Preferences) -> None:
    """Replace the file in one move; raises `BadInput` where it cannot be written."""
    write_text(path, written_yaml(preferences.model_dump(mode="json")))


def _remembered(items: tuple[str, ...], item: str) -> tuple[str, ...]:
    return (item, *(each for each in items if each != item))[:MOST_RECENT]


def _damaged(path: Path, preferences: Preferences, reason: str) -> LoadedPreferences:
    where = _moved_aside(path, "damaged")
    return LoadedPreferences(
        preferences, f"{path.name} is damaged: {reason}; defaults are used instead. {where}"
    )


def _moved_aside(path: Path, word: str) -> str:
    """Move a file out of the way of the next one, and say where it is."""
    aside = path.with_name(f"{path.stem}.{word}{path.suffix}")
    with suppress(OSError):
        path.replace(aside)
    return f"The file is now {aside.name}." if not path.exists() else f"Look at {path}."
