"""The command that trains the same experiment without a window."""

import json
import shlex
import subprocess
import sys
from collections.abc import Mapping

import yaml

from engine.config import Experiment, changes_to
from engine.errors import BadInput
from engine.io.yaml_text import parse_yaml


def command_line(experiment: Experiment, presets: Mapping[str, Experiment], near: str = "") -> str:
    """Return the command that trains this experiment.

    Parameters
    ----------
    experiment
        What is to be trained.
    presets
        All presets by name; the command starts from the one that differs least.
    near
        The preset to start from where several differ equally little.
    """
    words = command_words(experiment, presets, near)
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def command_words(
    experiment: Experiment, presets: Mapping[str, Experiment], near: str = ""
) -> list[str]:
    """Return the same as single words, unquoted; `BadInput` where there is no preset."""
    if not presets:
        raise BadInput("There is no preset to start the command from; save this one as a preset.")
    changes = {name: changes_to(experiment, preset) for name, preset in presets.items()}
    nearest = min(changes, key=lambda name: (len(changes[name]), name != near))
    words = ["leo-studio", "train", nearest]
    for path, value in changes[nearest].items():
        words += ["--set", f"{path}={value_text(value)}"]
    return words


def value_text(value: object) -> str:
    """Write a value as short YAML on one line, which reads back as the same value."""
    candidates = [str(value)] if isinstance(value, str) else []
    candidates.append(json.dumps(value))
    for text in candidates:
        if _reads_back(text, value):
            return text
    text = yaml.safe_dump(value, default_style='"', default_flow_style=True, width=10**9)
    return text.strip()


def _reads_back(text: str, value: object) -> bool:
    if text != text.strip() or not text.isprintable():
        return False
    try:
        read = parse_yaml(text, "")
    except BadInput:
        return False
    return type(read) is type(value) and read == value
