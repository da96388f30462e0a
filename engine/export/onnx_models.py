"""Export to ONNX: models of adaptation, checked in ONNX Runtime before the file is in its place."""

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.features import Features
from engine.errors import BadInput
from engine.export.checks import CHECKING, TRACING, WRITING, Stage, checked
from engine.export.formats import Check
from engine.export.programs import Program, collection_paused
from engine.io.files import replacing
from engine.learners.leo.trajectory import Model

NEEDED = ("onnx", "onnxscript", "onnxruntime")
# The first set with everything that is used; older runtimes read more with an older one.
OPSET = 18


def require_onnx() -> None:
    """Raise `BadInput` unless the extra is installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise BadInput(
            f"ONNX models need {', '.join(missing)}; install them with: "
            "pip install 'leo-studio[onnx]'"
        )


def save_onnx(
    path: Path,
    program: Program,
    model: Model,
    features: Features,
    facts: Mapping[str, str],
    tell: Stage = lambda *_: None,
) -> Check:
    """Write a program as an ONNX model, with its weights inside, if it computes what it should.

    Parameters
    ----------
    path
        Ends with .onnx; it is whole and right, or absent.
    program, model, features
        See `engine.export.programs`.
    facts
        Kept in the model's metadata.
    tell
        Told of each stage; see `engine.export.checks.Stage`.

    Raises
    ------
    BadInput
        If the extra `onnx` is not installed, or ONNX Runtime disagrees with the engine.
    """
    require_onnx()
    import onnx
    import torch

    tell(0.0, TRACING)
    with quiet(), collection_paused():
        made = torch.onnx.export(
            program.traced(),
            program.examples,
            dynamo=True,
            input_names=list(program.inputs),
            output_names=list(program.outputs),
            dynamic_shapes=_named(program),
            opset_version=OPSET,
            verbose=False,
        )
    if made is None:
        raise RuntimeError(f"torch.onnx.export made nothing of {program.name}")
    proto = made.model_proto
    proto.producer_name = "LEO Studio"
    onnx.helper.set_model_props(proto, dict(facts))
    onnx.checker.check_model(proto, full_check=True)
    content = proto.SerializeToString()
    session = session_of(content)
    tell(0.6, CHECKING)
    check = checked(
        path.name,
        "ONNX Runtime",
        program,
        model,
        features,
        lambda arrays: run_session(session, arrays),
    )
    tell(0.9, WRITING)
    with replacing(path) as draft:
        draft.write_bytes(content)
    return check


def session_of(content: bytes | str) -> Any:
    """Return an ONNX Runtime session of a model, on one core of the CPU."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def run_session(
    session: Any, arrays: Sequence[NDArray[np.float32]]
) -> Sequence[NDArray[np.float32]]:
    """Run a model on arrays in the order of its inputs."""
    names = [each.name for each in session.get_inputs()]
    found: Sequence[NDArray[np.float32]] = session.run(None, dict(zip(names, arrays, strict=True)))
    return found


def _named(program: Program) -> tuple[dict[int, str], ...]:
    return tuple(
        {place: axis for place, axis in enumerate(axes) if isinstance(axis, str)}
        for axes in program.inputs.values()
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress what torch's exporter says of packages that are not used here."""
    logger = logging.getLogger("torch.onnx")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
