"""Short answers as ranges of words: hand-worked scores."""

from __future__ import annotations

import numpy as np
import pytest

from rag.spans import IMPOSSIBLE, LONGEST, choose_span, rate_ranges


def test_the_short_answer_is_what_most_likely_ranges_share() -> None:
    # Tokens a b c d e: « b c » and « b c d » have each a bit less than « e », and overlap.
    shares = np.full((5, LONGEST), 1e-9)
    shares[1, 1], shares[1, 2], shares[4, 0] = 0.32, 0.32, 0.36
    first, last, share = choose_span(np.log(shares))
    assert (first, last) in {(1, 2), (1, 3)}
    assert share == pytest.approx(0.32, abs=1e-3)


def test_a_sentence_of_one_word_is_its_own_short_answer() -> None:
    scores = np.full((1, LONGEST), IMPOSSIBLE)
    scores[0, 0] = -3.0
    assert choose_span(scores) == (0, 0, 1.0)


def test_the_likeliest_range_of_each_sentence() -> None:
    # Two sentences, of two tokens and one.
    scores = np.full((3, LONGEST), IMPOSSIBLE)
    scores[0, :2], scores[1, 0], scores[2, 0] = np.log((1, 2)), np.log(5), np.log(7)
    ranges = rate_ranges(scores, np.array([0, 2]))
    np.testing.assert_allclose(ranges.best, np.log((5, 7)), rtol=1e-6)
    np.testing.assert_allclose(ranges.share, (5 / 8, 1), rtol=1e-6)
    assert ranges.list_likeliest(0)[:2] == (1, 1)
    assert ranges.list_likeliest(1)[:2] == (2, 2)
