"""Few-shot regression: tasks out of a prior, with its Bayes-optimal prediction, or a file."""

from engine.tasks.regression.families import FUNCTION_FAMILIES, FunctionFamily, Prior
from engine.tasks.regression.functions import FunctionTasks, sample_functions
from engine.tasks.regression.limit import Limit, limit_functions, limit_of
from engine.tasks.regression.limit_file import (
    evaluation_tasks,
    keeping_limit,
    kept_limit,
    limit_name,
)
from engine.tasks.regression.measured import FileFunctions
from engine.tasks.regression.source import FunctionSource, PriorFunctions, prior_of, source_of

__all__ = [
    "FUNCTION_FAMILIES",
    "FileFunctions",
    "FunctionFamily",
    "FunctionSource",
    "FunctionTasks",
    "Limit",
    "Prior",
    "PriorFunctions",
    "evaluation_tasks",
    "keeping_limit",
    "kept_limit",
    "limit_functions",
    "limit_name",
    "limit_of",
    "prior_of",
    "sample_functions",
    "source_of",
]
