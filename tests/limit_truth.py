"""How far a limit lies from the truth, in 50-digit arithmetic and from the definition alone.

Exact limits solve "tail probability = α". One Newton step of that equation, taken at 50
digits from the limit under test, is the limit's relative error. The tails are the continued
fractions of the incomplete beta and gamma functions (DLMF 8.17.22, 8.9.1 and 8.9.2), which
converge at any n; ten further digits pay for the cancellation in them.
"""

import mpmath as mp

DIGITS = 60
HALF = mp.mpf(1) / 2


def tails(level, sides=2):
    return (1 - mp.mpf(level)) / sides


def deviate(tail):
    return mp.sqrt(2) * mp.erfinv(1 - 2 * mp.mpf(tail))


def continued_fraction(first, terms):
    """Return 1/(first + a1/(b1 + a2/(b2 + ...))) for terms(i) = (ai, bi), by Lentz's method."""
    value = c = first
    d, i = mp.mpf(0), 0
    while True:
        i += 1
        a, b = terms(i)
        d, c = 1 / (b + a * d), b + a / c or mp.mpf(10) ** -DIGITS
        value *= c * d
        if abs(c * d - 1) < mp.mpf(10) ** (3 - DIGITS):
            return 1 / value


def beta_tail(a, b, odds):
    """Return P(X < x), X ~ Beta(a, b), with x given as odds, and its density in the log odds."""
    if a == 0 or b == 0:
        return mp.mpf(b != 0), mp.mpf(0)
    a, b, odds = mp.mpf(a), mp.mpf(b), mp.mpf(odds)
    x = odds / (1 + odds)
    log_beta = mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)
    density = mp.exp(a * mp.log(x) - b * mp.log1p(odds) - log_beta)

    def terms(i):
        m = i // 2
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        return odd if i % 2 else m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), 1

    return density / a * continued_fraction(mp.mpf(1), terms), density


def gamma_tail(a, mean, side):
    """Return P(X < mean), or beyond it for side 1, X ~ Gamma(a), and the density in log mean."""
    if a == 0:
        return mp.mpf(side < 0), mp.mpf(0)
    a, mean = mp.mpf(a), mp.mpf(mean)
    density = mp.exp(a * mp.log(mean) - mean - mp.loggamma(a))

    def below(i):
        m = (i + 1) // 2
        return (-(a + m - 1) if i % 2 else m) * mean, a + i

    def above(i):
        return -i * (i - a), mean + 2 * i + 1 - a

    if side < 0:
        return density * continued_fraction(a, below), density
    return density * continued_fraction(mean + 1 - a, above), density


def at_least(k, n, odds):
    """Return P(X >= k) of a binomial X with its derivative in the log odds."""
    return beta_tail(k, n - k + 1, odds)


def at_most(k, n, odds):
    """Return P(X <= k) of a binomial X with its derivative in the log odds."""
    below, change = beta_tail(n - k, k + 1, 1 / mp.mpf(odds))
    return below, -change


def _odds(p):
    # An upper limit next to 1 cannot say more than the last place of 1 - p does.
    return mp.mpf(p) / (1 - mp.mpf(p))


def _step(probability, derivative, tail, weight=1):
    """Return the Newton step in the logarithm, on the log of the probability."""
    return weight * mp.log(probability / tail) * probability / derivative


def exact_proportion_error(k, n, p, tail, *, side, weight=0):
    """Relative error of a proportion: Clopper-Pearson, or mid-p with `weight` 1/2.

    `side` -1 is the lower limit, which makes P(X >= k) small, 1 the upper one.
    """
    with mp.workdps(DIGITS):
        beyond, last = (at_least, n) if side < 0 else (at_most, 0)
        first = second = beyond(k, n, _odds(p))
        if weight:
            second = (mp.mpf(0), mp.mpf(0)) if k == last else beyond(k - side, n, _odds(p))
        w = mp.mpf(weight)
        probability = (1 - w) * first[0] + w * second[0]
        derivative = (1 - w) * first[1] + w * second[1]
        # In log odds the step is relative to p (1 - p).
        return float(abs(_step(probability, derivative, tail)) * (1 - mp.mpf(p)))


def jeffreys_proportion_error(k, n, p, tail, *, side):
    with mp.workdps(DIGITS):
        a, b = k + HALF, n - k + HALF
        if side < 0:
            probability, derivative = beta_tail(a, b, _odds(p))
        else:
            probability, derivative = beta_tail(b, a, 1 / _odds(p))
        return float(abs(_step(probability, derivative, tail)) * (1 - mp.mpf(p)))


def exact_mean_error(x, mean, tail, *, side, weight=0):
    """Relative error of a Poisson mean: Garwood, or mid-p with `weight` 1/2."""
    with mp.workdps(DIGITS):
        a = x if side < 0 else x + 1
        first = second = gamma_tail(a, mean, side)
        if weight:
            second = gamma_tail(a - side, mean, side)
        w = mp.mpf(weight)
        probability = (1 - w) * first[0] + w * second[0]
        derivative = (1 - w) * first[1] + w * second[1]
        return float(abs(_step(probability, derivative, tail)))


def jeffreys_mean_error(x, mean, tail, *, side):
    with mp.workdps(DIGITS):
        return float(abs(_step(*gamma_tail(x + HALF, mean, side), tail)))


# The other methods, by their textbook formulas; 50 digits forgive every cancellation.


def _cut(low, high):
    return max(low, mp.mpf(0)), min(high, mp.mpf(1))


def _wilson(k, n, z):
    p = mp.mpf(k) / n
    reach = z * mp.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    middle, whole = p + z * z / (2 * n), 1 + z * z / n
    low, high = (middle - reach) / whole, (middle + reach) / whole
    return mp.mpf(0) if k == 0 else low, mp.mpf(1) if k == n else high


def _wilson_cc(k, n, z):
    # Newcombe 1998, method 4.
    p = mp.mpf(k) / n
    q, whole = 1 - p, 2 * (n + z * z)
    low = 2 * n * p + z * z - 1
    high = 2 * n * p + z * z + 1
    low_reach = z * mp.sqrt(abs(z * z - 2 - mp.mpf(1) / n + 4 * p * (n * q + 1)))
    high_reach = z * mp.sqrt(abs(z * z + 2 - mp.mpf(1) / n + 4 * p * (n * q - 1)))
    return (
        mp.mpf(0) if k == 0 else (low - low_reach) / whole,
        mp.mpf(1) if k == n else (high + high_reach) / whole,
    )


def _around(k, n, z):
    p = mp.mpf(k) / n
    reach = z * mp.sqrt(p * (1 - p) / n)
    return _cut(p - reach, p + reach)


def _agresti_coull(k, n, z):
    return _around(k + z * z / 2, n + z * z, z)


def _arcsine(k, n, z):
    angle = mp.asin(mp.sqrt((mp.mpf(k) + 3 * HALF / 4) / (n + 3 * HALF / 2)))
    reach = z / (2 * mp.sqrt(n))
    low = mp.sin(max(angle - reach, mp.mpf(0))) ** 2
    high = mp.sin(min(angle + reach, mp.pi / 2)) ** 2
    return mp.mpf(0) if k == 0 else low, mp.mpf(1) if k == n else high


def _logit(k, n, z):
    tail = mp.erfc(z / mp.sqrt(2)) / 2
    if k == 0:
        return mp.mpf(0), 1 - tail ** (mp.mpf(1) / n)
    if k == n:
        return tail ** (mp.mpf(1) / n), mp.mpf(1)
    middle, reach = mp.log(mp.mpf(k) / (n - k)), z * mp.sqrt(mp.mpf(1) / k + mp.mpf(1) / (n - k))
    return 1 / (1 + mp.exp(reach - middle)), 1 / (1 + mp.exp(-middle - reach))


def _scas(k, n, z):
    # Laud 2017, appendix A.4, cut where the score has no root inside.
    c = (z * z - 1) / 6

    def upper(k):
        if n - k <= c or k == n:
            return mp.mpf(1)
        a, b = (n - 2 * c) ** 2 + z * z * n, 2 * (k - c) * (n - 2 * c) + z * z * n
        return (b + mp.sqrt(b * b - 4 * a * (k - c) ** 2)) / (2 * a)

    return 1 - upper(n - k), upper(k)


PROPORTIONS = {
    "wilson": _wilson,
    "wilson-cc": _wilson_cc,
    "agresti-coull": _agresti_coull,
    "wald": _around,
    "arcsine": _arcsine,
    "logit": _logit,
    "scas": _scas,
}


def _score_mean(x, z):
    reach = z * mp.sqrt(x + z * z / 4)
    return x + z * z / 2 - reach, x + z * z / 2 + reach


def _scas_mean(x, z):
    c = (z * z - 1) / 6
    low, high = _score_mean(x - c, z)
    return low if x > max(c, 0) else mp.mpf(0), high


def _byar(x, z):
    low = 0 if x == 0 else x * max(1 - mp.mpf(1) / (9 * x) - z / (3 * mp.sqrt(x)), mp.mpf(0)) ** 3
    return low, (x + 1) * (1 - mp.mpf(1) / (9 * (x + 1)) + z / (3 * mp.sqrt(x + 1))) ** 3


def _wald_mean(x, z):
    return max(x - z * mp.sqrt(x), mp.mpf(0)), x + z * mp.sqrt(x)


MEANS = {"score": _score_mean, "scas": _scas_mean, "byar": _byar, "wald": _wald_mean}


def _relative(limits, truth):
    return [
        float(abs(mp.mpf(limit) / true - 1)) if true else abs(limit)
        for limit, true in zip(limits, truth, strict=True)
    ]


def formula_errors(formula, limits, *arguments, tail):
    """Relative errors of both limits against a formula of the arguments and z."""
    with mp.workdps(DIGITS):
        truth = formula(*arguments, deviate(tail))
        return _relative(limits, truth)


def likelihood_errors(k, n, limits, tail):
    """Relative errors of the likelihood-ratio limits, by a Newton step in the log odds."""
    with mp.workdps(DIGITS):
        z = deviate(tail)
        if k in (0, n):
            edge = mp.exp(-z * z / (2 * n))
            truth = (0, 1 - edge) if k == 0 else (edge, 1)
            return _relative(limits, truth)
        errors = []
        for p in map(mp.mpf, limits):
            own = mp.mpf(k) / n
            deviance = 2 * (k * mp.log(own / p) + (n - k) * mp.log((1 - own) / (1 - p)))
            errors.append(float(abs((deviance - z * z) / (2 * (n * p - k))) * (1 - p)))
        return errors


def blaker_error(k, n, p, level, *, side):
    """Relative error of a limit of Blaker's: from the nearest point where it may lie.

    That is where a further j makes P(X <= j) equal P(X >= k), or where the sum of the two
    tails is 1 - level; mirrored for the upper limit.
    """
    with mp.workdps(DIGITS):
        odds = _odds(p)
        if side > 0:
            k, odds = n - k, 1 / odds
        a, up = at_least(k, n, odds)

        def lower_tail(j):
            return at_most(j, n, odds) if j >= 0 else (mp.mpf(0), mp.mpf(0))

        # The largest j whose tail is not above the other: as far below the mean as k above.
        mean = n * odds / (1 + odds)
        j = max(int(mp.floor(2 * mean - k)), -1)
        while j >= 0 and lower_tail(j)[0] > a:
            j -= 1
        while lower_tail(j + 1)[0] <= a:
            j += 1
        steps = []
        for near in range(max(j - 1, -1), j + 2):
            b, down = lower_tail(near)
            if b:
                steps.append(mp.log(a / b) / (up / a - down / b))
            if up + down:
                steps.append((a + b - (1 - mp.mpf(level))) / (up + down))
        return float(min(map(abs, steps)) * (1 - mp.mpf(p)))
