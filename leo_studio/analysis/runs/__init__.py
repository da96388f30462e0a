"""Names of runs, the search among them, and a table of them all."""
