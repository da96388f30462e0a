"""LEO for regression: one latent code of a task generates all weights of a small network."""
