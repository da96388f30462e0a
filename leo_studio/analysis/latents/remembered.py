"""What the latent space remembers over a restart, as plain values of JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, get_args

from leo_studio.analysis.latents.options import COLORS, PAPER, PATHS, SHAPES, Options
from leo_studio.analysis.latents.projected import METHODS
from leo_studio.analysis.latents.sentences import Scope

MOST_EPISODES = 5000
_CHOICES: Mapping[str, Mapping[Any, str]] = {"color": COLORS, "shape": SHAPES, "paths": PATHS}


@dataclass(frozen=True, slots=True)
class Look:
    """Which episodes are shown, on which axes, and how.

    Attributes
    ----------
    method
        A key of `METHODS`.
    scope, count
        Which episodes, and how many where they are the first ones.
    options
        How they are drawn.
    picked
        Names of options that a person picked; others follow the number of episodes.
    """

    method: str = "pca"
    scope: Scope = "one"
    count: int = 100
    options: Options = field(default_factory=Options)
    picked: frozenset[str] = frozenset()


# Its options were picked by nobody: with one episode, what is shown by default is shown again.
PAPER_LOOK = Look("tsne", "first", 1000, PAPER)


def to_plain(look: Look) -> dict[str, object]:
    """Return plain values, for `from_plain`."""
    return {
        "method": look.method,
        "scope": look.scope,
        "count": look.count,
        "options": {each.name: getattr(look.options, each.name) for each in fields(Options)},
        "picked": sorted(look.picked),
    }


def from_plain(plain: Mapping[str, object]) -> Look:
    """Read a look; what makes no sense is as at first."""
    look = Look()
    method, scope, count = plain.get("method"), plain.get("scope"), plain.get("count")
    if isinstance(method, str) and method in METHODS:
        look = replace(look, method=method)
    known = next((each for each in get_args(Scope) if each == scope), look.scope)
    if isinstance(count, int) and not isinstance(count, bool) and 1 <= count <= MOST_EPISODES:
        look = replace(look, count=count)
    picked = plain.get("picked")
    names = [each.name for each in fields(Options)]
    found = frozenset(name for name in names if isinstance(picked, list) and name in picked)
    return replace(look, scope=known, options=_options(plain.get("options")), picked=found)


def _options(plain: object) -> Options:
    options = Options()
    changed: dict[str, Any] = {}
    for name, value in plain.items() if isinstance(plain, Mapping) else ():
        is_choice = name in _CHOICES and isinstance(value, str) and value in _CHOICES[name]
        is_switch = isinstance(getattr(options, str(name), None), bool) and isinstance(value, bool)
        if is_choice or is_switch:
            changed[name] = value
    return replace(options, **changed)
