//! What customers put into their carts.

use domain::ids::SkuId;
use domain::order::Line;
use kernel::alias::Alias;
use kernel::chance::{Draw, draw};

use crate::setup::{Hot, Setup};
use crate::{Sku, purpose};

/// Most lines of one order (assumed; real baskets of groceries end at 32).
const LINES_LIMIT: u32 = 40;
/// Most units of one line (assumed; shops limit what one customer may take).
const UNITS_LIMIT: u32 = 10;
/// Tries to find a SKU that is on the shelf and not in the cart yet.
const TRIES: u32 = 8;
/// Stages of the negative binomial that lines beyond the first follow: with two, baskets of
/// 4.5 lines on average have 2 most often (A14).
const STAGES: u32 = 2;

/// Fills carts.
pub(crate) struct Carts {
    seed: u64,
    popularity: Alias,
    /// ln of the chance that another line follows in one stage.
    ln_line: f64,
    /// ln of the chance that a line has another unit.
    ln_unit: f64,
    sees_shelf: f64,
}

impl Carts {
    pub(crate) fn new(seed: u64, setup: &Setup, skus: &[Sku]) -> Self {
        let weights: Vec<f64> = skus.iter().map(|sku| sku.weight).collect();
        let popularity = Alias::new(&weights).expect("a catalogue has positive weights");
        let beyond_first = setup.demand.lines_mean - 1.0;
        let another_unit = setup.demand.units_mean - 1.0;
        Self {
            seed,
            popularity,
            ln_line: libm::log(beyond_first / (f64::from(STAGES) + beyond_first)),
            ln_unit: libm::log(another_unit / (1.0 + another_unit)),
            sees_shelf: setup.demand.sees_shelf,
        }
    }

    /// Appends one order's lines; each SKU stands once.
    ///
    /// `shelf` is what the customer may see: a SKU without units is mostly not taken.
    pub(crate) fn fill(&self, luck: u64, shelf: &[u32], hot: Option<Hot>, lines: &mut Vec<Line>) {
        lines.clear();
        let mut size = draw(self.seed, luck, purpose::LINES, 0);
        let beyond_first: u32 = (0..STAGES).map(|_| geometric(&mut size, self.ln_line)).sum();
        for number in 0..(1 + beyond_first).min(LINES_LIMIT) {
            let mut draw = draw(self.seed, luck, purpose::LINE, number);
            let sees = draw.chance(self.sees_shelf);
            let units = (1 + geometric(&mut draw, self.ln_unit)).min(UNITS_LIMIT);
            let taken = (0..TRIES).map(|_| self.sku(&mut draw, hot)).find(|&sku| {
                let there = shelf[sku.index()] > 0 || !sees;
                there && lines.iter().all(|line| line.sku != sku)
            });
            if let Some(sku) = taken {
                lines.push(Line { sku, units });
            }
        }
        if lines.is_empty() {
            lines.push(Line { sku: self.sku(&mut size, None), units: 1 });
        }
    }

    fn sku(&self, draw: &mut Draw, hot: Option<Hot>) -> SkuId {
        if let Some(hot) = hot
            && draw.chance(hot.share)
        {
            return SkuId(draw.below(hot.skus));
        }
        SkuId(self.popularity.sample(draw))
    }
}

/// How often something goes on happening whose logarithm of a chance is given; grows with it.
#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
#[expect(clippy::cast_sign_loss, reason = "both logarithms are negative")]
fn geometric(draw: &mut Draw, ln_more: f64) -> u32 {
    libm::floor(libm::log(draw.unit_open()) / ln_more) as u32
}
