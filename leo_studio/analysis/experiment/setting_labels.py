"""Labels of settings for people, where YAML and the command line have dotted names."""

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from engine.config import all_kinds, declarations, setting_titles

_ABOUT_YAML = re.compile(r".*?\.ya?ml: ")


class SettingLabel(NamedTuple):
    """What the form calls a setting, and the heading that it stands under; "" for none."""

    section: str
    label: str


@cache
def setting_labels() -> Mapping[str, SettingLabel]:
    """Return the labels of all settings, of whatever kind, by dotted path."""
    found: dict[str, SettingLabel] = {}
    for kinds in all_kinds():
        every = declarations(kinds)
        for path, section in setting_titles(kinds):
            found.setdefault(path, SettingLabel(section if "." in path else "", every[path].label))
    return found


def setting_label(path: str, *, with_section: bool = False) -> str:
    """Return what people call a setting, such as "Dropout", or "Learner › Dropout".

    What is no setting, such as the name of a result, is returned as it is.
    """
    known = setting_labels().get(path)
    if known is None:
        return path
    return f"{known.section} › {known.label}" if with_section and known.section else known.label


def in_labels(sentence: str) -> str:
    """Put labels where a sentence has dotted names: '"Dropout" is 1.3; ...'.

    A sentence about a YAML file keeps the names that stand in the file.
    """
    if _ABOUT_YAML.match(sentence):
        return sentence
    for path in _dotted():
        if path not in sentence:
            continue
        label = f'"{setting_label(path)}"'
        changed = re.sub(rf"(?<![\w.]){re.escape(path)}(?![\w])", label, sentence)
        if changed != sentence:
            # Further on, such a sentence may name the setting without its section.
            name = path.rpartition(".")[2]
            sentence = re.sub(rf"(?<![\w.]){name}\b", label, changed) if "_" in name else changed
    return sentence


@cache
def _dotted() -> tuple[str, ...]:
    return tuple(sorted((path for path in setting_labels() if "." in path), key=len, reverse=True))
