from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QColor

from leo_studio.analysis.latents.options import Options
from leo_studio.ui.inspection.class_styles import SYMBOLS
from leo_studio.ui.latents.point_styles import LEVELS, point_styles
from leo_studio.ui.widgets.theme import DARK, LIGHT, Theme
from tests.leo_studio.analysis.latents.made import made_latents


def test_a_class_looks_the_same_whichever_episodes_are_shown() -> None:
    latents = made_latents(episodes=20)
    half = replace(latents, classes=latents.classes[10:], numbers=latents.numbers[10:])
    all_, some = (point_styles(each, Options(), LIGHT, "inner 2") for each in (latents, half))
    assert np.array_equal(all_.after[30:], some.after)
    assert np.array_equal(all_.shapes_after[30:], some.shapes_after)


def test_classes_of_one_episode_look_as_on_its_page() -> None:
    latents = made_latents(episodes=1)
    styles = point_styles(latents, Options(), LIGHT, "inner 2")
    assert styles.after.tolist() == styles.shapes_after.tolist() == [0, 1, 2]


def test_sixty_three_classes_have_as_many_looks() -> None:
    latents = replace(
        made_latents(episodes=21),
        classes=np.arange(63).reshape(21, 3),
        class_names=tuple(f"class {label}" for label in range(63)),
    )
    styles = point_styles(latents, Options(), DARK, "inner 2")
    assert len(set(zip(styles.after.tolist(), styles.shapes_after.tolist(), strict=True))) == 63
    assert len(styles.entries) == 63
    assert styles.note.startswith("63 classes have 19 shapes")
    assert styles.note.endswith("some share one, in another colour.")
    by_other = point_styles(latents, Options(color="uncertainty"), DARK, "inner 2")
    assert by_other.note.endswith("some share one, and cannot be told apart here.")


def test_nineteen_ways_have_shapes_of_their_own_and_twenty_say_that_one_comes_again() -> None:
    for ways, note in ((19, ""), (20, "20 classes have 19 shapes")):
        styles = point_styles(
            made_latents(episodes=1, ways=ways, classes=ways), Options(), LIGHT, "inner 2"
        )
        assert len(set(styles.shapes_after.tolist())) == 19
        assert styles.note.startswith(note) and bool(styles.note) == bool(note)
        looks = zip(styles.after.tolist(), styles.shapes_after.tolist(), strict=True)
        assert len(set(looks)) == ways


def test_a_scale_that_is_held_does_not_stretch() -> None:
    latents = made_latents()
    options = Options(color="accuracy")
    free = point_styles(latents, options, LIGHT, "inner 2")
    held = point_styles(latents, options, LIGHT, "inner 2", (0.0, 1.0))
    assert free.after.min() == 0
    assert held.after.min() > 0
    assert held.bar is not None and (held.bar.low, held.bar.high) == ("0", "100")
    # All codes of an episode have its colour.
    assert (free.after.reshape(12, 3) == free.after.reshape(12, 3)[:, :1]).all()


def test_before_and_after_differ_in_colour_and_shape() -> None:
    styles = point_styles(made_latents(), Options(color="stage", shape="stage"), LIGHT, "inner 2")
    assert set(styles.before) != set(styles.after)
    assert set(styles.shapes_before) != set(styles.shapes_after)
    assert [entry.text for entry in styles.entries] == ["before", "inner 2"]
    assert styles.entries[1].symbol == SYMBOLS[int(styles.shapes_after[0])]


def test_uncertainty_is_told_from_none_to_the_largest_that_is_shown() -> None:
    options = Options(color="uncertainty")
    latents = made_latents()
    for factor in (1.0, 1e-2):  # as at a later checkpoint, where all is less uncertain
        shown = replace(latents, uncertainties=factor * latents.uncertainties)
        styles = point_styles(shown, options, LIGHT, "inner 2")
        assert styles.bar is not None and styles.bar.low == "0"
        assert float(styles.bar.high) == pytest.approx(shown.uncertainties.max(), rel=0.05)
        assert styles.after.max() == LEVELS - 1 and len(set(styles.after.tolist())) > 5
        assert "of the episode" in styles.bar.title


def test_one_extreme_episode_of_many_does_not_make_all_others_alike() -> None:
    latents = made_latents(episodes=40)
    values = np.linspace(0.01, 0.02, 40, dtype=np.float32)
    values[7] = 5.0
    shown = replace(latents, uncertainties=values)
    styles = point_styles(shown, Options(color="uncertainty"), LIGHT, "inner 2")
    assert styles.bar is not None and styles.bar.high.startswith("≥ 0.0")
    assert len(set(styles.after.tolist())) > LEVELS // 4


def test_the_uncertainty_of_one_episode_is_said_in_words() -> None:
    latents = made_latents(episodes=1)
    styles = point_styles(latents, Options(color="uncertainty"), DARK, "inner 2")
    assert styles.bar is not None
    assert float(styles.bar.value) == pytest.approx(float(latents.uncertainties[0]), rel=0.05)
    assert styles.bar.words.startswith("uncertainty of the episode")
    assert len(styles.palette) == 1


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_both_ends_of_a_scale_are_seen_on_the_plot(theme: Theme) -> None:
    styles = point_styles(made_latents(), Options(color="uncertainty"), theme, "inner 2")
    ground = QColor(theme.base)
    for color in (styles.palette[0], styles.palette[-1]):
        apart = abs(color.red() - ground.red()) + abs(color.green() - ground.green())
        assert apart + abs(color.blue() - ground.blue()) > 120
