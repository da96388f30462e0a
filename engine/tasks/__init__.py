"""Tasks: which classes and examples make an episode."""
