"""The kernels, without a GPU: triton's interpreter does what they say, tile by tile."""

import os

import pytest

# Read when the kernels and triton's own functions are defined, so before any of them is imported.
os.environ["TRITON_INTERPRET"] = "1"

pytest.importorskip("triton", reason="there is no triton for this platform")

from triton import language
from triton.runtime import interpreter

earlier = "a test module that was collected earlier loads triton"
assert isinstance(language.sum, interpreter.InterpretedFunction), earlier

# A third of the interpreter's time goes into whole numbers computed once more, for a check of their
# overflow that only its debug mode looks at.
interpreter.interpreter_builder.options = interpreter.InterpreterOptions(sanitize_overflow=False)
