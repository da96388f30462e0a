"""Links to single episodes: commands that reopen exactly what was looked at."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import BadInput
from engine.inspection.what_if import WhatIf, parse_what_if

if TYPE_CHECKING:
    from leo_studio.services.records import EpisodeSource

SAMPLES = 64
MOST_SAMPLES = 4096


@dataclass(frozen=True, slots=True)
class EpisodeLink:
    """A link to one episode, inspected with the weights of a run.

    Attributes
    ----------
    run
        The run's name in the library, or its folder.
    split
        "train", "val", "test" or "training".
    episode
        Its number, at least 0.
    checkpoint
        "best", "last", a step, or None for the run's own choice.
    samples
        How many codes are drawn.
    what_if
        What is changed by hand.
    store
        Where the run's store is, if the run does not remember it.
    """

    run: str
    split: str
    episode: int
    checkpoint: str | None = None
    samples: int = SAMPLES
    what_if: WhatIf = field(default_factory=WhatIf)
    store: str = ""

    def command(self) -> str:
        """Return the command that opens it, as a shell takes it."""
        words = ["leo-studio", "open", self.run, "--split", self.split]
        words += ["--episode", str(self.episode)]
        if self.checkpoint is not None:
            words += ["--checkpoint", self.checkpoint]
        if self.samples != SAMPLES:
            words += ["--samples", str(self.samples)]
        if not self.what_if.is_nothing:
            words += ["--what-if", str(self.what_if)]
        if self.store:
            words += ["--store", self.store]
        return shlex.join(words)


def link_to(
    source: "EpisodeSource", episode: int, samples: int, what_if: WhatIf, runs: Path
) -> EpisodeLink:
    """Return the link to an episode; a run in the folder `runs` is meant by its name."""
    run = source.run.name if source.run.parent == runs else str(source.run)
    checkpoint = str(source.step)
    return EpisodeLink(run, source.split, episode, checkpoint, samples, what_if)


def episode_link(
    run: str,
    split: str,
    episode: int,
    checkpoint: str | None = None,
    samples: int = SAMPLES,
    what_if: str = "",
) -> EpisodeLink:
    """Make a link of what was typed.

    Raises
    ------
    BadInput
        If a number is out of range, or a change is not understood.
    """
    if episode < 0:
        raise BadInput(f"--episode is {episode}; episodes are numbered from 0.")
    if not 1 <= samples <= MOST_SAMPLES:
        raise BadInput(f"--samples is {samples}; choose 1 to {MOST_SAMPLES}.")
    return EpisodeLink(run, split, episode, checkpoint, samples, parse_what_if(what_if))
