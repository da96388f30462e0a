"""Steps of our kernels against what the authors' released code computed, draw by draw."""

from pathlib import Path

import pytest

from engine.config import classification, leo_settings
from engine.learners.leo.kernels import OPERATIONS, fused_kernels
from tests.released import Golden, assert_members_agree, found_by, golden_files, population_of

# The kernels compute in float32.
TOLERANCE = 2e-5
CLIPS = (0.05, 0.1)
LIMITS = {"optimizer.clip_value": CLIPS[0], "optimizer.clip_norm": CLIPS[1]}


# What numpy says of a member's NaN, in the interpreter.
@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
@pytest.mark.parametrize("path", golden_files(), ids=lambda path: path.stem)
@pytest.mark.parametrize("members", ["one", "population"])
def test_gradients_agree_before_and_after_guard_and_clips(members: str, path: Path) -> None:
    golden = Golden(path)
    everyone = population_of(golden)
    chosen = everyone[:3] if members == "population" else everyone[1:2]
    kernels = fused_kernels(classification(golden.experiment), leo_settings(golden.experiment))
    assert kernels.finetuning is not OPERATIONS.finetuning
    step = golden.step(*(LIMITS | member.changes for member in chosen), kernels=kernels)
    assert_members_agree(golden, chosen, found_by(step, chosen), CLIPS, TOLERANCE)
