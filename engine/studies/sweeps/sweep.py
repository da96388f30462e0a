"""What is asked of a sweep, and its file in the sweep's folder; no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, ValidationError

from engine.config import Experiment, differing_settings, experiment_from_dict
from engine.config.declaration import Section, setting, settings_in
from engine.config.messages import Known, sentence_of
from engine.config.names import valid_name
from engine.errors import BadInput
from engine.io.listing import listed
from engine.io.text import required_text
from engine.io.versions import require_known_version
from engine.io.yaml_text import parse_yaml, written_yaml
from engine.studies.sweeps.space import Parameter, Space, Value, parameters_of, plain

FILE = "sweep.yaml"
SCHEMA = 1
TRIALS, RANDOM, LAG, FINAL_SEEDS = 48, 10, 8, 5  # where nobody says


class _SweepFile(Section):
    """The file of a sweep, as the program writes it."""

    title: ClassVar[str] = "Sweep"

    schema_version: Literal[1] = setting(
        SCHEMA, "The version of this file's layout.", label="Layout", alias="schema"
    )
    name: Annotated[str, AfterValidator(valid_name)] = setting(..., "Its name.", label="Name")
    trials: int = setting(..., "How many trials there are to be.", label="Trials", ge=1, le=100_000)
    seed: int = setting(0, "Which values are drawn.", label="Seed", ge=0, lt=2**32)
    random: int = setting(
        RANDOM, "Trials to know before values are no longer drawn at random.", label="Random", ge=1
    )
    lag: int = setting(
        LAG, "How many trials just before it a trial knows nothing of.", label="Lag", ge=0
    )
    pruning: bool = setting(True, "Whether poor trials are ended early.", label="Pruning")
    final_seeds: int = setting(
        FINAL_SEEDS, "Runs of the best, to be tested.", label="Seeds of the best", ge=0, le=1000
    )
    experiment: dict[str, Any] = setting(..., "All other settings.", label="Experiment")
    parameters: dict[str, dict[str, Any]] = setting(..., "What varies.", label="Parameters")


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep: many trials of an experiment, each with other values of some settings.

    Attributes
    ----------
    name
        What its folder is called.
    experiment
        All settings that do not vary; its own values of the others are the first trial.
    parameters
        What varies, by dotted path.
    trials
        How many there are to be. Trial number n is the same however many follow it.
    seed
        Which values are drawn.
    random
        How many results must be known before values are proposed by them, and no longer at random.
    lag
        Trial n knows the results of trials below n - lag, exactly, and begins once they are there.
        So what it is depends neither on how many work at once nor on who is faster or killed; and
        at most lag + 1 trials can be under way.
    pruning
        Whether trials are ended early by Hyperband.
    final_seeds
        How many runs of the best are trained on train and validation classes, and tested.
    """

    name: str
    experiment: Experiment
    parameters: Mapping[str, Parameter]
    trials: int
    seed: int = 0
    random: int = RANDOM
    lag: int = LAG
    pruning: bool = True
    final_seeds: int = FINAL_SEEDS

    @property
    def validations(self) -> int:
        """How many validations a trial has that is not ended early."""
        schedule = self.experiment.schedule
        return -(-schedule.steps // schedule.validate_every)

    @property
    def space(self) -> Space:
        """What varies."""
        return Space(self.name, "", self.parameters)

    def known_to(self, number: int) -> int:
        """Return how many trials, from the first one on, a trial knows the results of."""
        return max(0, number - self.lag)

    def trial_name(self, number: int) -> str:
        """Return what runs of a trial are called, but for the time."""
        return f"trial-{number:04d}"

    def trial_experiment(self, number: int, values: Mapping[str, Value], device: str) -> Experiment:
        """Return all settings of a trial; raises `BadInput` where its values do not go together."""
        named = {"name": self.trial_name(number), "run.device": device}
        return self.experiment.with_settings({**values, **named}, f"trial {number}")

    def to_yaml(self) -> str:
        """Return the text of its file."""
        file = {
            "schema": SCHEMA,
            "name": self.name,
            "trials": self.trials,
            "seed": self.seed,
            "random": self.random,
            "lag": self.lag,
            "pruning": self.pruning,
            "final_seeds": self.final_seeds,
            "parameters": {path: plain(each) for path, each in self.parameters.items()},
            "experiment": self.experiment.to_dict(),
        }
        return written_yaml(file)


def load_sweep(path: Path) -> Sweep:
    """Read a sweep's file; raises `BadInput` where it is missing or not valid."""
    values = parse_yaml(required_text(path), str(path))
    if not isinstance(values, dict):
        raise BadInput(f"{path} is no sweep; restore it, or begin the sweep in another folder.")
    require_known_version(values, path, SCHEMA)
    return _validated(values, str(path))


def checked_sweep(sweep: Sweep, source: str) -> Sweep:
    """Return a sweep whose numbers are allowed; raises `BadInput` for others."""
    values = parse_yaml(sweep.to_yaml(), source)
    assert isinstance(values, dict)
    return _validated(values, source)


def _validated(values: dict[str, Any], source: str) -> Sweep:
    try:
        file = _SweepFile.model_validate(values)
    except ValidationError as error:
        known = Known(dict(settings_in(_SweepFile)), {}, {})
        raise BadInput(sentence_of(error, known, source)) from None
    return Sweep(
        name=file.name,
        experiment=experiment_from_dict(file.experiment, source),
        parameters=parameters_of(file.parameters, source),
        trials=file.trials,
        seed=file.seed,
        random=file.random,
        lag=file.lag,
        pruning=file.pruning,
        final_seeds=file.final_seeds,
    )


def continued(asked: Sweep, path: Path) -> Sweep:
    """Return a sweep as it goes on in a folder where it was begun.

    Raises
    ------
    BadInput
        If another one was begun there: its trials would be of another search.
    """
    begun = load_sweep(path)
    names = [name for name in ("seed", "random", "lag", "pruning") if _differ(name, asked, begun)]
    names += [path for path in asked.parameters if _other(path, asked, begun)]
    names += [path for path in begun.parameters if path not in asked.parameters]
    names += differing_settings(asked.experiment, begun.experiment, ("result", "seed"))
    if names:
        raise BadInput(
            f"{path} is of a sweep that differs in {listed(names)}; give it as it was, or choose "
            "another --folder."
        )
    return replace(begun, trials=asked.trials, final_seeds=asked.final_seeds)


def _differ(name: str, asked: Sweep, begun: Sweep) -> bool:
    return bool(getattr(asked, name) != getattr(begun, name))


def _other(path: str, asked: Sweep, begun: Sweep) -> bool:
    return asked.parameters[path] != begun.parameters.get(path)
