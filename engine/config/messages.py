"""Messages about mistakes in an experiment: who, what, where, what now."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple, get_args, get_origin

import annotated_types
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from engine.io.names import nearest_name


class Known(NamedTuple):
    """The settings that an experiment can have, as its kinds are.

    Attributes
    ----------
    settings
        By dotted path.
    kinds
        The kind of each section that is one of several, by the section's path.
    elsewhere
        The kind that has a setting which this one has not, by the setting's path.
    """

    settings: Mapping[str, FieldInfo]
    kinds: Mapping[str, str]
    elsewhere: Mapping[str, str]


def allowed_values(info: FieldInfo) -> str:
    """Say in words what a setting accepts: "a number, at least 0 and below 1"."""
    kind, limits = _kind(info.annotation), _limits(info)
    optional = " or null" if type(None) in get_args(info.annotation) else ""
    return f"{kind}{', ' if limits else ''}{limits}{optional}"


def _kind(annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        choices = [str(choice) for choice in get_args(annotation)]
        return choices[0] if len(choices) == 1 else f"one of {', '.join(choices)}"
    if get_origin(annotation) is tuple:
        return f"a list of {_kind(get_args(annotation)[0]).removeprefix('one of ')}"
    if get_origin(annotation) in (list, dict):
        return "a list" if get_origin(annotation) is list else "a group of names and values"
    kinds = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    for candidate in get_args(annotation) or (annotation,):
        if candidate in kinds:
            return kinds[candidate]
        if get_origin(candidate) is list:
            return "a list"
    return "a group of settings"


def _limits(info: FieldInfo) -> str:
    words = []
    for limit in info.metadata:
        match limit:
            case annotated_types.Ge():
                words.append(f"at least {limit.ge}")
            case annotated_types.Gt():
                words.append(f"above {limit.gt}")
            case annotated_types.Le():
                words.append(f"at most {limit.le}")
            case annotated_types.Lt():
                words.append(f"below {limit.lt}")
            case annotated_types.MinLen():
                words.append(f"with at least {limit.min_length} entry")
    return " and ".join(words)


def sentence_of(error: ValidationError, known: Known, source: str) -> str:
    """Turn the first thing that pydantic found wrong into one sentence."""
    return mistake(error.errors()[0], known, source)[1]


def mistake(found: ErrorDetails, known: Known, source: str) -> tuple[str, str]:
    """Return where something that pydantic found is wrong, and a sentence."""
    # A tuple's index and a union's branch are no part of the path that a person wrote.
    names = [str(part) for part in found["loc"] if isinstance(part, str)]
    if len(names) > 1 and names[1] == known.kinds.get(names[0]):
        del names[1]
    if found["type"] == "union_tag_invalid":
        names.append("kind")
    settings = known.settings
    while len(names) > 1 and ".".join(names) not in settings and found["type"] != "extra_forbidden":
        if any(path.startswith(".".join(names) + ".") for path in settings):
            break
        names.pop()
    path = ".".join(names)
    return path, _words(found, path, known, source)


def _words(found: ErrorDetails, path: str, known: Known, source: str) -> str:
    if found["type"] == "extra_forbidden":
        return unknown_setting(path, known, source)
    settings, value = known.settings, found["input"]
    if found["type"] == "union_tag_invalid":
        value = value["kind"]
    if found["type"] == "missing":
        words = allowed_values(settings[path]) if path in settings else "a group of settings"
        return f"{source} lacks {path}; add it: {words}."
    if found["type"] == "value_error":
        reason = str(found["ctx"]["error"])
        # A rule about several settings names them itself.
        return (
            f"{source}: {reason}"
            if path not in settings
            else (f"{source}: {path} is {_shown(value)}; {reason}.")
        )
    if path not in settings:
        return f"{source}: {path} is {_shown(value)}; it must be a group of settings."
    is_off_limits = found["type"] in (
        "greater_than",
        "greater_than_equal",
        "less_than",
        "less_than_equal",
    )
    allowed = _limits(settings[path]) if is_off_limits else allowed_values(settings[path])
    return f"{source}: {path} is {_shown(value)}; it must be {allowed}."


def unknown_setting(path: str, known: Known, source: str) -> str:
    """Say that there is no such setting, and which one may be meant."""
    section, _, name = path.rpartition(".")
    siblings = [each for each in known.settings if each.rpartition(".")[0] == section]
    if not section:
        siblings = list(dict.fromkeys(each.partition(".")[0] for each in known.settings))
    listed = f"settings are {', '.join(siblings or known.settings)}."
    if path in known.elsewhere:
        kinds = f"of {known.elsewhere[path]}, and {section}.kind is {known.kinds[section]}"
        return f"{source}: {path} is a setting {kinds}; its {listed}"
    meant = _meant(name, siblings) or _meant(name, known.settings)
    hint = f"did you mean {meant}?" if meant else listed
    return f"{source}: {path} is not a setting; {hint}"


def _meant(name: str, candidates: Iterable[str]) -> str | None:
    """Return which of some paths ends almost like a name, whatever its section; None for none."""
    paths = {path.rpartition(".")[2]: path for path in candidates}
    near = nearest_name(name, paths)
    return None if near is None else paths[near]


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
