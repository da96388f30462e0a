"""Latents of no model: codes that gather around their classes."""

import numpy as np

from engine.inspection.records import Latents, Provenance


def made_latents(
    episodes: int = 12,
    ways: int = 3,
    classes: int = 6,
    samples: int = 4,
    step: int = 0,
    seed: int = 0,
) -> Latents:
    """Two inner steps and one of fine-tuning, in five dimensions."""
    draw = np.random.default_rng(seed)
    chosen = np.stack([draw.permutation(classes)[:ways] for _ in range(episodes)])
    centres = draw.normal(size=(classes, 5))
    codes = draw.normal(size=(episodes, 4, ways, 5)) * 0.2
    codes += centres[chosen][:, None] * np.linspace(0.5, 1, 4)[:, None, None]
    noise = draw.normal(size=(episodes, samples, ways, 5)) * 0.1
    return Latents(
        provenance=Provenance("val", 0, run="a run", run_id="a", step=step),
        class_names=tuple(f"class {label}" for label in range(classes)),
        numbers=np.arange(100, 100 + episodes),
        classes=chosen,
        support=np.zeros((episodes, ways, 1), np.int64),
        inner_steps=2,
        finetuning_steps=1,
        deviation=np.full((episodes, ways, 5), 0.1, np.float32),
        codes=codes.astype(np.float32),
        sampled_before=(codes[:, :1] + noise).astype(np.float32),
        sampled_after=(codes[:, 2:3] + noise).astype(np.float32),
        accuracies=draw.uniform(0.5, 1, size=(episodes, 3)).astype(np.float32),
        uncertainties=draw.uniform(0, 0.2, size=episodes).astype(np.float32),
    )
