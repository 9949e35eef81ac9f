//! The invariants, one file each; this is the list of them.
//!
//! An invariant sees each fact of the areas it listens to beside the [`World`] as it stood before
//! the fact, and rules on it. At the end it sees the world once more. To add one: a file with a
//! `Law`, and its name in [`the list`](laws).

mod ruling;

use domain::facts::{Fact, Record, opening};
use domain::ids::OrderId;
use domain::{delivery, dispatch, ledger, order, payment, picking, pricing, rider, stock, store};

use crate::counterexample::MAX_RECORDS;
use crate::verdict::Finding;
use crate::world::{Live, Order, World};

pub(crate) use ruling::{Ruling, Tally, ensure};

/// A fact to be judged, and what was known before it.
pub(crate) struct Case<'a> {
    pub(crate) record: &'a Record,
    pub(crate) world: &'a World,
    /// The order that the fact is of, if it is of one.
    pub(crate) id: Option<OrderId>,
    /// Its row; blank if the fact is of none or nothing is known of it.
    pub(crate) order: &'a Order,
    /// Its details; blank if the order is over.
    pub(crate) live: &'a Live,
}

impl<'a> Case<'a> {
    #[inline]
    pub(crate) fn new(world: &'a World, record: &'a Record, id: Option<OrderId>) -> Self {
        let order = id.map_or(&Order::BLANK, |id| world.order(id));
        Self { record, world, id, order, live: world.live(order) }
    }

    /// The name of the fact's kind.
    pub(crate) fn kind(&self) -> &'static str {
        self.record.fact.kind().name
    }
}

/// What shows a break.
#[derive(Clone, Copy)]
pub(crate) struct Evidence {
    /// How many records at most: the last of those that the law shows.
    pub(crate) records: usize,
    /// Whether only records of the area of the one that broke it.
    pub(crate) same_area: bool,
}

/// One law. It overrides the areas it listens to; the others cost nothing.
#[expect(unused_variables, reason = "a law ignores the areas it does not listen to")]
pub(crate) trait Invariant: Default {
    /// Its name.
    const ID: &'static str;
    /// What must hold.
    const LAW: &'static str;

    /// What shows a break of it.
    const EVIDENCE: Evidence = Evidence { records: MAX_RECORDS, same_area: false };

    /// Whether a fact that mentions the subject of a break helps to show it.
    fn shows(fact: &Fact) -> bool;

    #[inline(always)]
    fn any(&mut self, case: &Case<'_>) -> Ruling {
        Ruling::NotMine
    }

    #[inline(always)]
    fn opening(&mut self, case: &Case<'_>, event: &opening::Event) -> Ruling {
        Ruling::NotMine
    }

    #[inline(always)]
    fn store(&mut self, case: &Case<'_>, event: &store::Event) -> Ruling {
        Ruling::NotMine
    }

    #[inline(always)]
    fn pricing(&mut self, case: &Case<'_>, event: &pricing::Event) -> Ruling {
        Ruling::NotMine
    }

    #[inline(always)]
    fn order(&mut self, case: &Case<'_>, event: &order::Event) -> Ruling {
        Ruling::NotMine
    }

    #[inline(always)]
    fn stock(&mut self, case: &Case<'_>, event: &stock::Event) -> Ruling {
        Ruling::NotMine
    }

    #[inline(always)]
    fn payment(&mut self, case: &Case<'_>, event: &payment::Event) -> Ruling {
        Ruling::NotMine
    }

    #[inline(always)]
    fn ledger(&mut self, case: &Case<'_>, event: &ledger::Event) -> Ruling {
        Ruling::NotMine
    }

    #[inline(always)]
    fn picking(&mut self, case: &Case<'_>, event: &picking::Event) -> Ruling {
        Ruling::NotMine
    }

    #[inline(always)]
    fn dispatch(&mut self, case: &Case<'_>, event: &dispatch::Event) -> Ruling {
        Ruling::NotMine
    }

    #[inline(always)]
    fn delivery(&mut self, case: &Case<'_>, event: &delivery::Event) -> Ruling {
        Ruling::NotMine
    }

    #[inline(always)]
    fn rider(&mut self, case: &Case<'_>, event: &rider::Event) -> Ruling {
        Ruling::NotMine
    }

    /// Rules on what is left when the journal ends, one ruling for each subject.
    fn end(&mut self, world: &World, rule: &mut dyn FnMut(Ruling)) {}
}

/// Makes for each area the function that lets those who listen to it rule on a fact. They are
/// functions of their own so that each keeps few things on the stack.
macro_rules! areas {
    (@ [$($law:ident)*] $area:ident $Event:ty) => {
        #[inline(never)]
        fn $area(&mut self, case: &Case<'_>, event: &$Event) {
            $({
                let (law, tally) = &mut self.$law;
                let ruling = law.$area(case, event);
                tally.note::<$law::Law>(case.world, Some(case.record), ruling);
            })*
        }
    };
    ($laws:tt $($area:ident: $Event:ty,)*) => { $(areas! { @ $laws $area $Event })* };
}

/// Makes [`Laws`] of the list: a field for each, and each fact to those that listen to its area.
macro_rules! laws {
    ($($law:ident,)*) => {
        /// Every invariant that a journal shows, with what it has ruled so far.
        #[derive(Default)]
        pub(crate) struct Laws {
            $($law: ($law::Law, Tally),)*
        }

        impl Laws {
            /// Lets every invariant rule on a fact.
            #[inline]
            pub(crate) fn judge(&mut self, case: &Case<'_>) {
                self.any(case);
                match &case.record.fact {
                    Fact::Opening(event) => self.opening(case, event),
                    Fact::Store(event) => self.store(case, event),
                    Fact::Pricing(event) => self.pricing(case, event),
                    Fact::Order(event) => self.order(case, event),
                    Fact::Stock(event) => self.stock(case, event),
                    Fact::Payment(event) => self.payment(case, event),
                    Fact::Ledger(event) => self.ledger(case, event),
                    Fact::Picking(event) => self.picking(case, event),
                    Fact::Dispatch(event) => self.dispatch(case, event),
                    Fact::Delivery(event) => self.delivery(case, event),
                    Fact::Rider(event) => self.rider(case, event),
                }
            }

            #[inline]
            fn any(&mut self, case: &Case<'_>) {
                $({
                    let (law, tally) = &mut self.$law;
                    let ruling = law.any(case);
                    tally.note::<$law::Law>(case.world, Some(case.record), ruling);
                })*
            }

            areas! {
                [$($law)*]
                opening: opening::Event,
                store: store::Event,
                pricing: pricing::Event,
                order: order::Event,
                stock: stock::Event,
                payment: payment::Event,
                ledger: ledger::Event,
                picking: picking::Event,
                dispatch: dispatch::Event,
                delivery: delivery::Event,
                rider: rider::Event,
            }

            /// Lets every invariant rule on what is left, and gathers what was found.
            pub(crate) fn finish(mut self, world: &World) -> Vec<Finding> {
                let mut findings = Vec::new();
                $({
                    let (law, tally) = &mut self.$law;
                    law.end(world, &mut |ruling| tally.note::<$law::Law>(world, None, ruling));
                    findings.push(self.$law.1.finding::<$law::Law>());
                })*
                findings
            }
        }

        /// What shows a break of an invariant.
        pub(crate) fn evidence(id: &str) -> Evidence {
            $(if id == <$law::Law as Invariant>::ID {
                return <$law::Law as Invariant>::EVIDENCE;
            })*
            Evidence { records: MAX_RECORDS, same_area: false }
        }

        /// Whether a fact that mentions the subject of a break of an invariant helps to show it.
        pub(crate) fn shows(id: &str, fact: &Fact) -> bool {
            $(if id == <$law::Law as Invariant>::ID {
                return <$law::Law as Invariant>::shows(fact);
            })*
            true
        }
    };
}

mod i01_units_exist;
mod i02_shelf_count;
mod i03_holds_add_up;
mod i04_sold_was_held;
mod i05_one_hold;
mod i06_holds_end;
mod i07_confirmed;
mod i08_nothing_left;
mod i09_money_due;
mod i10_refunds;
mod i11_one_capture;
mod i12_postings;
mod i15_edges;
mod i16_sequence;
mod i17_trips;
mod i18_pickers;
mod i19_bag_and_door;
mod i20_locked_quote;
mod i21_quote_sums;
mod i22_surge;
mod i23_serving_store;
mod i24_no_zombies;
mod i34_littles_law;
mod i35_orders_conserved;
mod i37_own_city;
mod i38_cash;
mod i39_legs;
mod i40_winners;
mod i41_prices;
mod i42_wallets;
mod j1_numbering;
mod j2_opening;
mod j3_duty;
mod j4_offers;
mod j5_all_over;
mod j6_listed;
mod j7_books;

laws! {
    i01_units_exist,
    i02_shelf_count,
    i03_holds_add_up,
    i04_sold_was_held,
    i05_one_hold,
    i06_holds_end,
    i07_confirmed,
    i08_nothing_left,
    i09_money_due,
    i10_refunds,
    i11_one_capture,
    i12_postings,
    i15_edges,
    i16_sequence,
    i17_trips,
    i18_pickers,
    i19_bag_and_door,
    i20_locked_quote,
    i21_quote_sums,
    i22_surge,
    i23_serving_store,
    i24_no_zombies,
    i34_littles_law,
    i35_orders_conserved,
    i37_own_city,
    i38_cash,
    i39_legs,
    i40_winners,
    i41_prices,
    i42_wallets,
    j1_numbering,
    j2_opening,
    j3_duty,
    j4_offers,
    j5_all_over,
    j6_listed,
    j7_books,
}
