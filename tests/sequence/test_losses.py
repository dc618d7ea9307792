"""Every loss and bonus against dense references in numpy, with float64 and plain loops."""

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="run `make sequence-tools` for the sequential models")
import jax.numpy as jnp  # noqa: E402
from flax import nnx  # noqa: E402

from ritornello.sequence import losses  # noqa: E402
from ritornello.sequence.bonus import (  # noqa: E402
    counts_at,
    running_counts,
    sigmoid_logit,
    softmax_bonus,
    whole_counts,
)
from ritornello.sequence.configuration import CONFIGURATIONS  # noqa: E402
from ritornello.sequence.objective import causal_loss, masked_loss  # noqa: E402
from ritornello.sequence.windows import hide  # noqa: E402
from sequence.models import ITEMS, TINY, network, windows, zeroed  # noqa: E402

RANDOM = np.random.default_rng(5)
REAL = np.array([[True, True, False], [False, True, True]])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def published_gbce(positive, negative, power):
    """The transformed logit ln(1 / (sigmoid(s)^-beta - 1)), then BCE over 1 + k logits."""
    moved = np.log(1 / (sigmoid(positive) ** -power - 1))
    both = -np.log(sigmoid(moved)) - np.log(1 - sigmoid(negative)).sum(-1)
    return (both / (1 + negative.shape[-1]))[REAL].mean()


@pytest.mark.parametrize("power", [1.0, losses.beta(6, items=30, calibration=0.75)])
def test_bce_and_gbce_are_those_of_the_papers(power):
    positive, negative = RANDOM.normal(size=(2, 3)), RANDOM.normal(size=(2, 3, 6))
    ours = losses.binary(jnp.asarray(positive), jnp.asarray(negative), REAL, power=power)
    assert float(ours) == pytest.approx(published_gbce(positive, negative, power), rel=1e-5)


def test_beta_goes_from_1_to_the_share_of_negatives():
    assert losses.beta(6, items=31, calibration=0.0) == pytest.approx(1.0)
    assert losses.beta(6, items=31, calibration=1.0) == pytest.approx(0.2)


def test_the_sampled_softmax_leaves_out_negatives_that_are_the_positive():
    positive, negative = RANDOM.normal(size=(2, 3)), RANDOM.normal(size=(2, 3, 4))
    same = np.zeros((2, 3, 4), bool)
    same[:, :, 1] = True
    others = np.exp(negative[:, :, [0, 2, 3]]).sum(-1)
    wanted = -np.log(np.exp(positive) / (np.exp(positive) + others))[REAL].mean()
    assert float(losses.sampled(positive, negative, same, REAL)) == pytest.approx(wanted, rel=1e-5)


def test_the_full_softmax_is_the_log_of_the_targets_share():
    logits, targets = RANDOM.normal(size=(2, 3, 7)), np.array([[1, 0, 6], [2, 2, 3]])
    shares = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    chosen = np.take_along_axis(shares, targets[..., None], -1)[..., 0]
    wanted = -np.log(chosen)[REAL].mean()
    assert float(losses.full(logits, targets, REAL)) == pytest.approx(wanted, rel=1e-5)


def test_counts_are_those_of_the_plays_up_to_a_position():
    rows = windows()
    asked = RANDOM.integers(0, ITEMS, (*rows.shape, 3)).astype(np.int32)
    asked[..., 0] = np.where(rows < ITEMS, rows, 0)
    shared = asked[:, 0]
    dense = np.zeros((len(rows), rows.shape[1], ITEMS + 1))
    for row in range(len(rows)):
        for at in range(rows.shape[1]):
            for item in rows[row, : at + 1]:
                dense[row, at, item] += 1
    np.testing.assert_array_equal(counts_at(rows, asked), np.take_along_axis(dense, asked, axis=2))
    np.testing.assert_array_equal(
        running_counts(rows, shared),
        np.take_along_axis(dense, np.broadcast_to(shared[:, None], asked.shape), axis=2),
    )
    np.testing.assert_array_equal(whole_counts(rows, items=ITEMS), dense[:, -1, :ITEMS])


def test_bonuses_are_the_papers_formulas():
    counts = np.array([0.0, 1.0, 10.0, 3.0])
    total, items, eps = counts.sum(), 4, 0.01
    q = (counts + eps) / (total + items * eps)
    np.testing.assert_allclose(
        sigmoid_logit(counts, total, items=items, eps=eps), np.log(q / (1 - q)), rtol=1e-5
    )
    y = np.log((counts + eps) / (counts + eps).max())
    np.testing.assert_allclose(softmax_bonus(counts, eps=eps), y - y[0], rtol=1e-5)


@pytest.mark.parametrize("name", ["sasrec_pps", "gsasrec", "bert4rec_pps", "gated_pps"])
def test_gradients_of_a_model_are_those_of_finite_differences(name):
    """Popularity has no weights, so it has no gradient: the derivative is that of the network."""
    configuration = CONFIGURATIONS[name]
    settings = TINY.model_copy(update={"dropout": 0.0})
    model = network(configuration, settings=settings, scale=0.3)
    graph, weights, others = nnx.split(model, nnx.Param, ...)
    leaves, tree = jax.tree.flatten(weights)
    rows, key = windows(4, length=12 + configuration.causal), jax.random.key(2)
    hidden = hide(rows, share=0.4, padding=ITEMS, most=6, random=np.random.default_rng(1))

    @jax.jit
    def loss(leaves):
        model = nnx.merge(graph, jax.tree.unflatten(tree, leaves), others)
        if configuration.causal:
            return causal_loss(model, configuration, settings, jnp.asarray(rows), key)
        return masked_loss(model, configuration, settings, *map(jnp.asarray, hidden), key)

    gradients = jax.device_get(jax.jit(jax.grad(loss))(leaves))
    leaf = max(range(len(leaves)), key=lambda one: np.abs(gradients[one]).max())
    place = np.unravel_index(np.abs(gradients[leaf]).argmax(), gradients[leaf].shape)

    def moved(step):
        return [one.at[place].add(step) if at == leaf else one for at, one in enumerate(leaves)]

    difference = (float(loss(moved(5e-3))) - float(loss(moved(-5e-3)))) / 1e-2
    assert abs(gradients[leaf][place]) > 1e-2
    assert difference == pytest.approx(gradients[leaf][place], rel=0.02)


def test_a_target_is_never_among_the_counts_that_predict_it():
    """A zeroed causal model with popularity loses as much on first plays, wherever they stand."""
    configuration = CONFIGURATIONS["gated_pps"]
    model = zeroed(configuration)
    rows = np.arange(13, dtype=np.int32)[None]  # nothing is played twice
    settings = TINY.model_copy(update={"dropout": 0.0, "negatives": 4})
    key = jax.random.key(0)
    loss = float(causal_loss(model, configuration, settings, jnp.asarray(rows), key))
    drawn = np.asarray(jax.random.randint(key, (1, 4), 0, ITEMS))[0]
    wanted = []
    for at in range(12):
        negatives = [0.0 if item > at else np.log1p(1 / 0.01) for item in drawn if item != at + 1]
        wanted.append(np.log(1 + np.exp(negatives).sum()))
    assert loss == pytest.approx(np.mean(wanted), rel=1e-5)
