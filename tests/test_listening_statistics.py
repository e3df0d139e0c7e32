"""Statistics of listening tests: known answers, and simulated studies whose truth is known."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom, binomtest, norm, ttest_1samp

from technogen.errors import ListeningError
from technogen.evaluation.listening.power import (
    answers_for_difference,
    answers_for_equivalence,
    power_of_difference,
    power_of_equivalence,
)
from technogen.evaluation.listening.statistics import (
    Clustering,
    adjust_holm,
    analyse_answers,
    clustered_difference,
    exact_difference,
    exact_equivalence,
    measure_clustering,
    measure_sensitivity,
    wilson_interval,
)

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from listening_simulation import Setting, exact_coverage, simulate

STUDIES = 2000
ERROR = 3.5 * (0.05 * 0.95 / STUDIES) ** 0.5  # one in some thousand tests may fall outside


@pytest.mark.parametrize("n", [1, 2, 17, 100, 333])
def test_the_difference_is_the_exact_binomial_test(n):
    for k in range(0, n + 1, 1 + n // 7):
        assert exact_difference(k, n) == pytest.approx(binomtest(k, n, 0.5).pvalue, abs=1e-12)


def test_equivalence_is_two_one_sided_exact_tests():
    for k, n, margin in ((104, 200, 0.1), (50, 100, 0.1), (70, 100, 0.15), (0, 5, 0.1)):
        low = binomtest(k, n, 0.5 - margin, alternative="greater").pvalue
        high = binomtest(k, n, 0.5 + margin, alternative="less").pvalue
        assert exact_equivalence(k, n, margin) == pytest.approx(max(low, high))


def test_half_of_a_few_answers_shows_nothing_and_of_many_shows_equivalence():
    assert exact_difference(10, 20) == 1
    assert exact_equivalence(10, 20, 0.1) > 0.2
    assert exact_equivalence(200, 400, 0.1) < 0.001


def test_wilson_is_that_of_the_literature():
    for k, n in ((53, 100), (0, 10), (10, 10), (3, 7)):
        known = binomtest(k, n).proportion_ci(0.95, method="wilson")
        found = wilson_interval(k, n)
        assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=1e-12)


def test_the_clustered_interval_and_test_agree():
    for k in (40, 45, 52, 70):
        clustering = Clustering(np.array(1.7), 9)
        interval = wilson_interval(k, 100, clustering=clustering)
        outside = not interval.low <= 0.5 <= interval.high
        assert outside == (clustered_difference(k, 100, clustering) < 0.05)


def test_clustering_of_equal_listeners_is_the_variance_of_their_shares():
    generator = np.random.default_rng(1)
    shares = np.array([1, 1, 1, 0.75, 0.25, 0, 1, 0.5])
    correct = np.array([[i < 4 * share for i in range(4)] for share in shares]).ravel()
    listeners = np.repeat(np.arange(8), 4)
    found = measure_clustering(correct, listeners)
    mean = correct.mean()
    standard_error = ttest_1samp(shares, 0.5)
    known = ((shares.mean() - 0.5) / standard_error.statistic) ** 2 / (mean * (1 - mean) / 32)
    assert found.design_effect == pytest.approx(known)
    assert found.freedom == pytest.approx(7)
    order = generator.permutation(32)
    assert measure_clustering(correct[order], listeners[order]).design_effect == pytest.approx(known)


def test_answers_that_are_less_alike_than_by_chance_do_not_count_as_more():
    correct = np.tile([True, False], 30)
    assert measure_clustering(correct, np.repeat(np.arange(30), 2)).design_effect == 1
    assert measure_clustering(np.ones(60), np.repeat(np.arange(30), 2)).design_effect == 1


def test_pairs_that_everybody_tells_count_as_few():
    listeners, pairs = np.repeat(np.arange(20), 10), np.tile(np.arange(10), 20)
    correct = pairs < 7
    found = analyse_answers(correct, listeners, pairs, margin=0.1)
    assert found.clustering.design_effect > 10
    assert found.p_difference > 0.1 > exact_difference(140, 200)


def test_listeners_who_left_early_count_as_less_than_one():
    listeners = np.repeat(np.arange(4), [10, 10, 1, 1])
    found = measure_clustering(np.arange(22) % 3 == 0, listeners)
    assert found.freedom == pytest.approx(22**2 / 202 - 1)


def test_one_listener_is_tested_as_one():
    found = analyse_answers(np.arange(100) % 2 == 0, np.zeros(100, int), margin=0.2)
    assert found.clustering.freedom == 0
    assert found.p_equivalence == exact_equivalence(50, 100, 0.2)


def test_thousands_of_studies_are_tested_as_each_alone():
    generator = np.random.default_rng(2)
    correct = generator.random((5, 60)) < 0.6
    listeners, pairs = np.repeat(np.arange(10), 6), np.tile(np.arange(6), 10)
    together = analyse_answers(correct, listeners, pairs, margin=0.1)
    for i, row in enumerate(correct):
        alone = analyse_answers(row, listeners, pairs, margin=0.1)
        assert alone.p_difference == pytest.approx(together.p_difference[i])
        assert alone.p_equivalence == pytest.approx(together.p_equivalence[i])


def test_no_answers_are_an_error():
    with pytest.raises(ListeningError, match="no answers"):
        analyse_answers([], [], margin=0.1)


def test_holm():
    assert adjust_holm([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))
    assert adjust_holm([0.9, 0.8]) == (1, 1)
    assert adjust_holm([0.02]) == (0.02,)


def test_d_prime_of_known_listeners():
    guessing = measure_sensitivity(50, 100, 50, 100, pairs=False)
    assert (guessing.d_prime, guessing.bias) == pytest.approx((0, 0))
    for d in (0.5, 1.0, 2.0):
        n = 100_000
        hits, alarms = round(n * norm.cdf(d / 2)), round(n * norm.cdf(-d / 2))
        assert measure_sensitivity(hits, n, alarms, n, pairs=False).d_prime == pytest.approx(d, abs=0.01)
        right = norm.cdf(d / 2**0.5)  # of pairs: d' = root 2 times z(share of right answers)
        found = measure_sensitivity(round(n * right), n, round(n * (1 - right)), n, pairs=True)
        assert found.d_prime == pytest.approx(d, abs=0.01)
    assert measure_sensitivity(90, 100, 80, 100, pairs=False).bias < -0.9
    perfect = measure_sensitivity(10, 10, 0, 10, pairs=False)
    assert np.isfinite([perfect.d_prime, perfect.low, perfect.high]).all()
    wide = measure_sensitivity(60, 100, 40, 100, pairs=True, design_effect=4)
    narrow = measure_sensitivity(60, 100, 40, 100, pairs=True)
    assert wide.high - wide.low == pytest.approx(2 * (narrow.high - narrow.low))


def test_the_interval_of_d_prime_holds_it_as_often_as_it_says():
    generator = np.random.default_rng(4)
    d, n, held = 0.8, 60, 0
    for hits, alarms in generator.binomial(n, [norm.cdf(d / 2), norm.cdf(-d / 2)], (400, 2)):
        found = measure_sensitivity(int(hits), n, int(alarms), n, pairs=False)
        held += found.low <= d <= found.high
    assert held / 400 == pytest.approx(0.95, abs=0.035)


@pytest.mark.parametrize("n", [1, 9, 37, 214])
def test_power_is_the_sum_over_what_the_tests_find(n):
    k = np.arange(n + 1)
    for share in (0.5, 0.6, 0.85):
        found = binom.pmf(k, n, share)[exact_difference(k, n) <= 0.05].sum()
        assert power_of_difference(n, share) == pytest.approx(found, abs=1e-12)
        found = binom.pmf(k, n, share)[exact_equivalence(k, n, 0.1) <= 0.05].sum()
        assert power_of_equivalence(n, 0.1, share=share) == pytest.approx(found, abs=1e-12)


def test_the_number_of_answers_is_the_least_that_reaches_the_power():
    for n, power in (
        (answers_for_difference(0.6), lambda n: power_of_difference(n, 0.6)),
        (answers_for_equivalence(0.1), lambda n: power_of_equivalence(n, 0.1)),
    ):
        assert power(n - 1) < 0.8
        assert (power(np.arange(n, 3 * n)) >= 0.8).all()
    assert answers_for_equivalence(0.1) == 227
    assert answers_for_equivalence(0.1, design_effect=2) == 454
    assert answers_for_equivalence(0.05) > 4 * 0.95 * 227
    with pytest.raises(ListeningError, match="power"):
        answers_for_equivalence(0.1, share=0.6)


@pytest.mark.parametrize(
    "setting",
    [Setting(1, 100, 100), Setting(18, 12, 12), Setting(20, 12, 24, 0.2, 0.2), Setting(20, 12, 24, 0.3, 0, True)],
)
def test_simulated_studies_claim_what_is_not_so_no_more_often_than_stated(setting):
    chance, edge = simulate(setting, 0.5, STUDIES, 11), simulate(setting, 0.6, STUDIES, 12)
    low = simulate(setting, 0.4, STUDIES, 13)
    assert chance.difference <= 0.05 + ERROR
    assert edge.equivalence <= 0.05 + ERROR
    assert low.equivalence <= 0.05 + ERROR
    if setting.listeners > 1:
        assert min(chance.clustered, edge.clustered) >= 0.95 - ERROR


def test_simulated_independent_answers_are_at_the_level_that_sums_give():
    setting = Setting(20, 12, 24)
    n = setting.total
    chance, edge = simulate(setting, 0.5, STUDIES, 21), simulate(setting, 0.6, STUDIES, 22)
    assert chance.exact_difference == pytest.approx(float(power_of_difference(n, 0.5)), abs=ERROR)
    assert edge.exact_equivalence == pytest.approx(float(power_of_equivalence(n, 0.1, share=0.6)), abs=ERROR)
    assert chance.wilson == pytest.approx(exact_coverage(n, 0.5), abs=ERROR)
    assert edge.wilson == pytest.approx(exact_coverage(n, 0.6), abs=ERROR)


def test_without_clustering_alike_answers_would_claim_too_much():
    seen = simulate(Setting(20, 12, 24, 0.2, 0.2), 0.5, STUDIES, 31)
    assert seen.exact_difference > 0.1
    assert seen.wilson < 0.9


def test_the_clustered_tests_still_find_what_is_there():
    setting = Setting(24, 12, 24)
    assert simulate(setting, 0.65, STUDIES, 41).difference > 0.95
    assert simulate(setting, 0.5, STUDIES, 42).equivalence > 0.8


def test_wilson_covers_95_percent_on_average_over_shares():
    assert np.mean([exact_coverage(100, share) for share in np.linspace(0.2, 0.8, 61)]) == pytest.approx(
        0.95, abs=0.005
    )


def test_the_sample_sizes_in_the_docs_are_those_of_the_power_functions():
    page = (Path(__file__).parents[1] / "docs" / "listening_statistics.rst").read_text()
    rows = {
        "± 5 points": lambda effect: answers_for_equivalence(0.05, design_effect=effect),
        "± 10 points": lambda effect: answers_for_equivalence(0.1, design_effect=effect),
        "± 10, two conditions": lambda effect: answers_for_equivalence(0.1, alpha=0.025, design_effect=effect),
        "± 10, three conditions": lambda effect: answers_for_equivalence(0.1, alpha=0.05 / 3, design_effect=effect),
        "± 15 points": lambda effect: answers_for_equivalence(0.15, design_effect=effect),
        "± 20 points": lambda effect: answers_for_equivalence(0.2, design_effect=effect),
        "55 % right": lambda effect: answers_for_difference(0.55, design_effect=effect),
        "60 % right": lambda effect: answers_for_difference(0.6, design_effect=effect),
        "75 % right": lambda effect: answers_for_difference(0.75, design_effect=effect),
    }
    for words, answers in rows.items():
        cells = page.split(f"* - {words}\n")[1].split("* - ")[0].split("     - ")[1:5]
        needed = [answers(effect) for effect in (1.2, 1.5, 2, 3)]
        assert [cell.split()[:2] for cell in cells] == [[str(n), f"({math.ceil(n / 12)})"] for n in needed]
