import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.learners.linear_embedding.learner import Parameters, initial_parameters
from engine.learners.protonet.model import classifier


@given(
    b=st.integers(1, 3),
    n=st.integers(2, 5),
    k=st.integers(1, 4),
    d=st.integers(2, 9),
    e=st.integers(1, 9),
    seed=st.integers(0, 2**31),
)
def test_probabilities_are_the_softmax_of_negative_squared_distances_to_the_prototypes(
    b: int, n: int, k: int, d: int, e: int, seed: int
) -> None:
    g = torch.Generator().manual_seed(seed)
    projection = torch.randn(d, e, generator=g, dtype=torch.float64)
    support = torch.randn(b, n, k, d, generator=g, dtype=torch.float64)
    query = torch.randn(b, 6, d, generator=g, dtype=torch.float64)
    found = classifier(Parameters(projection), support).own_logits(query).softmax(-1)
    prototypes = (support @ projection).mean(2)
    distances = torch.cdist(query @ projection, prototypes).square()
    torch.testing.assert_close(found, (-distances).softmax(-1), rtol=1e-8, atol=1e-10)


def test_members_of_a_population_do_not_meet() -> None:
    g = torch.Generator().manual_seed(0)
    projections = torch.randn(3, 7, 4, generator=g)
    support = torch.randn(3, 2, 5, 2, 7, generator=g)
    together = classifier(Parameters(projections), support)
    for member in range(3):
        alone = classifier(Parameters(projections[member]), support[member])
        torch.testing.assert_close(together.weights[member], alone.weights)
        assert together.bias is not None and alone.bias is not None
        torch.testing.assert_close(together.bias[member], alone.bias)


@pytest.mark.parametrize(("dim", "size"), [(16, 4), (16, 16)])
def test_training_begins_with_distances_between_the_embeddings_times_a_scale(
    dim: int, size: int
) -> None:
    """Of what lies in the space that the projection keeps."""
    (projection,) = initial_parameters(dim, size, 10.0, torch.Generator().manual_seed(3))
    assert projection.shape == (dim, size)
    inside = torch.randn(5, size) @ (projection / 10**0.5).mT
    torch.testing.assert_close(
        torch.cdist(inside @ projection, inside @ projection).square(),
        10 * torch.cdist(inside, inside).square(),
        rtol=1e-4,
        atol=1e-4,
    )
