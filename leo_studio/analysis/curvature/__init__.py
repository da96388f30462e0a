"""What the curvature of runs' adaptation says: rows for people, sentences, figures and tables."""
