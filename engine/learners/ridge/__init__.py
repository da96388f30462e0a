"""Ridge regression on the support set, which needs no training."""
