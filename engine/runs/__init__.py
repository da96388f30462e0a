"""A run on disk: one folder with its record, metrics, checkpoints and notes."""
