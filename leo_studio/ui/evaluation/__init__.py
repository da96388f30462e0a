"""The evaluation panel: a run measured on a split, with all that is behind the number."""

from leo_studio.ui.evaluation.panel import EvaluationPanel

__all__ = ["EvaluationPanel"]
