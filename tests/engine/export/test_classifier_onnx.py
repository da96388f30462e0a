"""Claims about adapted classifiers as ONNX models, with the encoder in front."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray

from engine.classifying.classifier import Classifier
from engine.classifying.loaded_learner import LoadedLearner
from engine.config import Experiment
from engine.data.encoder_record import EncoderRecord
from engine.data.features import Features
from engine.data.glyphs import classes_of, draw_class
from engine.errors import BadInput
from engine.export.classifier_onnx import save_classifier
from engine.export.onnx_models import session_of
from engine.images.backbones.registry import build_backbone
from engine.images.embedder import Embedder
from engine.images.encoders import Encoder, Framing, open_encoder
from engine.images.encoders.backbone_encoder import BackboneEncoder
from engine.images.encoders.glyph_encoder import GlyphEncoder
from engine.images.framing import center_view
from engine.learners.baselines.untrained import NoWeights
from engine.learners.registry import UNTRAINED, learner_of, trained_learner_of
from tests.engine.images.encoders.test_onnx_encoder import write_model

CPU = torch.device("cpu")
Picture = NDArray[np.uint8]


def learner_of_kind(experiment: Experiment, kind: str, dim: int) -> LoadedLearner:
    """A learner as it is before training, for embeddings of any size."""
    settings = experiment.with_settings({"learner.kind": kind})
    if kind in UNTRAINED:
        return LoadedLearner(
            settings, learner_of(settings, dim, CPU), NoWeights(), Features(), dim, CPU, None
        )
    learner = trained_learner_of([settings], dim, CPU)
    return LoadedLearner(settings, learner, learner.initial(0), Features(), dim, CPU, None)


def glyphs(label: int, count: int) -> list[Picture]:
    images = draw_class(classes_of("test")[label])[:count]
    return [np.repeat(image, 3, axis=2) for image in images]


def classifier(experiment: Experiment, embedder: Embedder, kind: str = "ridge") -> Classifier:
    support = [embedder.embed(glyphs(label, 2)) for label in range(3)]
    learner = learner_of_kind(experiment, kind, embedder.encoder.record.embedding_dim)
    return Classifier(learner, ["a", "<b>", "ç"], support)


def backbone_encoder() -> Encoder:
    torch.manual_seed(0)
    backbone = build_backbone("efficientnet-lite0").eval()
    record = EncoderRecord(
        kind="efficientnet-lite0",
        name="EfficientNet-Lite0",
        side=64,
        crop=0.875,
        mean=(0.5,) * 3,
        std=(0.25,) * 3,
        embedding_dim=backbone.feature_dim,
    )
    return BackboneEncoder(backbone, record, CPU)


@pytest.mark.parametrize("kind", ["glyphs", "pixels", "backbone"])
def test_pictures_go_in_and_our_own_probabilities_come_out(
    tmp_path: Path, toy_experiment: Experiment, kind: str
) -> None:
    encoders = {
        "glyphs": GlyphEncoder,
        # A side that its grid does not divide, and a crop.
        "pixels": lambda: open_encoder("pixels", CPU, Framing(side=33, crop=0.8)),
        "backbone": backbone_encoder,
    }
    embedder = Embedder(encoders[kind]())
    made = classifier(toy_experiment, embedder)
    path = tmp_path / "classifier.onnx"
    pictures = [*glyphs(0, 5), *glyphs(2, 4), *(255 - each for each in glyphs(1, 2))]
    check = save_classifier(path, made, embedder, pictures[:3])
    assert check.agrees and check.cases == 8

    record = embedder.encoder.record
    seen = np.stack([center_view(each, record.side, record.crop) for each in pictures])
    (found,) = session_of(str(path)).run(None, {"pictures": seen})
    expected = made.ask(embedder.embed(pictures), samples=0).probabilities
    np.testing.assert_allclose(found, expected, atol=1e-5)
    notes = {each.key: each.value for each in onnx.load(path).metadata_props}
    assert json.loads(notes["class_names"]) == ["a", "<b>", "ç"]
    assert float(notes["threshold"]) == pytest.approx(made.threshold.value, rel=1e-5)
    assert f"{record.side}, {record.side}, 3" in notes["input"]


@pytest.mark.parametrize("kind", ["protonet", "matching"])
def test_other_learners_answer_in_the_file_as_in_the_engine(
    tmp_path: Path, toy_experiment: Experiment, kind: str
) -> None:
    embedder, path = Embedder(GlyphEncoder()), tmp_path / "classifier.onnx"
    made, pictures = classifier(toy_experiment, embedder, kind), glyphs(1, 6)
    assert save_classifier(path, made, embedder, pictures[:2]).agrees
    record = embedder.encoder.record
    seen = np.stack([center_view(each, record.side, record.crop) for each in pictures])
    (found,) = session_of(str(path)).run(None, {"pictures": seen})
    expected = made.ask(embedder.embed(pictures), samples=0).probabilities
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.ptp(found) > 0.1


def test_a_vote_of_neighbours_is_refused_with_the_encoder_in_front(
    tmp_path: Path, toy_experiment: Experiment
) -> None:
    embedder = Embedder(GlyphEncoder())
    made = classifier(toy_experiment, embedder, "neighbours")
    with pytest.raises(BadInput, match=r"^What nearest neighbours adapt to cannot be exported"):
        save_classifier(tmp_path / "classifier.onnx", made, embedder, [])
    assert not list(tmp_path.iterdir())


def test_an_encoder_of_others_and_one_of_ten_views_are_refused(
    tmp_path: Path, toy_experiment: Experiment
) -> None:
    path = tmp_path / "classifier.onnx"
    for encoder, sentence in (
        (open_encoder(str(write_model(tmp_path / "a.onnx")), CPU), "run the encoder first"),
        (open_encoder("pixels", CPU, Framing(views="mean")), "means of ten views"),
    ):
        embedder = Embedder(encoder)
        with pytest.raises(BadInput, match=sentence):
            save_classifier(path, classifier(toy_experiment, embedder), embedder, [])
    assert not path.exists()
