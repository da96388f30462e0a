"""Export: weights, programs and bundles that other software reads."""
