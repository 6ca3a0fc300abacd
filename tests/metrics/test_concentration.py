import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import binom

import lhp_metrics as lhp

JRO = lhp.annual_report_2023_24().jro
FEW = {"resamples": 100}

partners = st.dictionaries(
    st.text("ABC", min_size=1, max_size=3), st.integers(0, 300), min_size=2, max_size=6
).filter(lambda counts: any(counts.values()))


def tally(counts):
    return lhp.RegistrationTally.from_counts(counts)


def indices(found):
    return found.herfindahl_hirschman, found.effective_partners, found.gini


def test_the_jros_indices_match_their_definitions():
    # The mean difference between all pairs is Gini's own definition (Gini 1912), and the sum of
    # squared shares Herfindahl's: computed here pair by pair, not by sorting.
    counts = np.array([26, 34, 8, 69, 17, 10])
    shares = counts / counts.sum()
    gini = np.abs(shares[:, None] - shares).sum() / (2 * len(shares))

    found = lhp.concentration(JRO)

    assert found.herfindahl_hirschman.value == pytest.approx((shares**2).sum())
    assert found.effective_partners.value == pytest.approx(1 / (shares**2).sum())
    assert found.gini.value == pytest.approx(gini)
    assert (found.groups, found.count) == (6, 164)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param({"A": 5, "B": 5, "C": 5, "D": 5}, (0.25, 4.0, 0.0), id="even"),
        pytest.param({"A": 5, "B": 0, "C": 0, "D": 0}, (1.0, 1.0, 0.75), id="all with one"),
        pytest.param({"A": 5}, (1.0, 1.0, 0.0), id="one partner"),
    ],
)
def test_the_ends_of_the_range(counts, expected):
    found = lhp.concentration(tally(counts), **FEW)

    assert tuple(index.value for index in indices(found)) == pytest.approx(expected)
    for value, low, high in indices(found):
        assert low <= value <= high


def test_evenness_is_covered_and_not_certain():
    found = lhp.concentration(tally({"A": 10, "B": 10, "C": 10}))

    assert found.effective_partners.high == 3
    assert found.effective_partners.low < 2.6
    assert found.gini.low == 0 < found.gini.high


@settings(max_examples=25)
@given(partners)
def test_values_lie_in_their_limits_and_these_in_the_possible(counts):
    groups = len(counts)

    found = lhp.concentration(tally(counts), **FEW)

    ranges = ((1 / groups, 1), (1, groups), (0, 1 - 1 / groups))
    for (value, low, high), (least, most) in zip(indices(found), ranges, strict=True):
        assert least - 1e-12 <= low <= value + 1e-12
        assert value - 1e-12 <= high <= most + 1e-12


@settings(max_examples=25)
@given(partners, st.randoms())
def test_the_order_of_partners_does_not_matter(counts, random):
    shuffled = list(counts.items())
    random.shuffle(shuffled)

    one, two = (lhp.concentration(tally(dict(c)), **FEW) for c in (counts.items(), shuffled))

    for first, second in zip(indices(one), indices(two), strict=True):
        assert tuple(first) == pytest.approx(tuple(second))


@settings(max_examples=25)
@given(partners)
def test_merging_two_partners_never_raises_the_effective_number(counts):
    first, second = sorted(counts)[:2]

    apart = lhp.concentration(tally(counts), **FEW)
    merged = lhp.concentration(tally(counts).regroup({"merged": [first, second]}), **FEW)

    assert merged.effective_partners.value <= apart.effective_partners.value * (1 + 1e-12)


def test_more_confidence_means_wider_intervals():
    narrow, wide = (lhp.concentration(JRO, confidence_level=level) for level in (0.8, 0.99))

    for inner, outer in zip(indices(narrow), indices(wide), strict=True):
        assert outer.low < inner.low < inner.high < outer.high


def test_the_same_seed_gives_the_same_limits():
    assert lhp.concentration(JRO, seed=3) == lhp.concentration(JRO, seed=3)
    assert lhp.concentration(JRO, seed=3) != lhp.concentration(JRO, seed=4)


@pytest.mark.parametrize("shares", [[1 / 6] * 6, [26, 34, 8, 69, 17, 10], [90, 4, 3, 1, 1, 1]])
def test_the_limits_cover_as_often_as_they_say(shares):
    truth = np.array(shares) / np.sum(shares)
    index = (truth**2).sum()
    gini = np.abs(truth[:, None] - truth).sum() / 12
    drawn = np.random.default_rng(11).multinomial(120, truth, size=150)

    found = [
        lhp.concentration(tally(dict(zip("ABCDEF", map(int, counts), strict=True))), **FEW)
        for counts in drawn
    ]

    # 95 % are meant; 150 samples have a standard error of 1.8 points, 100 resamples add theirs.
    for true, name in ((index, "herfindahl_hirschman"), (gini, "gini")):
        limits = [getattr(each, name) for each in found]
        covered = np.mean([e.low - 1e-9 <= true <= e.high + 1e-9 for e in limits])
        assert covered > 0.88


def test_nothing_has_no_concentration():
    found = lhp.concentration(tally({"A": 0, "B": 0}))

    assert all(math.isnan(index.value) for index in indices(found))
    assert (found.effective_partners.low, found.effective_partners.high) == (1, 2)


def test_the_printed_form_says_how_it_was_made():
    text = str(lhp.concentration(JRO))

    assert "Effective partners          3.8 (3.3 to 4.5)" in text
    assert "bias-corrected by inversion (4,000 resamples, seed 0)" in text
    assert "Period: 20 Nov 2023 to 31 Mar 2024" in text


STUDY = lhp.Study(study_id="S", registered_on="2023-05-01", sites=["REM", "REN"])


@pytest.mark.parametrize(
    ("counted", "options", "message"),
    [
        (
            lhp.tally_registrations([STUDY], attribution="fractional"),
            {},
            "concentration needs whole records that each stand in one group; got records that "
            "groups divide or share",
        ),
        (
            lhp.tally_registrations([STUDY], attribution="whole"),
            {},
            "concentration needs whole records that each stand in one group; got records that "
            "groups divide or share",
        ),
        (lhp.tally_registrations([]), {}, "the tally is empty, it counts no records"),
        (JRO, {"resamples": 10}, "resamples must be at least 100; got 10"),
    ],
)
def test_what_has_no_concentration_is_refused(counted, options, message):
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.concentration(counted, **options)

    assert str(caught.value) == message


@pytest.mark.parametrize("split", [(6, 2), (9, 7), (5, 0)])
def test_the_limits_of_two_partners_are_those_of_the_exact_distribution(split):
    # Of two partners both indices grow with the distance from the half, whose distribution is
    # binomial: what was tried is the share of the larger at which half of the ties and all beyond
    # have the probability of a tail.
    records, more = sum(split), np.arange(sum(split) + 1)
    distance, observed = np.abs(2 * more - records), abs(split[0] - split[1])

    def reach(share, seen):
        chance = binom.pmf(more, records, share)
        return chance[distance > seen].sum() + chance[distance == seen].sum() / 2

    def limit(seen, tail):
        if reach(0.5, seen) > tail:
            return 0.5
        return brentq(lambda share: reach(share, seen) - tail, 0.5, 1) if seen < records else 1.0

    even = binom.pmf(more, records, 0.5)
    order = np.argsort(distance, kind="stable")
    usual = distance[order][np.searchsorted(even[order].cumsum(), 0.5)]
    low, high = limit(observed, 0.025), limit(max(observed, usual), 0.975)

    found = lhp.concentration(tally(dict(zip("AB", split, strict=True))), resamples=20_000)

    squares = [share**2 + (1 - share) ** 2 for share in (low, high)]
    index = found.herfindahl_hirschman
    assert (index.low, index.high) == pytest.approx(squares, abs=0.01)
    assert (found.gini.low, found.gini.high) == pytest.approx([low - 0.5, high - 0.5], abs=0.01)


@pytest.mark.parametrize("records", [1, 7, 1_000])
@pytest.mark.parametrize("groups", [2, 3, 10])
def test_where_one_has_everything_that_is_not_excluded(records, groups):
    counts = dict.fromkeys(map(str, range(groups)), 0) | {"0": records}

    found = lhp.concentration(tally(counts), **FEW)

    assert found.herfindahl_hirschman.high == 1
    assert found.effective_partners.low == 1
    assert found.gini.high == pytest.approx(1 - 1 / groups, abs=1e-15)
