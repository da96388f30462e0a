"""Widgets that panels share: plots, matrices, colours and the registry of actions."""
