"""The runs panel: every run on disk, found, annotated, resumed, compared and thrown away."""
