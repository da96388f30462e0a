"""Confusions of classes over many episodes."""
