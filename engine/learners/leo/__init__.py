"""LEO: Latent Embedding Optimization (Rusu et al., ICLR 2019)."""
