"""Time of an evaluation on 10,000 episodes of 20 classes of 600, all other examples as queries.

    python benchmarks/evaluate.py

Printed beside the time of the query logits' FLOPs at the rate of a large matrix product.
"""

import time

import torch

from benchmarks.synthetic import milliseconds, preset, synthetic_split
from engine.config import classification
from engine.evaluation.evaluator import evaluate
from engine.evaluation.protocol import Protocol
from engine.learners.registry import adapter_of
from engine.training.outer_step import OuterStep

PRODUCT = 2048
EPISODES = 10_000


def main() -> None:
    split = synthetic_split("test", 20, 600)
    square = torch.randn(PRODUCT, PRODUCT)
    for name in ("mini-1shot", "mini-5shot"):
        experiment = preset(name)
        classifier = adapter_of(experiment, OuterStep([experiment], split).members[0], split)
        (product,) = milliseconds(lambda: square @ square, rounds=10)
        task = classification(experiment)
        started = time.perf_counter()
        result = evaluate(
            classifier, split, Protocol(task.n_way, task.k_shot, task.examples_per_class, EPISODES)
        )
        seconds = time.perf_counter() - started
        queries = EPISODES * task.n_way * result.queries_per_class[0]
        flops = 2 * queries * task.n_way * split.embeddings.shape[1]
        floor = flops * product / (2 * PRODUCT**3) / 1000
        print(
            f"{name}: {seconds:.1f} s for {EPISODES} episodes with "
            f"{result.queries_per_class[0]} queries per class on {torch.get_num_threads()} threads "
            f"= {seconds / floor:.1f} x the query logits alone"
        )


if __name__ == "__main__":
    main()
