import json
from pathlib import Path

import pytest
import torch
import transformers

from engine.errors import BadInput
from engine.images.encoders import Framing, open_encoder
from engine.images.encoders.encoder import two_pictures

CPU = torch.device("cpu")


# As a text, since to evaluate it loads torch's compiler and triton, before a test asks for them.
def write_dino(folder: Path) -> "transformers.Dinov2Model":
    """Write a small DINOv2 as its library does, with how it wants its pictures."""
    torch.manual_seed(0)
    config = transformers.Dinov2Config(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, image_size=28, patch_size=14
    )
    model: transformers.Dinov2Model = transformers.Dinov2Model(config)
    model.train(False)
    model.save_pretrained(folder)
    settings = {
        "size": {"shortest_edge": 32},
        "crop_size": {"height": 28, "width": 28},
        "do_center_crop": True,
        "image_mean": [0.5, 0.4, 0.3],
        "image_std": [0.2, 0.2, 0.2],
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    return model


def test_a_folder_of_transformers_makes_the_embeddings_that_its_library_makes(
    tmp_path: Path,
) -> None:
    model = write_dino(tmp_path / "dino")
    encoder = open_encoder(str(tmp_path / "dino"), CPU)
    record = encoder.record
    assert (record.side, record.crop, record.embedding_dim) == (28, 28 / 32, 16)
    assert record.mean == (0.5, 0.4, 0.3) and len(record.checksum) == 64
    pictures = two_pictures(28)
    images = (pictures / 255 - torch.tensor(record.mean).view(3, 1, 1)) / 0.2
    with torch.no_grad():
        expected = model(pixel_values=images).pooler_output
    torch.testing.assert_close(encoder.encode(pictures), expected, atol=1e-5, rtol=1e-4)


def test_a_network_without_tokens_and_one_of_pictures_and_texts(tmp_path: Path) -> None:
    torch.manual_seed(0)
    resnet = transformers.ResNetConfig(embedding_size=8, hidden_sizes=[8, 12], depths=[1, 1])
    transformers.ResNetModel(resnet).save_pretrained(tmp_path / "resnet")
    encoder = open_encoder(str(tmp_path / "resnet"), CPU, Framing(side=32))
    assert encoder.encode(two_pictures(32)).shape == (2, 12)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    clip = transformers.CLIPConfig(
        vision_config={**sizes, "image_size": 32, "patch_size": 16, "intermediate_size": 16},
        text_config={**sizes, "intermediate_size": 16, "vocab_size": 64},
        projection_dim=6,
    )
    transformers.CLIPModel(clip).save_pretrained(tmp_path / "clip")
    encoder = open_encoder(str(tmp_path / "clip"), CPU, Framing(side=32))
    assert encoder.encode(two_pictures(32)).shape == (2, 6)


def test_nothing_is_fetched_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("asked the network")

    monkeypatch.setattr("socket.socket.connect", no_network)
    with pytest.raises(BadInput, match=r'no encoder "nobody/nothing" on this machine; fetch it'):
        open_encoder("nobody/nothing", CPU)


def test_folders_of_other_things_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no encoder"):
        open_encoder(str(tmp_path), CPU)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(BadInput, match="holds no model that transformers can open"):
        open_encoder(str(tmp_path), CPU)
    (tmp_path / "config.json").write_text('{"model_type": "bert", "num_hidden_layers": 1}')
    with pytest.raises(BadInput):
        open_encoder(str(tmp_path), CPU)
