"""Families of functions that tasks are drawn from, and the prior over them (LEO, section 5.1).

Every function here is a sum of two basis functions, once its frequency is given where it has one:
A sin(w x - p) = (A cos p) sin(w x) + (-A sin p) cos(w x), and a line is its slope times x plus its
intercept. That is what makes the Bayes-optimal prediction computable (`limit`).

Shapes: P parameters of a function, N points, G frequencies of a grid.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from engine.errors import BadInput

_AMPLITUDES = (0.1, 5.0)
_PHASES = (0.0, math.pi)
_SLOPES_AND_INTERCEPTS = (-3.0, 3.0)
_FREQUENCIES = (0.5, 2.0)
# Five noisy points tell a frequency to about 0.01 at best.
_GRID = 256


class FunctionFamily(Protocol):
    """A family of functions of one number, with a density over its parameters."""

    title: str
    parameter_names: tuple[str, ...]

    @property
    def frequencies(self) -> int:
        """How many frequencies stand for all of them, G; 1 where the family has but one."""

    def parameters(self, uniform: Tensor) -> Tensor:
        """Turn numbers that are uniform in 0 to 1, (..., P), into parameters of a function."""

    def values(self, parameters: Tensor, x: Tensor) -> Tensor:
        """Evaluate functions, (..., P), each at its own points, (..., N): (..., N)."""

    def coefficients(self, parameters: Tensor) -> Tensor:
        """Return the weights of the two basis functions, (..., 2), of functions (..., P)."""

    def bases(self, x: Tensor) -> Tensor:
        """Return the two basis functions at points (...), for each frequency: (..., G, 2)."""

    def log_density(self, coefficients: Tensor) -> Tensor:
        """Return the log density of the two weights, (..., 2), whatever the frequency: (...)."""


class Sine:
    """A sine: y = amplitude * sin(x - phase)."""

    title = "sine"
    parameter_names: tuple[str, ...] = ("amplitude", "phase")
    frequencies = 1

    def parameters(self, uniform: Tensor) -> Tensor:
        """Turn uniform numbers into amplitude and phase; see `FunctionFamily`."""
        return torch.stack(
            [_within(_AMPLITUDES, uniform[..., 0]), _within(_PHASES, uniform[..., 1])], -1
        )

    def values(self, parameters: Tensor, x: Tensor) -> Tensor:
        """Evaluate sines; see `FunctionFamily`."""
        return parameters[..., :1] * torch.sin(x - parameters[..., 1:2])

    def coefficients(self, parameters: Tensor) -> Tensor:
        """Return the weights of sine and cosine; see `FunctionFamily`."""
        amplitude, phase = parameters[..., 0], parameters[..., 1]
        return torch.stack([amplitude * torch.cos(phase), -amplitude * torch.sin(phase)], -1)

    def bases(self, x: Tensor) -> Tensor:
        """Return sine and cosine at some points; see `FunctionFamily`."""
        return _waves(x[..., None])

    def log_density(self, coefficients: Tensor) -> Tensor:
        """Return the log density of the weights of sine and cosine; see `FunctionFamily`.

        Amplitude and phase are polar coordinates of the weights, and uniform: the density of the
        weights is theirs over the amplitude, on the half plane that phases of 0 to pi reach.
        """
        amplitude = torch.linalg.vector_norm(coefficients, dim=-1)
        low, high = _AMPLITUDES
        is_inside = (amplitude >= low) & (amplitude <= high) & (coefficients[..., 1] <= 0)
        area = math.log((high - low) * (_PHASES[1] - _PHASES[0]))
        return torch.where(is_inside, -area - torch.log(amplitude), -torch.inf)


class VaryingSine(Sine):
    """A sine of any frequency: y = amplitude * sin(frequency * x - phase)."""

    title = "sine of varying frequency"
    parameter_names: tuple[str, ...] = ("amplitude", "phase", "frequency")
    frequencies = _GRID

    def parameters(self, uniform: Tensor) -> Tensor:
        """Turn uniform numbers into amplitude, phase, frequency; see `FunctionFamily`."""
        frequency = _within(_FREQUENCIES, uniform[..., 2:3])
        return torch.cat([super().parameters(uniform), frequency], -1)

    def values(self, parameters: Tensor, x: Tensor) -> Tensor:
        """Evaluate sines; see `FunctionFamily`."""
        return super().values(parameters, parameters[..., 2:3] * x)

    def bases(self, x: Tensor) -> Tensor:
        """Return sine and cosine of each frequency at some points; see `FunctionFamily`."""
        middles = (torch.arange(_GRID, device=x.device, dtype=x.dtype) + 0.5) / _GRID
        return _waves(x[..., None] * _within(_FREQUENCIES, middles))


class Line:
    """A line: y = slope * x + intercept."""

    title = "line"
    parameter_names: tuple[str, ...] = ("slope", "intercept")
    frequencies = 1

    def parameters(self, uniform: Tensor) -> Tensor:
        """Turn uniform numbers into slope and intercept; see `FunctionFamily`."""
        return _within(_SLOPES_AND_INTERCEPTS, uniform[..., :2])

    def values(self, parameters: Tensor, x: Tensor) -> Tensor:
        """Evaluate lines; see `FunctionFamily`."""
        return parameters[..., :1] * x + parameters[..., 1:2]

    def coefficients(self, parameters: Tensor) -> Tensor:
        """Return slope and intercept; see `FunctionFamily`."""
        return parameters[..., :2]

    def bases(self, x: Tensor) -> Tensor:
        """Return x and 1 at some points; see `FunctionFamily`."""
        return torch.stack([x, torch.ones_like(x)], -1)[..., None, :]

    def log_density(self, coefficients: Tensor) -> Tensor:
        """Return the log density of slope and intercept; see `FunctionFamily`."""
        low, high = _SLOPES_AND_INTERCEPTS
        is_inside = ((coefficients >= low) & (coefficients <= high)).all(-1)
        inside = torch.full_like(coefficients[..., 0], -2 * math.log(high - low))
        return torch.where(is_inside, inside, -torch.inf)


FUNCTION_FAMILIES: dict[str, FunctionFamily] = {
    "sine": Sine(),
    "line": Line(),
    "varying_sine": VaryingSine(),
}
"""By the name that a prior gives it."""


@dataclass(frozen=True)
class Prior:
    """Where the functions of tasks come from: families, equally likely, and the noise.

    Attributes
    ----------
    families
        Names in `FUNCTION_FAMILIES`; a task's function is of each with the same probability.
    noise
        Standard deviation of the Gaussian noise on every target, support and query.
    low, high
        Inputs are uniform between them.

    Raises
    ------
    BadInput
        If a family is unknown or named twice, or a number makes no prior.
    """

    families: tuple[str, ...]
    noise: float = 0.3
    low: float = -5.0
    high: float = 5.0

    def __post_init__(self) -> None:
        known = ", ".join(FUNCTION_FAMILIES)
        unknown = [name for name in self.families if name not in FUNCTION_FAMILIES]
        if unknown:
            raise BadInput(f'families has "{unknown[0]}", which is none; choose among {known}.')
        if not self.families:
            raise BadInput(f"families is empty; name at least one of {known}.")
        if len(set(self.families)) < len(self.families):
            raise BadInput("families names a family twice; name each once.")
        if not (self.noise > 0 and math.isfinite(self.noise)):
            raise BadInput(f"noise is {self.noise:g}; it must be a number above 0.")
        if not (self.low < self.high and math.isfinite(self.high - self.low)):
            raise BadInput(f"low is {self.low:g} and high {self.high:g}; low must be below high.")

    @property
    def members(self) -> tuple[FunctionFamily, ...]:
        """The families themselves, in the order of their names."""
        return tuple(FUNCTION_FAMILIES[name] for name in self.families)

    @property
    def parameter_count(self) -> int:
        """How many parameters a function has, P: as many as the family with the most."""
        return max(len(family.parameter_names) for family in self.members)

    def grid(self, count: int, device: torch.device | None = None) -> Tensor:
        """Return the middles of `count` equal parts of low to high, (count,) float32."""
        middles = (torch.arange(count, device=device, dtype=torch.float32) + 0.5) / count
        return _within((self.low, self.high), middles)


def _within(bounds: tuple[float, float], uniform: Tensor) -> Tensor:
    low, high = bounds
    return low + (high - low) * uniform


def _waves(angles: Tensor) -> Tensor:
    return torch.stack([torch.sin(angles), torch.cos(angles)], -1)
