import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge as Reference

from engine.learners.baselines.ridge import classifier


@given(
    n=st.integers(2, 5),
    k=st.integers(1, 4),
    d=st.integers(2, 30),
    penalty=st.floats(1e-3, 100),
    seed=st.integers(0, 2**31),
)
def test_weights_are_those_of_ridge_regression(
    n: int, k: int, d: int, penalty: float, seed: int
) -> None:
    g = torch.Generator().manual_seed(seed)
    support = torch.randn(2, n, k, d, generator=g, dtype=torch.float64)
    found = classifier(support, penalty, 3.0).weights
    targets = 2 * np.repeat(np.eye(n), k, axis=0) - 1
    for task in range(2):
        examples = support[task].reshape(n * k, d).numpy()
        fitted = Reference(alpha=penalty, fit_intercept=False).fit(examples, targets)
        np.testing.assert_allclose(found[task].numpy(), 3.0 * fitted.coef_, rtol=1e-6, atol=1e-8)


def test_a_task_is_fitted_the_same_in_every_batch() -> None:
    support = torch.randn(7, 4, 2, 20, generator=torch.Generator().manual_seed(1))
    together = classifier(support, 1.0, 10.0).weights
    for task in range(7):
        assert torch.equal(together[task], classifier(support[task : task + 1], 1.0, 10.0)[0][0])
