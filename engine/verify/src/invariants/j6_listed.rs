//! J6: facts name only stores, SKUs, pickers and riders that the journal's opening lists.

use domain::facts::Fact;
use domain::ids::{PickerId, RiderId, SkuId, StoreId};
use domain::{delivery, order, picking, pricing, rider, stock, store};

use super::{Case, Evidence, Invariant, Ruling, ensure};
use crate::Subject;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "J6";
    const LAW: &'static str = "facts name only what the opening lists";
    const EVIDENCE: Evidence = Evidence { records: 1, same_area: false };

    fn shows(_: &Fact) -> bool {
        true
    }

    #[inline]
    fn store(&mut self, case: &Case<'_>, event: &store::Event) -> Ruling {
        let store::Event::DoorSet { store, .. } = *event;
        is_store(case, store)
    }

    #[inline]
    fn pricing(&mut self, case: &Case<'_>, event: &pricing::Event) -> Ruling {
        use pricing::Event as E;
        if let E::LinePriced { sku, .. } | E::LineUnavailable { sku, .. } = *event {
            is_sku(case, sku)
        } else if let E::Issued { store, .. } | E::SurgeSet { store, .. } = *event {
            is_store(case, store)
        } else {
            Ruling::NotMine
        }
    }

    #[inline]
    fn order(&mut self, case: &Case<'_>, event: &order::Event) -> Ruling {
        let order::Event::Placed { store, .. } = *event else { return Ruling::NotMine };
        is_store(case, store)
    }

    #[inline]
    fn stock(&mut self, case: &Case<'_>, event: &stock::Event) -> Ruling {
        use stock::Event as E;
        match *event {
            E::LineHeld { store, sku, .. }
            | E::Refused { store, sku, .. }
            | E::Committed { store, sku, .. }
            | E::LineReleased { store, sku, .. }
            | E::Received { store, sku, .. }
            | E::Adjusted { store, sku, .. } => is_store(case, store).and(|| is_sku(case, sku)),
            E::Held { store, .. }
            | E::Extended { store, .. }
            | E::Secured { store, .. }
            | E::Released { store, .. }
            | E::Expired { store, .. } => is_store(case, store),
        }
    }

    #[inline]
    fn picking(&mut self, case: &Case<'_>, event: &picking::Event) -> Ruling {
        let picking::Event::Started { picker, .. } = *event else { return Ruling::NotMine };
        is_picker(case, picker)
    }

    #[inline]
    fn delivery(&mut self, case: &Case<'_>, event: &delivery::Event) -> Ruling {
        let delivery::Event::Offered { rider, store, .. } = *event else { return Ruling::NotMine };
        is_store(case, store).and(|| is_rider(case, rider))
    }

    #[inline]
    fn rider(&mut self, case: &Case<'_>, event: &rider::Event) -> Ruling {
        use rider::Event as E;
        let (E::CameOn { rider, .. }
        | E::WentOff { rider }
        | E::BreakBegun { rider }
        | E::BreakEnded { rider }
        | E::Moved { rider, .. }) = *event;
        is_rider(case, rider)
    }
}

fn is_store(case: &Case<'_>, store: StoreId) -> Ruling {
    let is_listed = case.world.stores.get(store.index()).is_some_and(|row| row.listed);
    ensure!(is_listed, Subject::Store(store), "it was never listed");
    Ruling::Kept
}

fn is_sku(case: &Case<'_>, sku: SkuId) -> Ruling {
    let is_listed = case.world.skus.get(sku.index()).is_some_and(|row| row.listed);
    ensure!(is_listed, Subject::Journal, "{sku} was never listed");
    Ruling::Kept
}

fn is_picker(case: &Case<'_>, picker: PickerId) -> Ruling {
    let is_listed = case.world.pickers.get(picker.index()).is_some_and(|row| row.listed);
    ensure!(is_listed, Subject::Picker(picker), "they were never listed");
    Ruling::Kept
}

fn is_rider(case: &Case<'_>, rider: RiderId) -> Ruling {
    let is_listed = case.world.riders.get(rider.index()).is_some_and(|row| row.listed);
    ensure!(is_listed, Subject::Rider(rider), "they were never listed");
    Ruling::Kept
}
