"""The inspection of an episode in words."""
