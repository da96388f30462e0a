"""Time that an exported model takes to adapt: ONNX Runtime beside PyTorch, on one core.

    python benchmarks/onnx.py

At the sizes of `mini-1shot` and `mini-5shot` (640 numbers, 64 latent, 5 + 5 steps), with weights as
they are at the start of training. Needs the extra `onnx`.
"""

import sys
import tempfile
from functools import partial
from pathlib import Path

# Python looks beside a script first, and would take this file for the package of its name.
sys.path = [entry for entry in sys.path if Path(entry).resolve() != Path(__file__).parent]

import torch

from benchmarks.synthetic import milliseconds, preset
from engine.config import classification, leo_settings
from engine.data.features import Features
from engine.export.onnx_models import run_session, save_onnx, session_of
from engine.export.programs import programs_of
from engine.learners.leo.adaptation import adapt
from engine.learners.leo.model import initial_parameters
from engine.learners.leo.variants import model_of

DIM = 640


def main() -> None:
    torch.set_num_threads(1)
    for name in ("mini-1shot", "mini-5shot"):
        measure(name)


def measure(name: str) -> None:
    experiment = preset(name)
    leo, task = leo_settings(experiment), classification(experiment)
    generator = torch.Generator().manual_seed(0)
    parameters = initial_parameters(
        DIM, leo.latent_size, leo.inner_lr, leo.finetuning_lr, generator
    )
    model = model_of(leo, parameters)
    program = programs_of(model, Features())[0]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "adapt.onnx"
        check = save_onnx(path, program, model, Features(), {})
        session = session_of(str(path))
    support = torch.nn.functional.normalize(
        torch.randn(1, task.n_way, task.k_shot, DIM, generator=generator), dim=-1
    )
    in_torch = partial(
        adapt,
        parameters,
        support,
        inner_steps=model.inner_steps,
        finetuning_steps=model.finetuning_steps,
    )
    with torch.no_grad():
        runtime, eager = milliseconds(
            partial(run_session, session, [support.numpy()]), in_torch, rounds=100
        )
    print(f"{name}, one episode of {task.n_way} ways and {task.k_shot} shots, one core:")
    print(f"  adapt.onnx in ONNX Runtime {runtime:7.3f} ms")
    print(f"  the engine in PyTorch      {eager:7.3f} ms  ({eager / runtime:.1f} x)")
    print(f"  {check}")


if __name__ == "__main__":
    main()
