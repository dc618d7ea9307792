"""The network against its twin in numpy, and what it must not see."""

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="run `make sequence-tools` for the sequential models")
import jax.numpy as jnp  # noqa: E402

from ritornello.sequence.configuration import CONFIGURATIONS  # noqa: E402
from ritornello.sequence.forward import all_scores  # noqa: E402
from ritornello.sequence.network import weights_of  # noqa: E402
from ritornello.sequence.objective import last_scores  # noqa: E402
from sequence.models import ITEMS, TINY, network, windows, zeroed  # noqa: E402


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_executors_score_as_the_network_does(name):
    configuration, rows = CONFIGURATIONS[name], windows()
    model = network(configuration)
    ours = np.stack(
        [all_scores(weights_of(model), configuration, row, eps=TINY.eps) for row in rows]
    )
    theirs = np.asarray(last_scores(model, configuration, TINY, jnp.asarray(rows)))
    assert np.ptp(theirs) > 1
    np.testing.assert_allclose(ours, theirs, atol=2e-4, rtol=2e-4)


@pytest.mark.parametrize("name", ["sasrec", "gated"])
def test_no_position_sees_its_future(name):
    model, rows = network(CONFIGURATIONS[name]), windows()[1:2]
    before = np.asarray(model(jnp.asarray(rows)))
    later = rows.copy()
    later[0, 7:] = (later[0, 7:] + 1) % ITEMS
    after = np.asarray(model(jnp.asarray(later)))
    np.testing.assert_array_equal(before[0, :7], after[0, :7])
    assert np.abs(before[0, 7:] - after[0, 7:]).max() > 1e-3


@pytest.mark.parametrize("name", ["sasrec", "bert4rec", "gated"])
def test_padding_never_counts(name):
    configuration, rows = CONFIGURATIONS[name], windows()
    model = network(configuration)
    before = last_scores(model, configuration, TINY, jnp.asarray(rows))
    model.read.embedding[...] = model.read.embedding[...].at[ITEMS].add(5.0)
    after = last_scores(model, configuration, TINY, jnp.asarray(rows))
    np.testing.assert_allclose(before, after, atol=1e-5)


@pytest.mark.parametrize("name", [name for name in CONFIGURATIONS if name.endswith("_pps")])
def test_with_a_zeroed_network_popularity_in_the_window_alone_ranks(name):
    configuration, rows = CONFIGURATIONS[name], windows(12, seed=3)
    scores = np.asarray(last_scores(zeroed(configuration), configuration, TINY, jnp.asarray(rows)))
    read = rows if configuration.causal else rows[:, 1:]  # the mask takes one place
    counts = np.stack([np.bincount(row, minlength=ITEMS + 1)[:ITEMS] for row in read])
    for row in range(len(rows)):
        by_count = [set(np.flatnonzero(counts[row] == c)) for c in np.unique(counts[row])]
        by_score = [set(np.flatnonzero(scores[row] == s)) for s in np.unique(scores[row])]
        assert by_score == by_count
