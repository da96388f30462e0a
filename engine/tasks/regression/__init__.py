"""Few-shot regression: tasks out of a prior over functions, and the Bayes-optimal prediction."""

from engine.tasks.regression.families import FUNCTION_FAMILIES, FunctionFamily, Prior
from engine.tasks.regression.functions import FunctionTasks, sample_functions

__all__ = ["FUNCTION_FAMILIES", "FunctionFamily", "FunctionTasks", "Prior", "sample_functions"]
