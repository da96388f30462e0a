"""The Experiment panel: presets, data, and a form made from the `Experiment` schema."""

from leo_studio.ui.experiment.panel import ExperimentPanel

__all__ = ["ExperimentPanel"]
