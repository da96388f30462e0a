"""Learners: what turns a support set into a predictor."""
