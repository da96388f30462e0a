"""Records of curvature with numbers that are easy to recognise."""

from engine.inspection.curvature_record import (
    Box,
    Curvature,
    CurvatureRecord,
    PositionCurvature,
    StepLengths,
)


def box(median: float) -> Box:
    return Box(low=median / 4, lower=median / 2, median=median, upper=2 * median, high=4 * median)


def leo(inner_steps: int = 2, finetuning_steps: int = 1) -> CurvatureRecord:
    bends = Curvature(
        weights=box(0.01),
        largest_weights=box(0.1),
        latent=box(0.5),
        largest_latent=box(1.0),
        ratio=box(10.0),
    )
    inner = StepLengths(weights=box(3.0), latent=box(1.0))
    finetuning = StepLengths(weights=box(0.2))
    positions = [
        PositionCurvature(curvature=bends),
        *[PositionCurvature(curvature=bends, step=inner)] * inner_steps,
        *[PositionCurvature(curvature=bends, step=finetuning)] * finetuning_steps,
    ]
    return CurvatureRecord(
        run="leo",
        method="LEO",
        checkpoint_step=40,
        split="test",
        episodes=100,
        n_way=5,
        k_shot=1,
        inner_steps=inner_steps,
        finetuning_steps=finetuning_steps,
        weight_size=3200,
        weight_rank=20,
        latent_size=320,
        latent_rank=20,
        whole=bends,
        inner=inner if inner_steps else None,
        finetuning=finetuning if finetuning_steps else None,
        positions=tuple(positions),
        singular_values=(4.0, 2.0, 0.5),
    )


def meta_sgd() -> CurvatureRecord:
    bends = Curvature(weights=box(0.02), largest_weights=box(0.2))
    step = StepLengths(weights=box(5.0))
    return CurvatureRecord(
        run="meta-sgd",
        method="Meta-SGD",
        checkpoint_step=40,
        split="test",
        episodes=100,
        n_way=5,
        k_shot=1,
        inner_steps=1,
        finetuning_steps=0,
        weight_size=3200,
        weight_rank=20,
        latent_size=0,
        latent_rank=0,
        whole=bends,
        inner=step,
        finetuning=None,
        positions=(
            PositionCurvature(curvature=bends),
            PositionCurvature(curvature=bends, step=step),
        ),
    )
