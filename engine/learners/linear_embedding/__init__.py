"""What learners of a linear embedding have in common: weights, loss and columns."""
