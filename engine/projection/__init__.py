"""Latent codes in two dimensions: held linear bases, and embeddings such as t-SNE.

Everything here works on numpy arrays; scikit-learn is imported when something is fitted.

Shapes: L latent size.
"""

from engine.projection.embedding import Embedding, embed
from engine.projection.linear import LinearBasis, fit_lda, fit_pca

__all__ = ["Embedding", "LinearBasis", "embed", "fit_lda", "fit_pca"]
