"""The metrics of runs as curves: which there are, smoothed, averaged and thinned out."""
