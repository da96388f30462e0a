from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from engine.errors import BadInput
from engine.images.encoders import Framing, open_encoder
from engine.images.encoders.encoder import two_pictures

CPU = torch.device("cpu")


def write_model(
    path: Path,
    shape: tuple[int | str, ...] = ("n", 3, 16, 16),
    kind: int = TensorProto.FLOAT,
    metadata: dict[str, str] | None = None,
    weight: float | None = None,
    is_pooled: bool = True,
) -> Path:
    """Write a model of one convolution, its output averaged over space, (n, 5)."""
    generator = np.random.default_rng(0)
    weights = generator.normal(size=(5, 3, 3, 3)).astype(np.float32)
    if weight is not None:
        weights[:] = weight
    nodes, seen = [], "x"
    if shape[3] == 3:
        nodes.append(helper.make_node("Transpose", [seen], ["first"], perm=[0, 3, 1, 2]))
        seen = "first"
    if kind != TensorProto.FLOAT:
        nodes.append(helper.make_node("Cast", [seen], ["float"], to=TensorProto.FLOAT))
        seen = "float"
    nodes.append(helper.make_node("Conv", [seen, "w"], ["map"]))
    out = "map"
    if is_pooled:
        nodes.append(helper.make_node("GlobalAveragePool", ["map"], ["mean"]))
        nodes.append(helper.make_node("Flatten", ["mean"], ["y"]))
        out = "y"
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info(out, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 10
    helper.set_model_props(model, metadata or {})
    onnx.save(model, path)
    return path


def test_size_layout_and_normalisation_are_read_from_the_model(tmp_path: Path) -> None:
    notes = {"mean": "0.5, 0.5, 0.5", "std": "0.25,0.25,0.25", "trained_on": "pears"}
    record = open_encoder(str(write_model(tmp_path / "a.onnx", metadata=notes)), CPU).record
    assert (record.side, record.layout, record.embedding_dim) == (16, "NCHW", 5)
    assert (record.mean, record.std) == ((0.5,) * 3, (0.25,) * 3)
    assert record.trained_on == "pears" and len(record.checksum) == 64


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        (("n", 16, 16, 3), TensorProto.FLOAT),
        ((2, 3, 16, 16), TensorProto.FLOAT),
        (("n", 3, "h", "w"), TensorProto.FLOAT),
        ((1, 16, 16, 3), TensorProto.FLOAT),
    ],
)
def test_every_layout_makes_the_same_embeddings(
    tmp_path: Path, shape: tuple[int | str, ...], kind: int
) -> None:
    pictures = torch.cat([two_pictures(16), two_pictures(16).flip(0)[:1]])
    plain = open_encoder(str(write_model(tmp_path / "plain.onnx")), CPU)
    other = open_encoder(str(write_model(tmp_path / "other.onnx", shape, kind)), CPU, Framing(16))
    torch.testing.assert_close(other.encode(pictures), plain.encode(pictures))


def test_a_model_that_takes_bytes_gets_them_as_they_are(tmp_path: Path) -> None:
    path = write_model(tmp_path / "bytes.onnx", kind=TensorProto.UINT8, weight=1 / 27)
    bright = torch.full((1, 3, 16, 16), 200, dtype=torch.uint8)
    pictures = torch.cat([bright, bright // 2])
    encoder = open_encoder(str(path), CPU)
    torch.testing.assert_close(encoder.encode(pictures)[:, 0], torch.tensor([200.0, 100.0]))


def test_a_map_of_features_is_averaged(tmp_path: Path) -> None:
    pooled = open_encoder(str(write_model(tmp_path / "a.onnx")), CPU)
    mapped = open_encoder(str(write_model(tmp_path / "b.onnx", is_pooled=False)), CPU)
    torch.testing.assert_close(mapped.encode(two_pictures(16)), pooled.encode(two_pictures(16)))


def test_what_a_person_gives_comes_first(tmp_path: Path) -> None:
    path = write_model(tmp_path / "a.onnx", ("n", 3, "h", "w"), metadata={"mean": "0.5,0.5,0.5"})
    framing = Framing(side=32, mean=(0.1, 0.2, 0.3), crop=0.5)
    record = open_encoder(str(path), CPU, framing).record
    assert (record.side, record.mean, record.crop) == (32, (0.1, 0.2, 0.3), 0.5)


def test_models_that_are_no_encoders_are_refused_in_one_sentence(tmp_path: Path) -> None:
    for name, options, sentence in (
        ("zero", {"weight": 0.0}, "the same embedding of two different pictures"),
        ("nan", {"weight": float("nan")}, "not finite"),
        ("oblong", {"shape": ("n", 3, 16, 20)}, "must take squares"),
        ("words", {"metadata": {"mean": "grey"}}, 'metadata mean is "grey"'),
    ):
        path = write_model(tmp_path / f"{name}.onnx", **options)
        with pytest.raises(BadInput, match=sentence):
            open_encoder(str(path), CPU)
    with pytest.raises(BadInput, match="takes pictures of 16 pixels, and 32 were asked for"):
        open_encoder(str(write_model(tmp_path / "a.onnx")), CPU, Framing(side=32))
    (tmp_path / "bad.onnx").write_bytes(b"words")
    with pytest.raises(BadInput, match=r"bad\.onnx is no ONNX model"):
        open_encoder(str(tmp_path / "bad.onnx"), CPU)
    with pytest.raises(BadInput, match="There is no encoder at"):
        open_encoder(str(tmp_path / "none.onnx"), CPU)
