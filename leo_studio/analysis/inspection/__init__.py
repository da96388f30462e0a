"""What the inspection of an episode says in words."""
