"""t-SNE of 10,000 codes by scikit-learn, and by openTSNE where that is installed, in turns.

    python benchmarks/tsne.py [--threads 2] [--turns 2]

openTSNE is no dependency of ours: see docs/performance.md, and install it to measure it anew. Time
is that of the processor, that of the first thread (about what it takes with idle cores), and of the
clock; divergences are each library's own. Each runs in a process of its own.
"""

import argparse
import importlib
import importlib.util
import os
import subprocess
import sys
import time

EPISODES = 1_000  # of 5 classes, before and after adaptation: 10,000 codes
PERPLEXITY = 30.0
EXAGGERATED, ITERATIONS, TOLD_FROM = 150, 500, 400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--alone", choices=("sklearn", "fft", "bh"), help="this one, here")
    chosen = parser.parse_args()
    if chosen.alone:
        embed_alone(chosen.alone, chosen.threads)
        return
    kinds = ("sklearn", "fft", "bh") if importlib.util.find_spec("openTSNE") else ("sklearn",)
    # Threads that wait for others actively stand still for minutes where a core is taken.
    threads = {"OMP_NUM_THREADS": str(chosen.threads), "OMP_WAIT_POLICY": "passive"}
    for _ in range(chosen.turns):
        for kind in kinds:
            command = [sys.executable, __file__, "--threads", str(chosen.threads), "--alone", kind]
            subprocess.run(command, check=True, env=os.environ | threads)


def embed_alone(kind: str, threads: int) -> None:
    """Embed once, and print what it took."""
    import numpy as np

    from benchmarks.latents import made_latents
    from leo_studio.analysis.latents.projected import codes_to_embed

    codes = np.ascontiguousarray(codes_to_embed(made_latents(EPISODES)))
    started = times()
    if kind == "sklearn":
        from sklearn.manifold import TSNE

        fitted = TSNE(perplexity=PERPLEXITY, init="pca", max_iter=1000, random_state=0)
        fitted.fit(codes)
        tell(f"scikit-learn, {threads} threads, 1,000 iterations", fitted.kl_divergence_, started)
        return
    from sklearn.neighbors import NearestNeighbors

    library = importlib.import_module("openTSNE")
    # Exactly, and in a tenth of the time that its own search for them takes.
    fitted = NearestNeighbors(n_neighbors=int(3 * PERPLEXITY) + 1, algorithm="brute").fit(codes)
    distances, places = fitted.kneighbors(codes)
    known = library.nearest_neighbors.PrecomputedNeighbors(places[:, 1:], distances[:, 1:])
    affinities = library.affinity.PerplexityBasedNN(
        perplexity=PERPLEXITY, knn_index=known, n_jobs=threads
    )
    embedding = library.TSNEEmbedding(
        library.initialization.pca(codes, random_state=0),
        affinities,
        negative_gradient_method=kind,
        n_jobs=threads,
        random_state=0,
    )
    embedding.optimize(n_iter=EXAGGERATED, exaggeration=12, momentum=0.8, inplace=True)
    for done in range(50, ITERATIONS + 1, 50):
        embedding.optimize(n_iter=50, momentum=0.8, inplace=True)
        if done >= TOLD_FROM:
            name = f"openTSNE, {kind}, {threads} threads, {EXAGGERATED} + {done} iterations"
            tell(name, embedding.kl_divergence, started)


def times() -> tuple[float, float, float]:
    return time.process_time(), time.thread_time(), time.perf_counter()


def tell(name: str, divergence: float, started: tuple[float, float, float]) -> None:
    cpu, first, wall = (now - then for now, then in zip(times(), started, strict=True))
    print(
        f"{name}: {cpu:.1f} s of processors, {first:.1f} s of the first thread, {wall:.1f} s by "
        f"the clock; divergence {divergence:.4f} nats",
        flush=True,
    )


if __name__ == "__main__":
    main()
