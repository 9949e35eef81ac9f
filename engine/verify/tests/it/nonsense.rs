//! Whatever a journal says, its judges do not panic.

use dastak_verify::{Judge, Recount, counterexample, line};
use domain::facts::{Fact, Record};
use domain::ids::OrderId;
use domain::time::Timestamp;

use crate::journal::CITY;

/// A linear congruential generator (Knuth's MMIX constants): enough for nonsense.
struct Dice(u64);

impl Dice {
    fn below(&mut self, below: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn index(&mut self, below: usize) -> usize {
        usize::try_from(self.below(below as u64)).expect("it is below a usize")
    }

    /// A number as a fact might carry it: mostly small, sometimes at an edge.
    fn cell(&mut self) -> i64 {
        const EDGES: [i64; 6] =
            [i64::MIN, i64::MAX, u32::MAX as i64, u32::MAX as i64 - 1, i32::MAX as i64, -1];
        match self.below(40) {
            0 => EDGES[self.index(EDGES.len())],
            _ => i64::try_from(self.below(5)).expect("small"),
        }
    }

    /// A fact of any kind; its order, if it has one, is one of a few.
    fn fact(&mut self) -> Fact {
        loop {
            let area = self.index(Fact::AREAS.len());
            let kinds = Fact::AREAS[area];
            let kind = self.index(kinds.len());
            let mut cells = Vec::new();
            for (name, columns) in kinds[kind].fields {
                if *name == "order" {
                    cells.push(OrderId::new(CITY, self.index(4)).0.cast_signed());
                } else {
                    cells.extend(columns.iter().map(|_| self.cell()));
                }
            }
            let tag = (u8::try_from(area).expect("few"), u8::try_from(kind).expect("few"));
            let mut cells = cells.into_iter();
            if let Some(fact) = Fact::from_cells(tag, &mut || cells.next()) {
                return fact;
            }
        }
    }
}

#[test]
fn no_journal_makes_a_judge_panic() {
    for seed in 0..300 {
        let mut dice = Dice(seed);
        let mut at = 0;
        let records: Vec<_> = (0..400)
            .map(|seq| {
                at += dice.below(3) * 1_000_000;
                let at = if dice.below(100) == 0 { u64::MAX - at } else { at };
                Record { at: Timestamp(at), city: CITY, seq, fact: dice.fact() }
            })
            .collect();
        let (mut judge, mut recount) = (Judge::new(), Recount::new());
        for record in &records {
            judge.record(record);
            recount.record(record);
        }
        let (verdict, _) = (judge.finish(), recount.finish());
        assert!(!verdict.is_clean(), "nonsense breaks something");
        for broken in verdict.breaks() {
            let shown = counterexample(records.iter().copied(), broken);
            assert!(broken.record.is_none_or(|record| shown.contains(&record)), "{broken}");
            assert!(shown.iter().all(|record| !line(record).is_empty()));
        }
    }
}
