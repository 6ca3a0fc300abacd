import numpy as np
import pytest

from lhp_metrics.intervals._score import corrected, falling_root, normal_tails


@pytest.fixture(autouse=True)
def _as_the_frame_does():
    with np.errstate(all="ignore"):
        yield


def test_a_falling_function_is_solved_for_all_elements_at_once():
    goals = np.array([1e-12, 0.3, 2.0, 7e8])

    root = falling_root(lambda u, goal: goal - u * u, (goals,), np.sqrt(goals) * 1.5, goals + 10)

    np.testing.assert_allclose(root, np.sqrt(goals), rtol=4e-16)


def test_a_root_hit_exactly_is_returned_as_it_is():
    root = falling_root(lambda u: 0.1 - u, (), np.array([0.1]), np.array([1.0]))

    assert root[0] == 0.1


def test_without_a_change_of_sign_the_root_is_at_the_end():
    shift = np.array([-1.0, 2.0])

    root = falling_root(lambda u, s: s - u, (shift,), np.array([0.5, 0.5]), np.ones(2))

    np.testing.assert_allclose(root, [0, 1], atol=1e-15)


def test_a_kink_and_a_misleading_slope_do_not_lead_astray():
    def kinked(u):
        return np.where(u < 0.7, 1.0 - 1e-6 * u, 50 * (0.72 - u))

    root = falling_root(kinked, (), np.array([0.1]), np.array([1.0]))

    assert root[0] == pytest.approx(0.72, rel=1e-14)


# The defining equation of the correction: Laud (2017), Pharmaceutical Statistics 16, 334-348.
@pytest.mark.parametrize("skewness", [-1.0, -1e-9, 0.0, 1e-9, 0.5, 2.0])
def test_the_corrected_score_solves_its_equation(skewness):
    deviate = np.linspace(-1, 1, 15)

    z = corrected(deviate, np.full(15, skewness))

    np.testing.assert_allclose(z + skewness / 6 * (z * z - 1), deviate, atol=1e-15)


# With a = skewness/6 the roots of deviate = z + a (z² - 1) merge at z = -1/(2a).
@pytest.mark.parametrize("skewness", [-1.0, 0.5, 2.0])
def test_beyond_the_point_where_both_roots_merge_the_corrected_score_stays_there(skewness):
    a = skewness / 6
    merge = -1 / (4 * a) - a
    further = merge - np.sign(skewness) * np.array([1e-6, 1.0, 50.0])

    z = corrected(further, np.full(3, skewness))

    np.testing.assert_allclose(z, -1 / (2 * a), rtol=1e-15)


def test_an_undefined_deviate_says_nothing():
    above, below = normal_tails(np.array([np.nan, 0.0]))

    np.testing.assert_array_equal(above, 0.5)
    np.testing.assert_array_equal(below, 0.5)
