//! What a pricing policy may look at, and what it chooses.

use super::{Fee, Rules};
use crate::ids::SkuId;
use crate::money::{Bps, Paise};

/// A line to be priced, with what the shelf knows about its SKU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// What is wanted.
    pub sku: SkuId,
    /// How many.
    pub units: u32,
    /// What one unit sells for in this city, tax included; never above `mrp`.
    pub price: Paise,
    /// Maximum retail price of one unit, tax included.
    pub mrp: Paise,
    /// Rate of goods and services tax.
    pub gst: Bps,
    /// Free units at the store.
    pub free_units: u32,
    /// Of those, how many are near their date.
    pub near_expiry_units: u32,
    /// How many the store means to have after a delivery; zero if unknown.
    pub base_units: u32,
}

/// What a pricing policy may look at.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The fees and limits.
    pub rules: &'a Rules,
    /// The lines.
    pub items: &'a [Item],
    /// The store's surge multiplier, as published.
    pub surge: Bps,
    /// Whether it rains.
    pub is_raining: bool,
    /// Whether the customer is a member.
    pub is_member: bool,
    /// What a coupon or points take off the fees.
    pub discount: Paise,
}

/// What the policies can be told. Percentages are of the city price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    /// The one fee of the flat policy. ₹25, as the lowest delivery tier.
    pub flat_fee: Paise,
    /// Taken off a line that can be filled with units near their date. 20 %, assumed.
    pub near_expiry_markdown: Bps,
    /// A shelf with more than this multiple of its base stock is overfull. 1.5×, assumed.
    pub overstock_from: Bps,
    /// At this multiple the markdown is at its fullest. 3×, assumed.
    pub overstock_full: Bps,
    /// Taken off then; less in proportion before. 10 %, assumed.
    pub overstock_markdown: Bps,
    /// No line is marked down by more than this. 30 %, assumed.
    pub max_markdown: Bps,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            flat_fee: Paise::rupees(25),
            near_expiry_markdown: Bps(2_000),
            overstock_from: Bps(15_000),
            overstock_full: Bps(30_000),
            overstock_markdown: Bps(1_000),
            max_markdown: Bps(3_000),
        }
    }
}

/// The fees of a quote, tax included; zero where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fees {
    /// For bringing it.
    pub delivery: Paise,
    /// For handling it.
    pub handling: Paise,
    /// For a small cart.
    pub small_cart: Paise,
    /// When riders are scarce.
    pub surge: Paise,
    /// When it rains.
    pub rain: Paise,
    /// What is taken off the fees: negative, and never more than they come to.
    pub discount: Paise,
}

impl Fees {
    /// Each fee, in the order they are quoted in.
    #[must_use]
    pub fn each(&self) -> [(Fee, Paise); 6] {
        [
            (Fee::Delivery, self.delivery),
            (Fee::Handling, self.handling),
            (Fee::SmallCart, self.small_cart),
            (Fee::Surge, self.surge),
            (Fee::Rain, self.rain),
            (Fee::Discount, self.discount),
        ]
    }

    /// What they come to.
    #[must_use]
    pub fn total(&self) -> Paise {
        self.each().into_iter().map(|(_, amount)| amount).sum()
    }

    /// The same fees with a discount, as far as they go.
    ///
    /// A discount is on fees alone, so the tax within it is theirs; goods become cheaper by
    /// their unit price.
    #[must_use]
    pub(super) fn less(self, discount: Paise) -> Self {
        let before = Self { discount: Paise::ZERO, ..self }.total();
        Self { discount: -discount.clamp(Paise::ZERO, before), ..self }
    }
}

/// What a policy chose; the unit prices are in its [`Scratch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The fees.
    pub fees: Fees,
    /// The surge multiplier that they were made with; 1.00× under a policy without surge.
    pub surge: Bps,
}

/// Buffers of pricing. Keep one and pass it to every quote: once it has grown to the largest
/// cart, nothing more is allocated.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    pub(super) unit_prices: Vec<Paise>,
}

impl Scratch {
    /// What one unit of each line costs, as last chosen, in the order of the lines.
    #[must_use]
    pub fn unit_prices(&self) -> &[Paise] {
        &self.unit_prices
    }

    /// Takes the city prices for all lines; gives what the goods come to.
    pub(super) fn take_city_prices(&mut self, items: &[Item]) -> Paise {
        self.price_each(items, |item| item.price)
    }

    /// Takes a price for each line, held within the maximum retail price; gives what the goods
    /// come to.
    pub(super) fn price_each(&mut self, items: &[Item], price: impl Fn(&Item) -> Paise) -> Paise {
        self.unit_prices.clear();
        let mut goods = Paise::ZERO;
        for item in items {
            let unit_price = price(item).min(item.mrp);
            self.unit_prices.push(unit_price);
            goods += unit_price.times(item.units);
        }
        goods
    }
}
