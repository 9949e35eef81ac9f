//! Quantiles of the normal and the lognormal distribution, the same on every machine.

/// The quantile of the standard normal distribution, for shares strictly between 0 and 1.
///
/// About seven digits (Wichura, "Algorithm AS 241", Applied Statistics 37, 1988, PPND7).
pub(super) fn normal_quantile(share: f64) -> f64 {
    let q = share - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        let over = polynomial(r, &[3.387_132_717_9, 50.434_271_938, 159.291_132_02, 59.109_374_72]);
        return q * over / polynomial(r, &[1.0, 17.895_169_469, 78.757_757_664, 67.187_563_6]);
    }
    let tail = share.min(1.0 - share);
    let r = libm::sqrt(-libm::log(tail));
    let z = if r <= 5.0 {
        let r = r - 1.6;
        polynomial(r, &[1.423_437_277_7, 2.756_815_39, 1.306_728_481_6, 0.170_238_211_03])
            / polynomial(r, &[1.0, 0.737_001_642_5, 0.120_211_329_75])
    } else {
        let r = r - 5.0;
        polynomial(r, &[6.657_905_115, 3.081_226_386, 0.428_682_943_37, 0.017_337_203_997])
            / polynomial(r, &[1.0, 0.241_978_942_25, 0.012_258_202_635])
    };
    z.copysign(q)
}

/// The quantile of the lognormal distribution with a mean above zero and a variance.
pub(super) fn lognormal_quantile(mean: f64, variance: f64, share: f64) -> f64 {
    let sigma_squared = libm::log1p(variance / (mean * mean));
    let mu = libm::log(mean) - sigma_squared / 2.0;
    libm::exp(mu + normal_quantile(share) * libm::sqrt(sigma_squared))
}

/// A polynomial's value, given its coefficients from the constant up (Horner).
fn polynomial(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}
