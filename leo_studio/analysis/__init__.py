"""What windows, commands and reports compute from records: numbers, words, and figures as data."""
