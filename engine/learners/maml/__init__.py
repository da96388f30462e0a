"""MAML and Meta-SGD: initial weights, and step sizes, from which gradient steps fit a task."""
