"""A run, or several, as one page: what was done, what came of it, and how to do it again."""
