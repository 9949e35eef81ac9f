//! Units of work that come at the same time: who loses takes nobody along.

use domain::ids::{SkuId, StoreId};
use domain::stock::Slot;

use super::{SHELF, commit, put, shelf, unit};
use crate::join::{Side, together};
use crate::ports::{Committed, Database};
use crate::rows::{Key, Version};
use crate::unit::{Answer, Unit};

type Shelf = (StoreId, SkuId);

/// Losers, by their places among those who are made below.
pub(super) const LOSERS: std::ops::Range<usize> = 0..4;
/// A shelf that everybody who wins has looked at.
const SHOWN: Shelf = (StoreId(2), SkuId(0));

const fn of_winner(nth: u32) -> Shelf {
    (StoreId(3), SkuId(nth))
}

/// Among some who win come one whose row was written meanwhile, one who only hung on that row, one
/// whose row was made meanwhile, and one who was heard before; or those of them that are wanted.
pub(super) async fn who_loses_takes_nobody_along<D: Database>(
    database: &D,
    winners: u32,
    losers: std::ops::Range<usize>,
) {
    let mut made = unit(database, 0, 1, &[Key::Slot(SHELF), Key::Slot(SHOWN)]).await;
    put(&mut made, SHELF, 1);
    put(&mut made, SHOWN, 1);
    assert_eq!(commit(database, &made).await, Committed::Done);
    let lost = |name, shelf: Shelf| async move {
        let keys = [Key::Slot(SHELF), Key::Slot((StoreId(4), SkuId(0))), Key::Slot(shelf)];
        let mut loser = unit(database, name, 1, &keys).await;
        put(&mut loser, shelf, 7);
        loser
    };
    let written = {
        let mut loser = lost(1, (StoreId(5), SkuId(1))).await;
        put(&mut loser, SHELF, 7);
        loser
    };
    let hung_on = {
        let mut loser = lost(2, (StoreId(5), SkuId(2))).await;
        assert!(loser.rows.slots.get(SHELF).is_some());
        loser
    };
    let was_made = {
        let mut loser = lost(3, (StoreId(5), SkuId(3))).await;
        put(&mut loser, (StoreId(4), SkuId(0)), 7);
        loser
    };
    let mut quicker = unit(database, 4, 1, &written.keys).await;
    put(&mut quicker, SHELF, 1);
    put(&mut quicker, (StoreId(4), SkuId(0)), 1);
    assert_eq!(commit(database, &quicker).await, Committed::Done);
    let heard = lost(4, (StoreId(5), SkuId(4))).await;
    let repeated = Committed::Repeated { digest: quicker.digest, answer: Answer::Heard };
    let mut all: Vec<(Unit, Committed)> = Vec::new();
    let four = [
        (written, Committed::Conflict),
        (hung_on, Committed::Conflict),
        (was_made, Committed::Conflict),
        (heard, repeated),
    ];
    let mut losers = four.into_iter().skip(losers.start).take(losers.len());
    for nth in 0..winners {
        let keys = [Key::Slot(of_winner(nth)), Key::Slot(SHOWN)];
        let mut winner = unit(database, u64::from(100 + nth), 1, &keys).await;
        assert!(winner.rows.slots.get(SHOWN).is_some());
        put(&mut winner, of_winner(nth), 1);
        all.push((winner, Committed::Done));
        if nth % 3 == 1 {
            all.extend(losers.next());
        }
    }
    let say = |(unit, answer): (Unit, Committed)| async move {
        assert_eq!(commit(database, &unit).await, answer, "{:?}", unit.key);
    };
    let sides = all.into_iter().map(|one| -> Side<'_> { Box::pin(say(one)) });
    together(sides.collect(), usize::MAX).await;
    for nth in 0..winners {
        let (slot, version) = shelf(database, of_winner(nth)).await;
        assert_eq!((slot.free_units, version), (1, Version(1)), "of winner {nth}");
    }
    for sku in 1..5 {
        let of_loser = shelf(database, (StoreId(5), SkuId(sku))).await;
        assert_eq!(of_loser, (Slot::default(), Version(0)), "of loser {sku}");
    }
    assert_eq!(shelf(database, SHELF).await.0.free_units, 2);
}
