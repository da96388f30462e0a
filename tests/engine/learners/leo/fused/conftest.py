"""The kernels, without a GPU: triton's interpreter does what they say, tile by tile."""

import os

import pytest

# Read when the kernels are defined, so before any of them is imported.
os.environ["TRITON_INTERPRET"] = "1"

pytest.importorskip("triton", reason="there is no triton for this platform")
