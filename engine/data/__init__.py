"""Data: the embedding store, the built-in glyphs, integrity checks and importers."""
