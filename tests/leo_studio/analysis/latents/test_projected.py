import numpy as np
import pytest

from engine.projection import Embedding, fit_pca
from leo_studio.analysis.latents.projected import (
    codes_to_embed,
    embedded,
    position_names,
    position_titles,
    project_linearly,
)
from tests.leo_studio.analysis.latents.made import made_latents


def test_each_code_lies_where_its_axes_put_it() -> None:
    latents = made_latents()
    basis = fit_pca(latents.codes[:, 2])
    shown = project_linearly(latents, basis)
    row = 3 * 5 + 1
    assert shown.at(2)[row] == pytest.approx(basis.project(latents.codes[5, 2, 1]))
    assert shown.episode_of(row) == 5
    assert shown.samples_at(0)[row] == pytest.approx(basis.project(latents.sampled_before[5, :, 1]))


@pytest.mark.parametrize("with_samples", [False, True])
def test_embedded_codes_come_back_to_their_own_episode(with_samples: bool) -> None:
    latents = made_latents()
    codes = codes_to_embed(latents, with_samples=with_samples)
    shown = embedded(latents, Embedding("tsne", codes[:, :2].astype(float), ("1", "2"), "made"))
    assert np.array_equal(shown.path[:, 0], latents.codes[:, 0, :, :2])
    assert np.array_equal(shown.path[:, 1], latents.codes[:, 2, :, :2])
    assert shown.has_samples == with_samples
    if with_samples:
        assert np.array_equal(shown.sampled_before, latents.sampled_before[..., :2])
        assert np.array_equal(shown.sampled_after, latents.sampled_after[..., :2])


def test_samples_move_when_the_inner_loop_is_done() -> None:
    latents = made_latents()
    shown = project_linearly(latents, fit_pca(latents.codes[:, 2]))
    assert np.array_equal(shown.samples_at(1), shown.samples_at(0))
    assert not np.array_equal(shown.samples_at(2), shown.samples_at(0))
    assert np.array_equal(shown.samples_at(3), shown.samples_at(2))


def test_an_embedding_has_two_positions_and_no_ellipses() -> None:
    latents = made_latents()
    codes = codes_to_embed(latents)
    shown = embedded(latents, Embedding("tsne", codes[:, :2].astype(float), ("1", "2"), "made"))
    assert position_names(shown) == ["before", "after the inner loop"]
    assert position_titles(shown) == ["Before adaptation", "After the inner loop"]
    assert shown.outlines(0.5) is None


def test_positions_of_a_linear_projection_are_all_steps() -> None:
    latents = made_latents()
    shown = project_linearly(latents, fit_pca(latents.codes[:, 2]))
    assert position_names(shown) == ["before", "inner 1", "inner 2", "fine-tuning 1"]
    assert position_titles(shown) == [
        "Before adaptation",
        "Inner step 1 of 2",
        "Inner step 2 of 2",
        "Fine-tuning 1 of 1",
    ]
    assert "code units" in shown.axis_labels[0]


def test_an_ellipse_lies_around_its_code() -> None:
    latents = made_latents()
    shown = project_linearly(latents, fit_pca(latents.codes[:, 2]))
    outlines = shown.outlines(0.95)
    assert outlines is not None
    assert outlines[:, :-1].mean(1) == pytest.approx(shown.at(0), abs=0.01)
