"""What is said of few-shot regression: who shows it, in which order tasks stand, and in words."""
