"""What a report says of runs of regression: evaluations beside the limit, and single tasks."""
