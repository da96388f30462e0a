"""Every setting is declared whole, in one place."""

from typing import ClassVar, get_args

import pytest
from pydantic import Field

from engine.config import Experiment, Role, allowed_values, declarations, declared, settings
from engine.config.declaration import Section, setting, settings_in, titles_in


def test_every_setting_has_a_sentence_a_label_and_a_role_and_says_what_it_takes() -> None:
    known = dict(settings())
    assert len(known) > 30
    for path, info in known.items():
        about = declared(info)
        assert info.description and info.description.endswith("."), path
        assert allowed_values(info) != "a group of settings", path
        assert about.label.strip() and about.label[0].isupper(), path
        assert about.role in get_args(Role), path
    assert list(declarations()) == list(known)


def test_labels_of_one_section_differ() -> None:
    titles = dict(titles_in(Experiment))
    labels = [(titles[path], about.label) for path, about in declarations().items()]
    assert len(set(labels)) == len(labels)


def test_null_has_a_word_where_a_setting_may_be_null() -> None:
    for path, info in settings():
        assert bool(declared(info).nothing) == ("or null" in allowed_values(info)), path


def test_a_setting_without_a_label_cannot_be_declared() -> None:
    with pytest.raises(TypeError, match="label"):
        setting(1, "A number.")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="label"):
        setting(1, "A number.", label=" ")


def test_a_field_that_is_no_setting_is_found() -> None:
    class Bare(Section):
        title: ClassVar[str] = "Bare"
        number: int = Field(1, description="A number.")

    ((path, info),) = settings_in(Bare)
    assert path == "number"
    with pytest.raises(TypeError, match=r"A number.*declare it with setting"):
        declared(info)


def test_what_is_declared_is_what_is_read() -> None:
    class Whole(Section):
        title: ClassVar[str] = "Whole"
        steps: int = setting(
            1,
            "A number.",
            label="Steps",
            role="machine",
            unit="steps",
            nothing="None",
            symbol="s",
            scale="log",
            varies_in_population=True,
            decides_episodes=True,
            is_rare=True,
            is_counted_singly=True,
            option="--steps",
            ge=1,
        )

    ((_, info),) = settings_in(Whole)
    about = declared(info)
    assert (about.label, about.role, about.unit, about.nothing) == (
        "Steps",
        "machine",
        "steps",
        "None",
    )
    assert (about.symbol, about.scale, about.option) == ("s", "log", "--steps")
    assert about.varies_in_population and about.decides_episodes
    assert about.is_rare and about.is_counted_singly
    assert allowed_values(info) == "a whole number, at least 1"


def test_only_what_a_label_or_a_seed_or_a_number_says_may_differ_in_a_population() -> None:
    """What decides shapes, steps or data is shared by all members."""
    for path, info in settings():
        about = declared(info)
        if about.varies_in_population:
            assert about.role in ("label", "seed") or info.annotation is float, path
