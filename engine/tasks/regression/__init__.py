"""Few-shot regression: tasks out of a prior over functions, and the Bayes-optimal prediction."""

from engine.tasks.regression.families import FUNCTION_FAMILIES, FunctionFamily, Prior
from engine.tasks.regression.functions import FunctionTasks, sample_functions
from engine.tasks.regression.limit import Limit, limit_functions, limit_of
from engine.tasks.regression.limit_file import (
    evaluation_tasks,
    keeping_limit,
    kept_limit,
    limit_name,
)

__all__ = [
    "FUNCTION_FAMILIES",
    "FunctionFamily",
    "FunctionTasks",
    "Limit",
    "Prior",
    "evaluation_tasks",
    "keeping_limit",
    "kept_limit",
    "limit_functions",
    "limit_name",
    "limit_of",
    "sample_functions",
]
