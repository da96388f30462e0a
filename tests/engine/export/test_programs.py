"""Exported programs compute what the engine computes, for every variant and free sizes."""

from collections.abc import Sequence
from dataclasses import fields
from functools import cached_property, partial
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.export import ExportedProgram

from engine.config import Leo, Variant, leo_settings
from engine.data.features import RAW, Features
from engine.errors import BadInput
from engine.export.checks import SIZES, checked, expected
from engine.export.formats import BAR
from engine.export.onnx_models import run_session, save_onnx, session_of
from engine.export.programs import Program, cases, programs_of
from engine.export.torch_programs import save_torch_program
from engine.export.trained import trained
from engine.learners.leo.model import Parameters
from engine.learners.leo.trajectory import Model
from engine.learners.leo.variants import model_of
from tests.conftest import OnnxExport
from tests.problems import random_parameters

SMALL = {"latent_size": 4, "inner_steps": 3, "finetuning_steps": 2}
# One step of each: what is translated for other software is the same for every step, and takes as
# long for each; that the programs take as many as the engine is claimed without any translation.
SHORT = SMALL | {"inner_steps": 1, "finetuning_steps": 1}
VARIANTS = get_args(Variant)
ELSEWHERE = {"full", "no_finetuning", "random_prior", "deterministic"}  # as ONNX models, see below


# The learner below sees embeddings of six numbers.
FEATURES = (
    Features(),
    RAW,
    Features(0.5, torch.linspace(-0.2, 0.2, 8), torch.randn(8, 6, generator=torch.Generator())),
)


def model(variant: str, sizes: dict[str, int] = SMALL) -> Model:
    parameters = random_parameters(6, 4)
    floats = Parameters(*(tensor.detach().float() for tensor in parameters))
    return model_of(Leo.model_validate(sizes | {"variant": variant}), floats)


@pytest.mark.parametrize("features", FEATURES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_programs_compute_what_the_engine_computes_at_every_size(
    variant: str, features: Features
) -> None:
    leo = model(variant)
    for program in programs_of(leo, features):
        for inputs in cases(program, SIZES):
            found = program.module(*inputs)
            outputs = (found,) if isinstance(found, torch.Tensor) else found
            for mine, theirs in zip(expected(program, leo, features, inputs), outputs, strict=True):
                torch.testing.assert_close(theirs, mine, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
def test_onnx_models_agree_with_the_engine_and_say_what_they_are(onnx_export: OnnxExport) -> None:
    subject = trained(onnx_export.run)
    leo = model_of(leo_settings(subject.experiment), subject.weights)
    for program in programs_of(leo, subject.features):
        session = session_of(str(onnx_export.folder / f"{program.name}.onnx"))
        run = partial(run_session, session)
        check = checked(program.name, "a test", program, leo, subject.features, run)
        assert check.difference <= BAR and check.cases == len(SIZES)
        assert session.get_modelmeta().custom_metadata_map == subject.facts()
        if program.name == "adapt":
            require_free_sizes(session)


@pytest.mark.slow
@pytest.mark.parametrize("variant", sorted({*VARIANTS} - ELSEWHERE))
def test_onnx_models_of_a_variant_agree_with_the_engine(variant: str, tmp_path: Path) -> None:
    require_equal_models(model(variant, SHORT), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variant", "features"), [("random_prior", FEATURES[2]), ("deterministic", FEATURES[1])]
)
def test_onnx_models_and_torch_programs_of_a_variant_agree_with_the_engine(
    variant: str, features: Features, tmp_path: Path
) -> None:
    leo = model(variant, SHORT)
    for program in programs_of(leo, features):
        if program.name != "predict":  # it knows of no variant
            once = TracedOnce(*(getattr(program, each.name) for each in fields(program)))
            for save, ending in ((save_torch_program, ".pt2"), (save_onnx, ".onnx")):
                check = save(
                    tmp_path / f"{program.name}{ending}",
                    once,
                    leo,
                    features,
                    {},
                )
                assert check.agrees and check.difference <= BAR and check.cases == len(SIZES)


class TracedOnce(Program):
    """A program that is written in two formats, and traced for the first alone."""

    @cached_property
    def _trace(self) -> ExportedProgram:
        return super().traced()

    def traced(self) -> ExportedProgram:
        return self._trace


@pytest.mark.slow
def test_weights_that_blow_up_under_noise_are_still_checked(tmp_path: Path) -> None:
    leo = model("no_finetuning", SHORT)
    loud = leo.parameters._replace(decoder=6 * leo.parameters.decoder)
    wild = leo._replace(parameters=loud)
    program = programs_of(wild, Features())[2]
    is_finite = [
        all(each.isfinite().all() for each in expected(program, wild, Features(), inputs))
        for inputs in cases(program, SIZES)
    ]
    assert any(is_finite) and not all(is_finite)
    require_equal_models(wild, tmp_path)


def require_equal_models(leo: Model, folder: Path) -> None:
    """Require that ONNX models of what depends on the variant agree; `predict` knows of none."""
    for program in programs_of(leo, Features()):
        if program.name != "predict":
            check = save_onnx(folder / f"{program.name}.onnx", program, leo, Features(), {})
            assert check.agrees and check.difference <= BAR and check.cases == len(SIZES)


def require_free_sizes(session: Any) -> None:
    """Require that a model of `adapt` names its free sizes, and takes one that nobody tried."""
    (support,) = session.get_inputs()
    assert support.shape == ["tasks", "ways", "shots", 16]
    shapes = {each.name: each.shape for each in session.get_outputs()}
    assert shapes["weights"] == ["tasks", "ways", 16]
    assert shapes["code_deviations"] == ["tasks", "ways", 5]
    outputs = run_session(session, [np.ones((2, 3, 7, 16), np.float32)])
    assert outputs[0].shape == (2, 3, 16)


@pytest.mark.slow
def test_torch_programs_agree_with_the_engine_and_say_what_they_are(tmp_path: Path) -> None:
    leo = model("full", SHORT)
    for program in programs_of(leo, RAW):
        path = tmp_path / f"{program.name}.pt2"
        assert save_torch_program(path, program, leo, RAW, {"run": "mine"}).agrees
        extra = {"facts.json": ""}
        torch.export.load(path, extra_files=extra)
        assert "mine" in extra["facts.json"]


def test_the_deterministic_variant_has_no_sampled_program() -> None:
    names = [program.name for program in programs_of(model("deterministic"), Features())]
    assert names == ["adapt", "predict"]


def test_one_copy_without_weight_noise_follows_a_sample_of_the_code() -> None:
    leo = model("full")
    adapt, _, sampled = programs_of(leo, Features())
    support = torch.randn(1, 3, 2, 6)
    decodes = leo.inner_steps + 1
    quiet = sampled.module(support, torch.zeros(1, 1, 3, 4), torch.zeros(decodes, 1, 1, 3, 6))
    plain = adapt.module(support)
    torch.testing.assert_close(quiet[0], plain[0])
    torch.testing.assert_close(quiet[1][0], plain[1])


@pytest.mark.parametrize("factor", [1.001, np.nan])
def test_a_program_that_computes_something_else_is_refused(factor: float) -> None:
    leo = model("full")
    program = programs_of(leo, Features())[0]

    def wrong(arrays: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        outputs = program.module(torch.from_numpy(arrays[0]))
        return [factor * tensor.numpy() for tensor in outputs]

    with pytest.raises(BadInput, match=r"adapt.onnx in a test DIFFERS .* nothing was exported"):
        checked("adapt.onnx", "a test", program, leo, Features(), wrong)


def test_weights_that_are_not_numbers_are_refused() -> None:
    leo = model("full")
    broken = leo._replace(
        parameters=leo.parameters._replace(encoder=torch.full((6, 4), float("nan")))
    )
    program = programs_of(broken, Features())[0]
    with pytest.raises(BadInput, match="choose another checkpoint"):
        checked("adapt.onnx", "a test", program, broken, Features(), lambda arrays: list(arrays))
