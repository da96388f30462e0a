"""Tasks: the sampling of episodes, and the scores of each family of tasks."""
