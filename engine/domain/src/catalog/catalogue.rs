//! The list of SKUs of one city.

use crate::ids::SkuId;
use crate::money::{Bps, Paise};

choices! {
    /// How a SKU is kept.
    pub enum Class {
        /// Keeps for months on a shelf.
        Dry = "dry",
        /// Spoils within days.
        Fresh = "fresh",
        /// From the cold room.
        Chilled = "chilled",
        /// From the freezer.
        Frozen = "frozen",
    }
}

/// SKUs of one group can stand in for one another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group(pub u32);

/// A stock-keeping unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sku {
    /// Maximum retail price of one unit, tax included.
    pub mrp: Paise,
    /// What one unit sells for in this city, tax included; never above `mrp`.
    pub price: Paise,
    /// Rate of goods and services tax.
    pub gst: Bps,
    /// How it is kept.
    pub class: Class,
    /// What can stand in for it.
    pub group: Group,
    /// Whether it is on sale.
    pub is_active: bool,
}

/// What the catalogue is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Sell it for another price.
    SetPrice {
        /// What.
        sku: SkuId,
        /// The city price from now on.
        price: Paise,
    },
    /// Put it on sale, or take it off.
    SetActive {
        /// What.
        sku: SkuId,
        /// Whether it is on sale from now on.
        is_active: bool,
    },
}

/// What happened to the catalogue. Journals open with the catalogue of a run, which stands still,
/// so these are no facts of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It sells for another price.
    PriceSet {
        /// What.
        sku: SkuId,
        /// The city price from now on.
        price: Paise,
    },
    /// It went on sale, or off.
    ActiveSet {
        /// What.
        sku: SkuId,
        /// Whether it is on sale from now on.
        is_active: bool,
    },
}

/// Why a SKU or a price is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such SKU.
    #[error("{sku} is not in the catalogue")]
    Unknown {
        /// The SKU.
        sku: SkuId,
    },
    /// The price is below one paisa, or above the maximum retail price.
    #[error("{sku}: a price of {price} is not between ₹0.01 and the MRP of {mrp}")]
    Price {
        /// The SKU.
        sku: SkuId,
        /// The price.
        price: Paise,
        /// Its maximum retail price.
        mrp: Paise,
    },
}

/// The SKUs of one city, dense by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    skus: Vec<Sku>,
    /// All SKUs, by group and then by id.
    by_group: Vec<(Group, SkuId)>,
}

impl Catalogue {
    /// A catalogue of these SKUs; the first is SKU zero.
    ///
    /// # Errors
    /// [`Refusal::Price`] for the first whose price is not allowed.
    ///
    /// # Panics
    /// If there are more than `u32::MAX`.
    pub fn new(skus: Vec<Sku>) -> Result<Self, Refusal> {
        for (index, sku) in skus.iter().enumerate() {
            check_price(SkuId::at(index), sku.price, sku.mrp)?;
        }
        let mut by_group: Vec<_> =
            skus.iter().enumerate().map(|(index, sku)| (sku.group, SkuId::at(index))).collect();
        by_group.sort_unstable();
        Ok(Self { skus, by_group })
    }

    /// All SKUs, in the order of their ids.
    #[must_use]
    pub fn skus(&self) -> &[Sku] {
        &self.skus
    }

    /// A SKU; none if it is not in the catalogue.
    #[must_use]
    pub fn get(&self, sku: SkuId) -> Option<&Sku> {
        self.skus.get(sku.index())
    }

    /// The SKUs on sale that can stand in for one, in the order of their ids.
    pub fn substitutes(&self, sku: SkuId) -> impl Iterator<Item = SkuId> {
        let group = self.get(sku).map(|listed| listed.group);
        let from = self.by_group.partition_point(|(other, _)| Some(*other) < group);
        let of_group = self.by_group[from..].iter().take_while(move |(g, _)| Some(*g) == group);
        of_group
            .map(|(_, other)| *other)
            .filter(move |&other| other != sku && self.skus[other.index()].is_active)
    }

    /// Decides a command, appending what changed; nothing if it is so already.
    ///
    /// # Errors
    /// [`Refusal`], with nothing appended.
    pub fn decide(&self, command: Command, events: &mut Vec<Event>) -> Result<(), Refusal> {
        match command {
            Command::SetPrice { sku, price } => {
                let listed = self.get(sku).ok_or(Refusal::Unknown { sku })?;
                check_price(sku, price, listed.mrp)?;
                if price != listed.price {
                    events.push(Event::PriceSet { sku, price });
                }
            }
            Command::SetActive { sku, is_active } => {
                let listed = self.get(sku).ok_or(Refusal::Unknown { sku })?;
                if is_active != listed.is_active {
                    events.push(Event::ActiveSet { sku, is_active });
                }
            }
        }
        Ok(())
    }

    /// Applies what happened.
    ///
    /// # Panics
    /// If the SKU is not in the catalogue, or would sell above its maximum retail price.
    pub fn evolve(&mut self, event: &Event) {
        match *event {
            Event::PriceSet { sku, price } => {
                let listed = &mut self.skus[sku.index()];
                check_price(sku, price, listed.mrp).expect("decided prices are allowed");
                listed.price = price;
            }
            Event::ActiveSet { sku, is_active } => self.skus[sku.index()].is_active = is_active,
        }
    }
}

fn check_price(sku: SkuId, price: Paise, mrp: Paise) -> Result<(), Refusal> {
    if Paise(1) <= price && price <= mrp { Ok(()) } else { Err(Refusal::Price { sku, price, mrp }) }
}
