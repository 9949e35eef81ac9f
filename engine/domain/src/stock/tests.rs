//! Shelf rules: all or nothing, conserved, harmless when repeated, and the races of holds.

use proptest::prelude::*;

use super::*;
use crate::order::Line;

const STORE: StoreId = StoreId(0);

/// A shelf with a few orders' holds, as a driver keeps them.
struct World {
    shelves: Shelves,
    holds: Vec<(Hold, Vec<Line>)>,
    log: Vec<Event>,
}

impl World {
    fn new(free: &[u32], orders: usize) -> Self {
        Self {
            shelves: Shelves::new(free.len(), free.iter().copied()),
            holds: vec![(Hold::Never, Vec::new()); orders],
            log: Vec::new(),
        }
    }

    fn play(&mut self, command: Command<'_>) -> Result<(), Refusal> {
        let mut events = Vec::new();
        let outcome = decide(self, STORE, command, &mut events);
        for event in &events {
            self.shelves.evolve(event);
        }
        if let Some((order, lines)) = subject(command) {
            let (hold, held) = &mut self.holds[order.index()];
            if let Some(lines) = lines.filter(|_| !hold.stands()) {
                *held = lines.iter().map(|line| Line { units: 0, ..*line }).collect();
            }
            for event in &events {
                hold.evolve(held, event);
            }
        }
        self.log.extend(events);
        outcome
    }

    fn totals(&self, skus: u32) -> Vec<i64> {
        let total = |sku| {
            let slot = self.shelves.slot(STORE, SkuId(sku));
            i64::from(slot.free_units) + i64::from(slot.reserved_units) + i64::from(slot.sold_units)
        };
        (0..skus).map(total).collect()
    }
}

impl Reads for World {
    fn slot(&self, store: StoreId, sku: SkuId) -> Slot {
        self.shelves.slot(store, sku)
    }

    fn hold(&self, order: OrderId) -> Hold {
        self.holds[order.index()].0
    }

    fn held_lines(&self, order: OrderId) -> &[Line] {
        &self.holds[order.index()].1
    }
}

/// Whose hold a command is about, and the lines it brings.
fn subject(command: Command<'_>) -> Option<(OrderId, Option<&[Line]>)> {
    match command {
        Command::Reserve { order, lines, .. } => Some((order, Some(lines))),
        Command::Extend { order, .. }
        | Command::Secure { order }
        | Command::Commit { order, .. }
        | Command::Release { order }
        | Command::Expire { order, .. } => Some((order, None)),
        Command::Receive { .. } | Command::Adjust { .. } => None,
    }
}

fn reserve(order: u64, lines: &[Line]) -> Command<'_> {
    Command::Reserve { order: OrderId(order), lines, expires_at: Timestamp(100) }
}

fn line(sku: u32, units: u32) -> Line {
    Line { sku: SkuId(sku), units }
}

/// R1: the last units and many buyers. Exactly as many win as there are units.
#[test]
fn the_last_units_go_to_exactly_as_many_buyers() {
    let mut world = World::new(&[3], 10);
    let winners =
        (0..10).filter(|&order| world.play(reserve(order, &[line(0, 1)])).is_ok()).count();
    assert_eq!(winners, 3);
    assert_eq!(world.shelves.slot(STORE, SkuId(0)).free_units, 0);
}

#[test]
fn a_hold_is_all_or_nothing() {
    let mut world = World::new(&[5, 0], 1);
    let refusal = world.play(reserve(0, &[line(0, 2), line(1, 1)]));
    assert_eq!(refusal, Err(Refusal::Stockout { sku: SkuId(1), wanted_units: 1, free_units: 0 }));
    assert_eq!(world.shelves.slot(STORE, SkuId(0)).free_units, 5);
    assert_eq!(world.log.len(), 1, "the refusal is the only fact");
}

#[test]
fn a_short_pick_sells_what_was_found_and_corrects_the_books() {
    let mut world = World::new(&[5], 1);
    world.play(reserve(0, &[line(0, 4)])).unwrap();
    world.play(Command::Commit { order: OrderId(0), sku: SkuId(0), found_units: 1 }).unwrap();
    let slot = world.shelves.slot(STORE, SkuId(0));
    assert_eq!((slot.free_units, slot.reserved_units, slot.sold_units), (1, 0, 1));
}

/// R4, the shelf's part: expiry against confirmation, in both orders.
#[test]
fn a_hold_expires_or_is_secured_but_never_both() {
    for secure_first in [true, false] {
        let mut world = World::new(&[1], 1);
        world.play(reserve(0, &[line(0, 1)])).unwrap();
        let secure = Command::Secure { order: OrderId(0) };
        let expire = Command::Expire { order: OrderId(0), now: Timestamp(100) };
        let (first, second) = if secure_first { (secure, expire) } else { (expire, secure) };
        world.play(first).unwrap();
        world.play(second).unwrap();
        let expected = if secure_first { Hold::Secured } else { Hold::Over };
        assert_eq!(world.holds[0].0, expected);
        assert_eq!(world.shelves.slot(STORE, SkuId(0)).free_units, u32::from(!secure_first));
    }
}

#[test]
fn a_hold_does_not_expire_before_its_time() {
    let mut world = World::new(&[1], 1);
    world.play(reserve(0, &[line(0, 1)])).unwrap();
    world.play(Command::Expire { order: OrderId(0), now: Timestamp(99) }).unwrap();
    assert_eq!(world.holds[0].0, Hold::Until(Timestamp(100)));
    world.play(Command::Extend { order: OrderId(0), expires_at: Timestamp(200) }).unwrap();
    world.play(Command::Expire { order: OrderId(0), now: Timestamp(150) }).unwrap();
    assert_eq!(world.holds[0].0, Hold::Until(Timestamp(200)));
}

#[test]
fn an_adjustment_cannot_take_what_is_not_free() {
    let mut world = World::new(&[3], 1);
    world.play(reserve(0, &[line(0, 2)])).unwrap();
    let adjust =
        Command::Adjust { sku: SkuId(0), delta_units: -2, adjustment: Adjustment::CycleCount };
    assert_eq!(
        world.play(adjust),
        Err(Refusal::Shortfall { sku: SkuId(0), taken_units: 2, free_units: 1 })
    );
}

/// A random command: what, whose, which SKU, how many.
type Draw = (usize, u64, u32, u32);

fn play_draw(world: &mut World, (what, order, sku, units): Draw) {
    let order_id = OrderId(order);
    let lines = [line(sku, units), line((sku + 1) % 4, 1)];
    let command = match what {
        0 | 1 => reserve(order, &lines),
        2 => Command::Commit { order: order_id, sku: SkuId(sku), found_units: units },
        3 => Command::Release { order: order_id },
        4 => Command::Secure { order: order_id },
        _ => Command::Expire { order: order_id, now: Timestamp(u64::from(units) * 40) },
    };
    let _ = world.play(command);
}

fn script() -> impl Strategy<Value = Vec<Draw>> {
    prop::collection::vec((0_usize..6, 0_u64..6, 0_u32..4, 1_u32..4), 0..80)
}

proptest! {
    /// Whatever the interleaving, units appear and vanish only by adjustment.
    #[test]
    fn units_are_conserved(free in prop::collection::vec(0_u32..12, 4), script in script()) {
        let mut world = World::new(&free, 6);
        for draw in script {
            play_draw(&mut world, draw);
            let mut expected: Vec<_> = free.iter().map(|&units| i64::from(units)).collect();
            for event in &world.log {
                if let Event::Adjusted { sku, delta_units, .. } = event {
                    expected[sku.index()] += i64::from(*delta_units);
                }
            }
            prop_assert_eq!(world.totals(4), expected);
        }
    }

    /// What the shelf has reserved is what the orders hold.
    #[test]
    fn reserved_is_the_sum_of_holds(free in prop::collection::vec(0_u32..12, 4), script in script()) {
        let mut world = World::new(&free, 6);
        for draw in script {
            play_draw(&mut world, draw);
            for sku in 0..4 {
                let held: u32 = world.holds.iter().flat_map(|(_, lines)| lines)
                    .filter(|line| line.sku == SkuId(sku)).map(|line| line.units).sum();
                prop_assert_eq!(world.shelves.slot(STORE, SkuId(sku)).reserved_units, held);
            }
        }
    }

    /// Saying a command twice is the same as saying it once.
    #[test]
    fn repeating_a_command_changes_nothing(
        free in prop::collection::vec(0_u32..12, 4),
        script in script(),
        again in (0_usize..6, 0_u64..6, 0_u32..4, 1_u32..4),
    ) {
        let mut world = World::new(&free, 6);
        for draw in script {
            play_draw(&mut world, draw);
        }
        play_draw(&mut world, again);
        let (shelves, holds) = (world.shelves.clone(), world.holds.clone());
        play_draw(&mut world, again);
        prop_assert_eq!(world.shelves, shelves);
        prop_assert_eq!(world.holds, holds);
    }
}
