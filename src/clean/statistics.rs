//! Tails of the distributions that tests need, and the correction for many tests at once.

/// The upper tail of the standard normal distribution, `P(Z > z)`, to about 14 digits relative.
pub(super) fn normal_tail(z: f64) -> f64 {
    if z < 0.0 {
        return 1.0 - normal_tail(-z);
    }
    let x = z * z / 2.0;
    if x < 1.5 { 0.5 * (1.0 - gamma_series(x)) } else { 0.5 * gamma_fraction(x) }
}

/// The lower incomplete gamma function of 1/2, regularised, by its series (DLMF 8.11.4).
fn gamma_series(x: f64) -> f64 {
    let (mut term, mut sum) = (2.0, 2.0);
    for n in 1..200 {
        term *= x / (0.5 + f64::from(n));
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum * (-x).exp() * x.sqrt() / std::f64::consts::PI.sqrt()
}

/// The upper incomplete gamma function of 1/2, regularised, by its continued fraction (DLMF 8.9.2), from below.
fn gamma_fraction(x: f64) -> f64 {
    let mut fraction = 0.0;
    for n in (1..=200).rev() {
        let n = f64::from(n);
        fraction = n * (n - 0.5) / (x + 2.0 * n + 0.5 - fraction);
    }
    (-x).exp() * x.sqrt() / std::f64::consts::PI.sqrt() / (x + 0.5 - fraction)
}

/// The upper tail of the chi-square distribution, `P(X > x)`, for `freedom` > 0: the incomplete gamma function,
/// regularised, by its series below its middle (DLMF 8.11.4) and by its continued fraction above (DLMF 8.9.2, after Lentz).
pub(super) fn chi_square_tail(x: f64, freedom: f64) -> f64 {
    let (a, x) = (freedom / 2.0, x / 2.0);
    if x <= 0.0 {
        return 1.0;
    }
    let front = (a * x.ln() - x - ln_gamma(a)).exp();
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0 / a, 1.0 / a);
        for n in 1..10_000 {
            term *= x / (a + f64::from(n));
            sum += term;
            if term < sum * 1e-16 {
                break;
            }
        }
        return (1.0 - front * sum).clamp(0.0, 1.0);
    }
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1e300, 1.0 / b);
    let mut fraction = d;
    for n in 1..10_000 {
        let n = f64::from(n);
        let part = -n * (n - a);
        b += 2.0;
        d = 1.0 / (part * d + b);
        c = b + part / c;
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    (front * fraction).clamp(0.0, 1.0)
}

/// `ln Γ(x)` for x > 0, to about 14 digits (Lanczos 1964, g = 7).
pub(super) fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let base = x + 7.5;
    let series: f64 = TERMS.iter().skip(1).zip(1..).map(|(term, n)| term / (x + f64::from(n))).sum::<f64>() + TERMS[0];
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * base.ln() - base + series.ln()
}

/// The regularised incomplete beta function by its continued fraction (DLMF 8.17.22, evaluated after Lentz).
fn beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta(1.0 - x, b, a);
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp() / a;
    let away = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let (mut c, mut d) = (1.0, 1.0 / away(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for m in 1..500 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    front * fraction
}

/// The upper tail of Student's t distribution, `P(T > t)`, for `freedom` > 0.
pub(super) fn student_tail(t: f64, freedom: f64) -> f64 {
    let half = 0.5 * beta(freedom / (freedom + t * t), freedom / 2.0, 0.5);
    if t < 0.0 { 1.0 - half } else { half }
}

/// The value of Student's t that is exceeded with probability `tail` (0-0.5).
pub(super) fn student_quantile(tail: f64, freedom: f64) -> f64 {
    let (mut low, mut high) = (0.0, 2.0);
    while student_tail(high, freedom) > tail && high < 1e12 {
        high *= 2.0;
    }
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if student_tail(middle, freedom) > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// The probability of at least `hits` of `drawn` when `drawn` are taken from `all`, of which `right` are right: Fisher's
/// exact test, one-sided.
pub(super) fn fisher_tail(hits: u64, drawn: u64, right: u64, all: u64) -> f64 {
    let choose = |n: u64, k: u64| ln_gamma(n as f64 + 1.0) - ln_gamma(k as f64 + 1.0) - ln_gamma((n - k) as f64 + 1.0);
    let (drawn, right) = (drawn.min(all), right.min(all));
    let least = (drawn + right).saturating_sub(all);
    let most = drawn.min(right);
    if hits <= least {
        return 1.0;
    }
    if hits > most {
        return 0.0;
    }
    let mut term = (choose(right, hits) + choose(all - right, drawn - hits) - choose(all, drawn)).exp();
    let mut sum = term;
    for k in hits..most {
        let up = (right - k) as f64 * (drawn - k) as f64;
        let down = (k + 1) as f64 * (all + k + 1 - right - drawn) as f64;
        term *= up / down;
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum.min(1.0)
}

/// The probabilities of tests done together, adjusted so that of those below q a share of at most q are false
/// discoveries (Benjamini and Hochberg 1995).
pub(super) fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    let value = |at: usize| p.get(at).copied().unwrap_or(1.0);
    order.sort_by(|a, b| value(*b).total_cmp(&value(*a)));
    let mut adjusted = vec![1.0f64; p.len()];
    let mut least = 1.0f64;
    for (from_last, at) in order.into_iter().enumerate() {
        let rank = p.len() - from_last;
        least = least.min(value(at) * p.len() as f64 / rank as f64);
        if let Some(slot) = adjusted.get_mut(at) {
            *slot = least;
        }
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-10 * expected.abs(), "{found} is not {expected}");
    }

    /// Against scipy.stats: norm.sf, chi2.sf, t.sf, t.isf, hypergeom.sf, false_discovery_control.
    #[test]
    fn tails_agree_with_scipy() {
        near(normal_tail(0.0), 0.5);
        near(normal_tail(1.0), 0.158_655_253_931_457_07);
        near(normal_tail(1.96), 0.024_997_895_148_220_435);
        near(normal_tail(-1.96), 0.975_002_104_851_779_5);
        near(normal_tail(6.0), 9.865_876_450_376_98e-10);
        near(normal_tail(12.0), 1.776_482_112_077_653e-33);
        near(chi_square_tail(3.0, 2.0), 0.223_130_160_148_429_82);
        near(chi_square_tail(1.0, 10.0), 0.999_827_884_370_044_1);
        near(chi_square_tail(30.0, 10.0), 0.000_856_641_210_775_301);
        near(chi_square_tail(1000.0, 999.0), 0.485_131_489_274_901_46);
        near(student_tail(2.0, 3.0), 0.069_662_984_279_421_6);
        near(student_tail(-1.0, 7.5), 0.825_761_987_184_624_3);
        near(student_tail(10.0, 100.0), 4.950_844_492_297_066e-17);
        near(student_quantile(0.025, 9.0), 2.262_157_162_798_205);
        near(student_quantile(0.025, 1e5), 1.959_987_707_534_61);
        near(fisher_tail(7, 10, 12, 40), 0.003_288_967_585_382_246);
        near(fisher_tail(1, 10, 12, 40), 0.984_518_436_842_915_1);
        assert_eq!((fisher_tail(0, 10, 12, 40), fisher_tail(11, 10, 12, 40)), (1.0, 0.0));
    }

    #[test]
    fn gamma_agrees_with_factorials() {
        for n in [1u32, 2, 5, 20, 100] {
            let direct: f64 = (1..n).map(|k| f64::from(k).ln()).sum();
            assert!((ln_gamma(f64::from(n)) - direct).abs() < 1e-11 * (1.0 + direct), "{n}");
        }
    }

    #[test]
    fn many_tests_are_adjusted() {
        let adjusted = benjamini_hochberg(&[0.01, 0.04, 0.03, 0.5]);
        for (found, expected) in adjusted.iter().zip([0.04, 0.053_333_333_333_333_34, 0.053_333_333_333_333_34, 0.5]) {
            near(*found, expected);
        }
        assert!(benjamini_hochberg(&[]).is_empty());
    }
}
