"""The name of the built-in store, and whether a store's file is there."""

from typing import Literal

BUILT_IN_STORE = "glyphs"  # drawn when it is first needed; no other store is called so
StoreState = Literal["there", "built in", "missing"]
