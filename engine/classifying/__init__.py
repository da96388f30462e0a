"""Classifying: a run's learner adapted to classes of a person's own, and asked about pictures."""
