"""What leaves the studio: weights, programs and bundles that others read without it."""
