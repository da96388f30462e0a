"""Computation from records for windows, commands and reports: numbers, words, figures as data."""
