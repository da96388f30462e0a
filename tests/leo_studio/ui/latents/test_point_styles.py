from dataclasses import replace

import numpy as np

from leo_studio.analysis.latents.options import Options
from leo_studio.ui.inspection.class_styles import SYMBOLS
from leo_studio.ui.latents.point_styles import MOST_ENTRIES, looks_of
from leo_studio.ui.widgets.theme import DARK, LIGHT
from tests.leo_studio.analysis.latents.made import made_latents


def test_a_class_looks_the_same_whichever_episodes_are_shown() -> None:
    latents = made_latents(episodes=20)
    half = replace(latents, classes=latents.classes[10:], numbers=latents.numbers[10:])
    all_, some = (looks_of(each, Options(), LIGHT, "inner 2") for each in (latents, half))
    assert np.array_equal(all_.after[30:], some.after)
    assert np.array_equal(all_.shapes_after[30:], some.shapes_after)


def test_classes_of_one_episode_look_as_on_its_page() -> None:
    latents = made_latents(episodes=1)
    looks = looks_of(latents, Options(), LIGHT, "inner 2")
    assert looks.after.tolist() == looks.shapes_after.tolist() == [0, 1, 2]


def test_sixty_three_classes_have_as_many_looks() -> None:
    latents = replace(
        made_latents(episodes=21),
        classes=np.arange(63).reshape(21, 3),
        class_names=tuple(f"class {label}" for label in range(63)),
    )
    looks = looks_of(latents, Options(), DARK, "inner 2")
    assert len(set(zip(looks.after.tolist(), looks.shapes_after.tolist(), strict=True))) == 63
    assert looks.more == 63 - MOST_ENTRIES
    assert len(looks.entries) == MOST_ENTRIES + 2  # before and after


def test_a_scale_that_is_held_does_not_stretch() -> None:
    latents = made_latents()
    options = Options(color="accuracy")
    free = looks_of(latents, options, LIGHT, "inner 2")
    held = looks_of(latents, options, LIGHT, "inner 2", (0.0, 1.0))
    assert free.after.min() == 0
    assert held.after.min() > 0
    assert held.bar is not None and (held.bar.low, held.bar.high) == ("0", "100")
    # All codes of an episode have its colour.
    assert (free.after.reshape(12, 3) == free.after.reshape(12, 3)[:, :1]).all()


def test_before_and_after_differ_in_colour_and_shape() -> None:
    looks = looks_of(made_latents(), Options(color="stage", shape="stage"), LIGHT, "inner 2")
    assert set(looks.before) != set(looks.after)
    assert set(looks.shapes_before) != set(looks.shapes_after)
    assert [entry.text for entry in looks.entries] == ["before", "inner 2"]
    assert looks.entries[1].symbol == SYMBOLS[int(looks.shapes_after[0])]
