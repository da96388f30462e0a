"""Queries of the search line for runs: parses them, and matches runs.

Words are looked for in a run's name, preset, store, note and tags. Filters narrow it down:
`state:finished tag:paper preset:mini best>0.6 way:5 shot:1 seed:1`; a minus before one turns it
around.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from engine.errors import BadInput
from leo_studio.analysis.runs.naming import STATE_WORDS
from leo_studio.analysis.typed_numbers import read_decimal, read_whole
from leo_studio.services.records import RunEntry

Test = Callable[[RunEntry], bool]

_TERM = re.compile(
    r"""(?P<minus>-?)
        (?:(?P<key>[a-z_]+)(?P<sign>>=|<=|[:=<>]))?
        (?P<value>"[^"]*"?|\S*)\s*""",
    re.VERBOSE | re.IGNORECASE,
)
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    ":": operator.eq,
    "=": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
_TEXTS: dict[str, Callable[[RunEntry], str]] = {
    "name": lambda run: f"{run.title}\n{run.name}",
    "preset": lambda run: run.preset,
    "store": lambda run: run.store,
    "device": lambda run: run.device,
    "note": lambda run: run.note,
}
_NUMBERS: dict[str, Callable[[RunEntry], float | None]] = {
    "best": lambda run: None if run.best is None else run.best.value,
    "step": lambda run: run.step,
    "steps": lambda run: run.steps,
    "way": lambda run: getattr(run.experiment.task, "n_way", None) if run.experiment else None,
    "shot": lambda run: run.experiment.task.k_shot if run.experiment else None,
    "seed": lambda run: run.experiment.run.seed if run.experiment else None,
}
FILTERS = ("state", "tag", *_TEXTS, *_NUMBERS)


@dataclass(frozen=True, slots=True)
class Query:
    """A query for runs; all of its tests must hold."""

    tests: tuple[Test, ...] = ()

    def matches(self, run: RunEntry) -> bool:
        """Whether a run is among those looked for."""
        return all(test(run) for test in self.tests)


def parse_query(text: str) -> Query:
    """Read a search line.

    Raises
    ------
    BadInput
        If a filter is none, or its value is not one that it takes.
    """
    matches = [match for match in _TERM.finditer(text.strip()) if match.group()]
    return Query(tuple(_test(match) for match in matches))


def _test(match: re.Match[str]) -> Test:
    key, sign = (match["key"] or "").lower(), match["sign"] or ""
    value = match["value"].strip('"').lower()
    test = _filter(key, sign, value) if key else _has_words(value)
    return (lambda run: not test(run)) if match["minus"] and (key or value) else test


def _filter(key: str, sign: str, value: str) -> Test:
    if key not in FILTERS:
        raise BadInput(
            f'There is no filter "{key}"; there are {", ".join(FILTERS)}. Put text with a sign in '
            'it into "quotes".'
        )
    if not value:
        raise BadInput(f"{key}{sign} needs a value, such as {key}{sign}{_example(key)}.")
    if key in _NUMBERS:
        return _number_filter(key, sign, value)
    if sign not in ":=":
        raise BadInput(f"{key} is a text; write {key}:{_example(key)}.")
    if key == "state":
        return _state_filter(value)
    if key == "tag":
        return lambda run: value in (tag.lower() for tag in run.tags)
    text = _TEXTS[key]
    return lambda run: value in text(run).lower()


def _number_filter(key: str, sign: str, value: str) -> Test:
    number_text = value.rstrip("%")
    wanted = read_decimal(number_text) if key == "best" else read_whole(number_text)
    if wanted is None:
        kind = "a number" if key == "best" else "a whole number, in digits alone"
        raise BadInput(f'{key} is {kind}, not "{value}"; write {key}{sign}{_example(key)}.')
    is_percent = key == "best" and (value.endswith("%") or wanted > 1)
    number, compare = _NUMBERS[key], _SIGNS[sign]

    def test(run: RunEntry) -> bool:
        found = number(run)
        # Of an accuracy people say 87 as well as 0.87.
        is_share = is_percent and run.score is not None and run.score.quantity.is_fraction
        return found is not None and compare(found, wanted / 100 if is_share else wanted)

    return test


def _state_filter(value: str) -> Test:
    states = [state for state in STATE_WORDS if state.startswith(value)]
    if not states:
        raise BadInput(f'No state is called "{value}"; there are {", ".join(STATE_WORDS)}.')
    return lambda run: run.state in states


def _has_words(value: str) -> Test:
    def test(run: RunEntry) -> bool:
        texts = (
            *(run.title, run.name, run.preset, run.store, run.note),
            *(*run.changes, *run.tags),
        )
        return any(value in text.lower() for text in texts)

    return test


def _example(key: str) -> str:
    examples = {"state": "finished", "tag": "paper", "best": "0.6", "device": "cpu"}
    return examples.get(key, "1" if key in _NUMBERS else "mini")
