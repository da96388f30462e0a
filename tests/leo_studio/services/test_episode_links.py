import shlex
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import Experiment
from engine.errors import BadInput
from engine.inspection.what_if import WhatIf, parse_what_if
from engine.runs.library import Library
from engine.runs.run import Run
from leo_studio.cli import window
from leo_studio.services.episode_links import EpisodeLink, episode_link
from leo_studio.services.inspector import linked_source
from leo_studio.services.latent_space import NoLatentSpace
from leo_studio.services.records import EpisodeSource
from tests.command_line import Cli, cli
from tests.conftest import TrainedCopy

__all__ = ["cli"]


@pytest.fixture
def run(library_home: Path, trained_copy: TrainedCopy, toy_experiment: Experiment) -> Run:
    return trained_copy(Library(library_home).runs, toy_experiment)


@given(
    name=st.text(min_size=1).filter(lambda text: "\0" not in text and not text.startswith("-")),
    episode=st.integers(0, 10**9),
    samples=st.integers(1, 4096),
    what_if=st.sampled_from(["", "swap 1 2", "drop 0 3; inner_steps 2", "inner_lr 0.5"]),
    checkpoint=st.sampled_from([None, "best", "3000"]),
)
def test_a_shell_reads_a_link_as_it_was_written(
    name: str, episode: int, samples: int, what_if: str, checkpoint: str | None
) -> None:
    link = episode_link(name, "val", episode, checkpoint, samples, what_if)
    words = shlex.split(link.command())
    assert words[:3] == ["leo-studio", "open", name]
    options = dict(zip(words[3::2], words[4::2], strict=True))
    again = episode_link(
        name,
        options["--split"],
        int(options["--episode"]),
        options.get("--checkpoint"),
        int(options.get("--samples", "64")),
        options.get("--what-if", ""),
    )
    assert again == link
    assert again.what_if == parse_what_if(what_if)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"episode": -1}, "--episode is -1; episodes are numbered from 0"),
        ({"samples": 0}, "--samples is 0; choose 1 to 4096"),
        ({"samples": 4097}, "--samples is 4097; choose 1 to 4096"),
        ({"what_if": "jump"}, 'The change "jump" is not understood'),
    ],
)
def test_a_link_that_cannot_be_is_refused(arguments: dict[str, int], sentence: str) -> None:
    wanted: dict[str, object] = {"run": "a", "split": "val", "episode": 3} | arguments
    with pytest.raises(BadInput) as error:
        episode_link(**wanted)  # type: ignore[arg-type]
    assert sentence in str(error.value)


def test_a_link_means_a_checkpoint_and_a_split_of_its_run(library_home: Path, run: Run) -> None:
    library = Library(library_home)
    link = EpisodeLink(run.name, "val", 7)
    best = run.checkpoint().step
    assert linked_source(library, link) == EpisodeSource(run.path, best, "val")
    last = EpisodeLink(str(run.path), "training", 7, "last")
    assert linked_source(library, last) == EpisodeSource(run.path, 40, "training")
    with pytest.raises(BadInput, match='has no split "dev"; it has train, val, test, training: '):
        linked_source(library, EpisodeLink(run.name, "dev", 7))
    with pytest.raises(BadInput, match='no checkpoint "7"'):
        linked_source(library, EpisodeLink(run.name, "val", 7, "7"))


def test_the_command_opens_what_a_link_says(
    cli: Cli, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[EpisodeLink] = []

    def remember(_names: list[str], link: EpisodeLink) -> None:
        opened.append(link)
        sys.exit(0)

    monkeypatch.setattr(window, "open_window", remember)
    link = EpisodeLink(run.name, "test", 5, "30", 8, WhatIf(inner_steps=1))
    assert cli(*shlex.split(link.command())[1:]).status == 0
    assert opened == [link]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--episode", "3"], "--episode needs the one RUN"),
        (["RUN", "--split", "test"], "need an --episode"),
        (["RUN", "--episode", "-3"], "--episode is -3"),
        (["RUN", "--episode", "3", "--split", "dev"], 'no split "dev"'),
        (["RUN", "--episode", "3", "--checkpoint", "9"], 'no checkpoint "9"'),
        (["nobody", "--episode", "3"], "nobody"),
    ],
)
def test_what_cannot_be_opened_is_said_before_qt_starts(
    cli: Cli, run: Run, words: list[str], sentence: str
) -> None:
    outcome = cli("open", *[run.name if word == "RUN" else word for word in words])
    assert outcome.status == 2
    assert sentence in outcome.err and "Traceback" not in outcome.err
    assert len(outcome.err.strip().splitlines()) == 1


def test_a_run_without_latent_codes_has_no_episodes_to_link_to(
    library_home: Path, trained_copy: TrainedCopy, toy_experiment: Experiment
) -> None:
    library = Library(library_home)
    run = trained_copy(library.runs, toy_experiment.with_settings({"learner.kind": "protonet"}))
    sentence = f"{run.name} learns by prototypical networks; it has no latent codes."
    with pytest.raises(NoLatentSpace, match=sentence):
        linked_source(library, EpisodeLink(run.name, "val", 0))
