"""Export of an adapted classifier as one ONNX model: pictures in, probabilities out."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.export import Dim

from engine.classifying.classifier import Classifier
from engine.classifying.records import NONE_OF_THESE
from engine.errors import BadInput
from engine.export.classifier_program import picture_classifier
from engine.export.formats import Check
from engine.export.onnx_models import OPSET, quiet, require_onnx, session_of
from engine.export.programs import collection_paused
from engine.images.embedder import Embedder
from engine.images.framing import center_view
from engine.io.files import replacing

MOST_COMPARED = 8
"""So many pictures are enough to be compared, beside noise."""

_RANDOM = 5  # pictures of noise that are compared too


def save_classifier(
    path: Path,
    classifier: Classifier,
    embedder: Embedder,
    pictures: Sequence[NDArray[np.uint8]],
    threshold: float | None = None,
) -> Check:
    """Write an adapted classifier with the encoder in front, if it answers as the engine does.

    Parameters
    ----------
    path
        Ends with .onnx; it is whole and right, or absent.
    classifier
        What is adapted.
    embedder
        What embeds its pictures.
    pictures
        Some that are compared, (h, w, 3) each, beside noise.
    threshold
        What the file says of it; by default the classifier's own.

    Raises
    ------
    BadInput
        If the extra `onnx` is not installed, the encoder cannot become part of a model, or ONNX
        Runtime disagrees with the engine.
    """
    require_onnx()
    import onnx

    record = embedder.encoder.record
    network = picture_classifier(classifier, embedder.encoder).eval()
    example = torch.zeros((2, record.side, record.side, 3), dtype=torch.uint8)
    with quiet(), collection_paused(), torch.no_grad():
        program = torch.export.export(network, (example,), dynamic_shapes=({0: Dim.DYNAMIC},))
        made = torch.onnx.export(
            program,
            (example,),
            dynamo=True,
            input_names=["pictures"],
            output_names=["probabilities"],
            dynamic_shapes=({0: "pictures"},),
            opset_version=OPSET,
            verbose=False,
        )
    if made is None:
        raise RuntimeError("torch.onnx.export made nothing of the classifier")
    proto = made.model_proto
    proto.producer_name = "LEO Studio"
    onnx.helper.set_model_props(proto, _facts(classifier, embedder, threshold))
    onnx.checker.check_model(proto, full_check=True)
    content = proto.SerializeToString()
    check = _checked(path.name, content, classifier, embedder, pictures)
    with replacing(path) as draft:
        draft.write_bytes(content)
    return check


def _facts(classifier: Classifier, embedder: Embedder, threshold: float | None) -> dict[str, str]:
    """Return what the file says of itself."""
    record = embedder.encoder.record
    least = classifier.threshold.value if threshold is None else threshold
    return {
        "made_by": "LEO Studio",
        "class_names": json.dumps(classifier.class_names, ensure_ascii=False),
        "input": f"pictures (n, {record.side}, {record.side}, 3), red, green and blue, uint8: the "
        f"middle square of a picture, {record.crop:g} of its shorter side, scaled",
        "encoder": record.words,
        "threshold": f"{least:.6g}",
        "below_threshold": NONE_OF_THESE,
    }


def _checked(
    name: str,
    content: bytes,
    classifier: Classifier,
    embedder: Embedder,
    pictures: Sequence[NDArray[np.uint8]],
) -> Check:
    """Compare what was written with the engine, one picture alone and all together."""
    record = embedder.encoder.record
    noise = np.random.default_rng(0).integers(
        0, 256, (_RANDOM, record.side, record.side, 3), np.uint8
    )
    cut = [center_view(picture, record.side, record.crop) for picture in pictures]
    # Noise is cut already: seen through a smaller crop it would be scaled.
    seen = np.concatenate([noise, *(each[None] for each in cut)])
    features = embedder.encoder.encode(torch.from_numpy(seen).permute(0, 3, 1, 2)).numpy()
    expected = classifier.ask(features, samples=0, threshold=0.0).probabilities
    session = session_of(content)
    together = session.run(None, {"pictures": seen})[0]
    alone = session.run(None, {"pictures": seen[:1]})[0]
    gaps = np.abs(together - expected).max(), np.abs(alone - expected[:1]).max()
    check = Check(name, "ONNX Runtime", float(max(gaps)), len(seen), "pictures")
    if not check.agrees:
        raise BadInput(f"{check}; nothing was exported. Report it, with the run's experiment.yaml.")
    return check
