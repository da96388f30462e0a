"""Episodes in full: where codes start, where adaptation takes them, and what that does."""
