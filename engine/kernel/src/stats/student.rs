//! Student's t distribution.

/// Terms of the continued fraction; it needs about 10 + √freedom, fewer than this below 10⁴.
const TERMS: u32 = 500;

/// Halvings that pin a quantile to the last bit from any bracket of doubles.
const HALVINGS: u32 = 2_100;

/// Gives the probability that a Student variable of `freedom` degrees is at most `t`.
///
/// P = 1 − I(freedom / (freedom + t²); freedom / 2, ½) / 2 for t ≥ 0: Abramowitz & Stegun 26.7.1.
#[must_use]
pub fn student_t_cdf(t: f64, freedom: f64) -> f64 {
    let tail = beta_regular(freedom / (freedom + t * t), freedom / 2.0, 0.5) / 2.0;
    if t < 0.0 { tail } else { 1.0 - tail }
}

/// Gives the value that a Student variable of `freedom` degrees does not exceed with probability `p`.
///
/// The distribution function is inverted by bisection, so the result is as good as that is:
/// about 12 digits. Outside (0, 1) it gives an infinity of the right sign.
#[must_use]
pub fn student_t_quantile(p: f64, freedom: f64) -> f64 {
    let tail = p.min(1.0 - p);
    if tail <= 0.0 {
        return f64::INFINITY.copysign(p - 0.5);
    }
    let tail_beyond = |t: f64| student_t_cdf(-t, freedom);
    let mut high = 1.0;
    while tail_beyond(high) > tail && high < f64::MAX / 2.0 {
        high *= 2.0;
    }
    let mut low = 0.0;
    for _ in 0..HALVINGS {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if tail_beyond(middle) > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
    high.copysign(p - 0.5)
}

/// The regularised incomplete beta function I(x; a, b).
///
/// DLMF 8.17.22, on the side of the mean where the continued fraction converges fast.
fn beta_regular(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_regular(1.0 - x, b, a);
    }
    let log_front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b)
        + a * libm::log(x)
        + b * libm::log1p(-x);
    libm::exp(log_front) / (a * beta_fraction(x, a, b))
}

/// The continued fraction 1 + d₁/(1 + d₂/(1 + …)) of DLMF 8.17.22, by Lentz's method.
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |v: f64| if v.abs() < TINY { TINY } else { v };
    let (mut value, mut numerators, mut denominators) = (1.0, 1.0, 0.0);
    for term in 1..=TERMS {
        let m = f64::from(term / 2);
        let d = if term % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        denominators = 1.0 / away(1.0 + d * denominators);
        numerators = away(1.0 + d / numerators);
        let step: f64 = numerators * denominators;
        value *= step;
        if (step - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    value
}
