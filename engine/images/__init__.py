"""Pictures in: where they come from, how they become embeddings, and the store that these make."""
