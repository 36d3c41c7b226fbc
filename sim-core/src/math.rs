//! Transcendental functions over `libm`: the only place that has them.
//!
//! The platform's own differ between machines in the last bit, which would make results differ too.

/// Natural logarithm.
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// e to the power x.
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// Powers worked out together: enough for what compilers gain by it.
const SOME: usize = 32;

/// e to the power of each of these, to the last bit what [`exp`] gives; several at a time, where none is extreme.
pub fn exp_each(values: &mut [f64]) {
    let (many, rest) = values.as_chunks_mut::<SOME>();
    many.iter_mut().for_each(exp_of_some);
    let mut padded = [1.0; SOME];
    padded[..rest.len()].copy_from_slice(rest);
    exp_of_some(&mut padded);
    rest.copy_from_slice(&padded[..rest.len()]);
}

/// [`exp`] of some numbers: the same operations on the same constants as in `libm` (which has them from FreeBSD's `e_exp.c`), without branches and calls,
/// and one after the other for all numbers, so that compilers use instructions for several.
fn exp_of_some(values: &mut [f64; SOME]) {
    const LN2_HI: f64 = 0.693_147_180_369_123_8;
    const LN2_LO: f64 = 1.908_214_929_270_587_7e-10;
    const INV_LN2: f64 = std::f64::consts::LOG2_E;
    const P1: f64 = 0.166_666_666_666_666_02;
    const P2: f64 = -0.002_777_777_777_701_559_3;
    const P3: f64 = 6.613_756_321_437_934e-05;
    const P4: f64 = -1.653_390_220_546_525_2e-06;
    const P5: f64 = 4.138_136_797_057_238_5e-08;
    // From here on x is divided by ln 2: the original looks at the upper half of a number, so that this is not quite half of ln 2.
    const ABOVE_HALF_LN2: f64 = f64::from_bits(0x3fd6_2e43_0000_0000);
    // Added to a whole number, they leave it in the last bits of the sum.
    const TWO_52: f64 = (1_u64 << 52) as f64;
    const THREE_2_51: f64 = (3_u64 << 51) as f64;
    const TINY: f64 = 1e-8;

    let moderate = values.iter().map(|x| u64::from(x.abs() >= TINY) & u64::from(x.abs() < 700.0)).sum::<u64>();
    if moderate < SOME as u64 {
        return values.iter_mut().for_each(|x| *x = exp(*x));
    }
    let (mut high, mut low, mut power) = ([0.0; SOME], [0.0; SOME], [0.0; SOME]);
    for i in 0..SOME {
        let (x, size) = (values[i], values[i].abs());
        let quotient = INV_LN2 * size + 0.5;
        let nearest = (quotient + TWO_52) - TWO_52;
        let whole = if nearest > quotient { nearest - 1.0 } else { nearest };
        let whole = if size < ABOVE_HALF_LN2 { 0.0 } else { whole };
        let k = whole.copysign(x);
        (high[i], low[i]) = (x - k * LN2_HI, k * LN2_LO);
        power[i] = f64::from_bits((k + THREE_2_51).to_bits().wrapping_shl(52).wrapping_add(1023 << 52));
    }
    let (mut top, mut bottom) = ([0.0; SOME], [0.0; SOME]);
    for i in 0..SOME {
        let rest = high[i] - low[i];
        let square = rest * rest;
        let c = rest - square * (P1 + square * (P2 + square * (P3 + square * (P4 + square * P5))));
        (top[i], bottom[i]) = (rest * c, 2.0 - c);
    }
    for i in 0..SOME {
        top[i] /= bottom[i];
    }
    for i in 0..SOME {
        values[i] = (1.0 + (top[i] - low[i] + high[i])) * power[i];
    }
}

/// x to the power y.
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// Cosine of x radians.
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}

/// The gamma function.
pub fn gamma(x: f64) -> f64 {
    libm::tgamma(x)
}

/// The complementary error function.
pub fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}

/// The natural logarithm of the gamma function of a positive number.
pub fn lgamma(x: f64) -> f64 {
    libm::lgamma(x)
}

#[cfg(test)]
mod tests {
    use super::{exp, exp_each};
    use crate::random::{Streams, unit};

    #[test]
    fn powers_several_at_a_time_are_the_same_to_the_last_bit() {
        let mut stream = Streams::new(1).stream("exp");
        let mut check = |scale: f64| {
            let some: Vec<f64> = (0..20_000).map(|_| scale * (2.0 * unit(&mut stream) - 1.0)).collect();
            let mut powers = some.clone();
            exp_each(&mut powers);
            for (x, power) in some.iter().zip(powers) {
                assert_eq!(power.to_bits(), exp(*x).to_bits(), "e^{x}: {power} instead of {}", exp(*x));
            }
        };
        for scale in [1e-300, 1e-9, 4e-9, 1e-7, 0.3, 0.5, 1.0, 1.2, 3.0, 10.0, 100.0, 699.0, 800.0] {
            check(scale);
        }
        // Where the ways part: around multiples of half of ln 2, powers of two, the ends.
        let half = std::f64::consts::LN_2 / 2.0;
        let mut edges: Vec<f64> = (-2000..2000_i32).map(|n| f64::from(n) * half).chain((-1074..10).map(|n| libm::scalbn(1.0, n))).collect();
        edges.extend([0x3fd6_2e42, 0x3fd6_2e43, 0x3ff0_a2b1, 0x3ff0_a2b2, 0x3e30_0000, 0x3e30_0001].map(|upper: u64| f64::from_bits(upper << 32)));
        edges.extend([0x3fd6_2e42, 0x3ff0_a2b1, 0x3e30_0000].map(|upper: u64| f64::from_bits(upper << 32 | 0xffff_ffff)));
        let near = |x: f64| [f64::from_bits(x.to_bits().saturating_sub(1)), x, f64::from_bits(x.to_bits() + 1)];
        let edges: Vec<f64> = edges.into_iter().flat_map(near).flat_map(|x| [x, -x]).chain([0.0, -0.0]).collect();
        for x in edges {
            let (mut alone, mut among) = ([x], [x, 0.5]);
            exp_each(&mut alone);
            exp_each(&mut among);
            assert_eq!([alone[0].to_bits(), among[0].to_bits()], [exp(x).to_bits(); 2], "e^{x:e}");
        }
    }
}
