"""What can be chosen about how pictures become embeddings, for store, encoder and command line.

Beside the record of an encoder, since the command line needs these at every start, and no pydantic.
"""

from typing import Literal

Views = Literal["center", "mean", "each"]
Layout = Literal["NCHW", "NHWC"]
