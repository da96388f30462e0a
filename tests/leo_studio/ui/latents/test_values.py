import csv
from pathlib import Path

import h5py
import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from engine.errors import BadInput
from engine.projection import Embedding, fit_pca
from leo_studio.ui.latents.figure import save_latent_figure
from leo_studio.ui.latents.looks import Options
from leo_studio.ui.latents.projected import codes_to_embed, project_linearly
from leo_studio.ui.latents.values import save_csv, save_hdf5
from tests.leo_studio.ui.latents.made import made_latents


def test_csv_has_a_row_for_each_point_that_is_drawn(tmp_path: Path) -> None:
    latents = made_latents()
    shown = project_linearly(latents, fit_pca(latents.codes[:, 2]))
    assert save_csv(tmp_path / "codes.csv", shown, [0, 2], {103}) == 72
    with (tmp_path / "codes.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    row = next(row for row in rows if (row["episode"], row["way"]) == ("103", "1"))
    assert row["position"] == "before"
    assert float(row["x"]) == shown.path[3, 0, 1, 0]
    assert row["class"] == latents.class_names[latents.classes[3, 1]]
    assert {row["episode"] for row in rows if row["is_selected"] == "1"} == {"103"}


def test_hdf5_has_the_codes_and_what_projects_them(tmp_path: Path) -> None:
    latents = made_latents(step=40)
    shown = project_linearly(latents, fit_pca(latents.codes[:, 2]))
    save_hdf5(tmp_path / "codes.h5", shown)
    with h5py.File(tmp_path / "codes.h5") as file:
        codes, group = file["codes"][()], file["projection"]
        points = (codes - group["mean"][()]) @ group["axes"][()].T
        assert points == pytest.approx(group["path"][()])
        assert file.attrs["step"] == 40
        assert file["classes"][()].tolist() == latents.classes.tolist()


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_a_figure_needs_no_window(tmp_path: Path, qapp: QApplication, suffix: str) -> None:
    latents = made_latents()
    style, font = qapp.styleSheet(), qapp.font()
    path = tmp_path / f"figure{suffix}"
    codes = codes_to_embed(latents)
    points = codes[:, :2].astype(float)
    embedding = Embedding("tsne", points, ("t-SNE 1 (no unit)", "t-SNE 2 (no unit)"), "made")
    save_latent_figure(path, latents, embedding)
    assert path.stat().st_size > 1000
    assert (qapp.styleSheet(), qapp.font()) == (style, font)
    if suffix == ".svg":
        drawing = path.read_text(encoding="utf-8")
        for text in ("after the inner loop", "t-SNE 1 (no unit)", "12 val episodes"):
            assert text in drawing


def test_a_figure_has_what_was_asked_for(tmp_path: Path, qapp: QApplication) -> None:
    latents = made_latents()
    basis = fit_pca(latents.codes[:, 2])
    plain, full = tmp_path / "plain.svg", tmp_path / "full.svg"
    save_latent_figure(plain, latents, basis)
    every = Options(shows_samples=True, shows_half=True, shows_most=True)
    save_latent_figure(full, latents, basis, options=every, place=3)
    assert full.stat().st_size > 2 * plain.stat().st_size
    text = full.read_text(encoding="utf-8")
    assert "fine-tuning 1" in text
    assert "ellipses hold 50 and 95 % of each distribution" in " ".join(text.split())


def test_a_figure_that_cannot_be_written_says_why(tmp_path: Path, qapp: QApplication) -> None:
    latents = made_latents()
    basis = fit_pca(latents.codes[:, 2])
    with pytest.raises(BadInput, match=r"must end with \.png"):
        save_latent_figure(tmp_path / "figure.bmp", latents, basis)
    (tmp_path / "file").touch()
    with pytest.raises(BadInput):
        save_csv(tmp_path / "file" / "codes.csv", project_linearly(latents, basis), [0])
    assert np.isfinite(latents.codes).all()
