"""One episode as a figure, and the changes that are made to it by hand."""
