//! The inverse of the standard normal distribution.

/// Half-width of the central region around p = ½.
const CENTRAL: f64 = 0.425;

/// Where the two tail fits meet, in √(−ln tail).
const FAR: f64 = 5.0;

/// Numerator and denominator of one rational fit, highest power first.
struct Fit {
    numerator: [f64; 8],
    denominator: [f64; 8],
}

const CENTRE_FIT: Fit = Fit {
    numerator: [
        2_509.080_928_730_122_6,
        33_430.575_583_588_13,
        67_265.770_927_008_7,
        45_921.953_931_549_87,
        13_731.693_765_509_46,
        1_971.590_950_306_551_3,
        133.141_667_891_784_38,
        3.387_132_872_796_366_5,
    ],
    denominator: [
        5_226.495_278_852_854,
        28_729.085_735_721_943,
        39_307.895_800_092_71,
        21_213.794_301_586_597,
        5_394.196_021_424_751,
        687.187_007_492_057_9,
        42.313_330_701_600_91,
        1.0,
    ],
};

const TAIL_FIT: Fit = Fit {
    numerator: [
        7.745_450_142_783_414e-4,
        0.022_723_844_989_269_184,
        0.241_780_725_177_450_6,
        1.270_458_252_452_368_4,
        3.647_848_324_763_204_5,
        5.769_497_221_460_691,
        4.630_337_846_156_546,
        1.423_437_110_749_683_5,
    ],
    denominator: [
        1.050_750_071_644_416_9e-9,
        5.475_938_084_995_345e-4,
        0.015_198_666_563_616_457,
        0.148_103_976_427_480_08,
        0.689_767_334_985_1,
        1.676_384_830_183_803_8,
        2.053_191_626_637_759,
        1.0,
    ],
};

const FAR_FIT: Fit = Fit {
    numerator: [
        2.010_334_399_292_288_1e-7,
        2.711_555_568_743_487_6e-5,
        0.001_242_660_947_388_078_4,
        0.026_532_189_526_576_124,
        0.296_560_571_828_504_87,
        1.784_826_539_917_291_3,
        5.463_784_911_164_114,
        6.657_904_643_501_103,
    ],
    denominator: [
        2.044_263_103_389_939_8e-15,
        1.421_511_758_316_446e-7,
        1.846_318_317_510_054_8e-5,
        7.868_691_311_456_133e-4,
        0.014_875_361_290_850_615,
        0.136_929_880_922_735_8,
        0.599_832_206_555_888,
        1.0,
    ],
};

/// Gives the standard normal value with probability `p` below it, to about 1 part in 10¹⁶.
///
/// Algorithm AS 241 (PPND16): Wichura, "The percentage points of the normal distribution",
/// Applied Statistics 37(3), 1988, pp. 477–484. Outside (0, 1) it gives an infinity or NaN.
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    let from_centre = p - 0.5;
    if from_centre.abs() <= CENTRAL {
        return from_centre * CENTRE_FIT.at(CENTRAL * CENTRAL - from_centre * from_centre);
    }
    let tail = if from_centre < 0.0 { p } else { 1.0 - p };
    if tail <= 0.0 {
        return f64::INFINITY.copysign(from_centre);
    }
    let depth = libm::sqrt(-libm::log(tail));
    let size = if depth <= FAR { TAIL_FIT.at(depth - 1.6) } else { FAR_FIT.at(depth - FAR) };
    size.copysign(from_centre)
}

impl Fit {
    fn at(&self, x: f64) -> f64 {
        let horner = |powers: &[f64; 8]| powers.iter().fold(0.0, |sum, power| sum * x + power);
        horner(&self.numerator) / horner(&self.denominator)
    }
}
