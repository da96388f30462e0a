"""What tells runs apart, and how they did on the same episodes."""
