"""Tables of episodes from random numbers."""

import numpy as np

from engine.inspection.records import EpisodeTable, Provenance


def random_table(episodes: int, classes: int = 12, n_way: int = 4, seed: int = 0) -> EpisodeTable:
    """Make a table whose columns fit together as an engine's do."""
    generator = np.random.default_rng(seed)
    chosen = np.stack([generator.permutation(classes)[:n_way] for _ in range(episodes)])
    confusions = generator.multinomial(
        20, [0.7] + [0.3 / (n_way - 1)] * (n_way - 1), (episodes, n_way)
    )
    for place in range(n_way):
        confusions[:, place] = np.roll(confusions[:, place], place, axis=1)
    after = confusions.diagonal(axis1=1, axis2=2).sum(1) / confusions.sum((1, 2))
    before = np.clip(after + generator.normal(0, 0.1, episodes), 0, 1)
    return EpisodeTable(
        provenance=Provenance("val", 0),
        class_names=tuple(f"class-{label:02d}" for label in range(classes)),
        numbers=np.arange(episodes),
        classes=chosen,
        accuracies=np.stack([before, (before + after) / 2, after], axis=1),
        losses=generator.uniform(0, 2, (episodes, 3)),
        calibration_errors=generator.uniform(0, 0.2, episodes),
        entropies=generator.uniform(0, 1, episodes),
        mutual_informations=generator.uniform(0, 0.1, episodes),
        confident_errors=generator.uniform(0, 0.3, episodes),
        confusions=confusions.astype(np.int32),
    )
