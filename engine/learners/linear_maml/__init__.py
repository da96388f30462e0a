"""MAML and Meta-SGD on a linear classifier: initial weights, and step sizes, for a few steps."""
