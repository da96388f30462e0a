"""Transductive learners: they see all queries of an episode at once, without their labels."""
