from pathlib import Path

import pytest

from engine.config import classification, leo_settings, load_experiment
from engine.config.built_in import built_in_presets
from engine.io.yaml_text import parse_yaml

# The released hyper-parameters: outer lr, L2, orthogonality, dropout, KL, encoder penalty.
BESIDE_LEO = ("maml", "meta-sgd", "no-adaptation")
RELEASED = {
    "mini-1shot": (2.739071e-4, 3.623413e-10, 0.188103, 0.307651, 0.756143, 5.756821e-6),
    "mini-5shot": (4.102361e-4, 8.540338e-9, 1.523998e-3, 0.300299, 0.466387, 2.661608e-7),
    "tiered-1shot": (8.659053e-4, 4.148858e-10, 5.451078e-3, 0.475126, 2.034189e-3, 8.302962e-5),
    "tiered-5shot": (6.110314e-4, 1.690399e-10, 2.481216e-2, 0.415158, 1.622811, 2.672450e-5),
}
NAMES = sorted(path.stem for path in built_in_presets().glob("*.yaml"))


@pytest.mark.parametrize("name", RELEASED)
@pytest.mark.parametrize("suffix", ["", "-trainval"])
def test_paper_presets_hold_the_released_values(name: str, suffix: str) -> None:
    experiment = load_experiment(built_in_presets() / f"{name}{suffix}.yaml")
    leo, optimizer, schedule = leo_settings(experiment), experiment.optimizer, experiment.schedule
    assert (
        optimizer.outer_lr,
        leo.l2_weight,
        leo.orthogonality_weight,
        leo.dropout,
        leo.kl_weight,
        leo.encoder_penalty_weight,
    ) == RELEASED[name]
    assert (leo.latent_size, leo.inner_steps, leo.finetuning_steps) == (64, 5, 5)
    assert (leo.inner_lr, leo.finetuning_lr, leo.variant) == (1.0, 0.001, "full")
    assert (optimizer.meta_batch, optimizer.clip_value, optimizer.clip_norm) == (12, 0.1, 0.1)
    assert (schedule.steps, schedule.validate_every) == (100_000, 1000)
    assert schedule.validation_episodes == 2000
    assert experiment.evaluation.episodes == 10_000
    task = classification(experiment)
    shots = 1 if "1shot" in name else 5
    assert (task.n_way, task.k_shot, task.queries) == (5, shots, 15)
    assert task.examples_per_class == 600
    assert experiment.data.train_splits == (("train", "val") if suffix else ("train",))
    store = "miniImageNet" if name.startswith("mini") else "tieredImageNet"
    assert experiment.data.store == store


def test_the_presets_are_these() -> None:
    glyphs = ["1shot", "5shot"]
    learners = ("protonet", "matching", "maml", "meta-sgd", "ridge")
    glyphs += [f"1shot-{learner}" for learner in learners]
    ours = [*(f"glyphs-5way-{each}" for each in glyphs), "omniglot-20way-1shot"]
    ours += ["omniglot-conv4-20way-1shot", "grocery-5way-1shot", "grocery-5way-5shot"]
    encoders = ["mini-resnet12-rfs", "mini-wrn-leo", "omniglot-conv4", "grocery-resnet12"]
    ours += [f"pretrain-{each}" for each in encoders]
    ours += ["sine-line-5shot", *(f"sine-line-5shot-{each}" for each in BESIDE_LEO)]
    assert sorted([*RELEASED, *(f"{name}-trainval" for name in RELEASED), *ours]) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_is_named_like_its_file(name: str) -> None:
    assert load_experiment(built_in_presets() / f"{name}.yaml").name == name


@pytest.mark.parametrize("path", sorted(built_in_presets().rglob("*.yaml")), ids=lambda p: p.stem)
def test_ours_are_read_alike_in_c_and_in_python(path: Path) -> None:
    text = path.read_text()
    in_python, in_c = (parse_yaml(text, path.name, is_ours=is_ours) for is_ours in (False, True))
    assert repr(in_c) == repr(in_python)
