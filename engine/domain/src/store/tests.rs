//! Doors that do not flap, orders that are let in or not, and which store is asked.

use proptest::prelude::*;

use super::*;
use crate::eta::{self, Load};
use crate::money::Paise;
use crate::time::{Millis, Timestamp};

const STORE: StoreId = StoreId(3);
const CART: Ask = Ask { goods: Paise::rupees(600), distance_m: 1_000, radius_m: 2_000 };

/// A store with its door, reviewed once a minute.
struct World {
    ops: Ops,
    now: Timestamp,
    log: Vec<Event>,
}

impl World {
    fn new(door: Door) -> Self {
        let now = Timestamp::from_s(3_600);
        Self { ops: Ops { door, since: now }, now, log: Vec::new() }
    }

    fn play(&mut self, command: Command) -> Result<(), Refusal> {
        let mut events = Vec::new();
        let outcome = decide(&self.ops, STORE, &Params::default(), command, self.now, &mut events);
        for event in &events {
            self.ops.evolve(event, self.now);
        }
        self.log.extend(events);
        outcome
    }

    fn review(&mut self, load: Load) -> Door {
        self.now = self.now + Params::default().review_interval;
        self.play(Command::Review(load)).unwrap();
        self.ops.door
    }
}

/// Open orders with ten riders, and waiting pick lists with four pickers.
fn backlog(open_orders: u32, queued: u32) -> Load {
    Load { open_orders, queued, riders: 10, pickers: 4, ..Load::default() }
}

#[test]
fn a_backlog_sets_the_door() {
    use Door::{Closed, Open, Paused, Throttled};
    // Throttle beyond 10 x 1.5 + 4 orders or 4 x 3 + 4 pick lists; pause beyond 36 or 30.
    for (door, open_orders, queued, want) in [
        (Open, 19, 16, Open),
        (Open, 20, 0, Throttled),
        (Open, 0, 17, Throttled),
        (Open, 36, 30, Throttled),
        (Open, 37, 0, Paused),
        (Open, 0, 31, Paused),
        (Throttled, 37, 0, Paused),
        (Throttled, 0, 0, Throttled),
        (Paused, 0, 0, Paused),
        (Closed, 0, 0, Closed),
        (Closed, 99, 99, Closed),
    ] {
        let got = World::new(door).review(backlog(open_orders, queued));
        assert_eq!(got, want, "{door} with {open_orders} orders, {queued} pick lists");
    }
}

/// On a calibrated day a rider has 0.54 open orders, and they come as they like (Poisson).
#[test]
fn a_calibrated_day_does_not_reach_the_limits() {
    for riders in 1_u32..=80 {
        let mean = 0.54 * f64::from(riders);
        let beyond = (0_u32..).find(|&n| f64::from(n) > mean + 4.0 * mean.sqrt()).unwrap();
        let load = Load { open_orders: beyond, riders, pickers: 2, ..Load::default() };
        assert_eq!(World::new(Door::Open).review(load), Door::Open, "{riders} riders");
    }
}

#[test]
fn a_store_without_riders_keeps_a_few_orders_and_no_more() {
    let alone = |open_orders| Load { open_orders, pickers: 2, ..Load::default() };
    let doors = [4, 5, 6, 7].map(|n| World::new(Door::Open).review(alone(n)));
    assert_eq!(doors, [Door::Open, Door::Throttled, Door::Throttled, Door::Paused]);
}

#[test]
fn a_door_opens_step_by_step_when_the_backlog_has_gone() {
    let mut world = World::new(Door::Open);
    assert_eq!(world.review(backlog(40, 0)), Door::Paused);
    // Below the limit, but not far below; then far below, in time for one step after another.
    let mut doors = vec![];
    for open_orders in [30, 30, 30, 30, 30, 30, 25, 5, 5, 5, 5, 5, 5] {
        doors.push(world.review(backlog(open_orders, 0)).text());
    }
    assert_eq!(
        doors.join(" "),
        "paused paused paused paused paused paused throttled throttled throttled throttled \
         throttled open open"
    );
}

#[test]
fn only_a_hand_opens_what_a_hand_closed() {
    let mut world = World::new(Door::Open);
    world.play(Command::Set(Door::Closed)).unwrap();
    for _ in 0..60 {
        assert_eq!(world.review(backlog(0, 0)), Door::Closed);
    }
    world.play(Command::Set(Door::Open)).unwrap();
    world.play(Command::Set(Door::Open)).unwrap();
    let set = |door_state| Event::DoorSet { store: STORE, door_state };
    assert_eq!(world.log, [set(Door::Closed), set(Door::Open)], "a repeat tells nothing");
}

#[test]
fn who_is_let_in() {
    let small = Ask { goods: Paise::rupees(198), ..CART };
    let far = Ask { distance_m: 1_401, ..CART };
    let outside = Ask { distance_m: 2_001, ..CART };
    let too_far = |distance_m, radius_m| Err(Refusal::TooFar { distance_m, radius_m });
    let too_small =
        Err(Refusal::TooSmall { goods: Paise::rupees(198), minimum: Paise::rupees(199) });
    for (door, ask, want) in [
        (Door::Open, CART, Ok(())),
        (Door::Open, small, Ok(())),
        (Door::Open, outside, too_far(2_001, 2_000)),
        (Door::Throttled, CART, Ok(())),
        (Door::Throttled, small, too_small),
        (Door::Throttled, Ask { distance_m: 1_400, ..CART }, Ok(())),
        (Door::Throttled, far, too_far(1_401, 1_400)),
        (Door::Paused, CART, Err(Refusal::Paused)),
        (Door::Closed, CART, Err(Refusal::Closed)),
    ] {
        let mut world = World::new(door);
        assert_eq!(world.play(Command::Admit(ask)), want, "{door}: {ask:?}");
        assert!(world.log.is_empty(), "asking changes nothing");
    }
}

#[test]
fn only_a_throttled_store_adds_to_its_promise() {
    let params = Params { throttled_extra: Millis::from_min(5), ..Params::default() };
    let extra_min: Vec<_> = Door::ALL.iter().map(|&door| params.extra(door).0 / 60_000).collect();
    assert_eq!(extra_min, [0, 5, 0, 0]);
}

/// R19: an order that came before the pause is in; one that comes after is sent elsewhere.
#[test]
fn pause_and_order_in_both_orders() {
    let pause = Command::Review(backlog(99, 0));
    let paused = Event::DoorSet { store: STORE, door_state: Door::Paused };

    let mut order_first = World::new(Door::Open);
    assert_eq!(order_first.play(Command::Admit(CART)), Ok(()));
    assert_eq!(order_first.play(pause), Ok(()));
    assert_eq!(order_first.log, [paused], "nothing tells the order to go");

    let mut pause_first = World::new(Door::Open);
    assert_eq!(pause_first.play(pause), Ok(()));
    assert_eq!(pause_first.play(Command::Admit(CART)), Err(Refusal::Paused));
    assert_eq!(pause_first.log, [paused]);
    let [home, other] = [near(3, pause_first.ops.door, 300, 0), near(5, Door::Open, 500, 0)];
    let because = Because::Door(Refusal::Paused);
    check(&[home, other], [Err(refused(3, because, Some(5))), Ok(5), Ok(5)]);
}

/// A store around the address: id, door, ride in seconds, lines it has not got.
fn near(store: u32, door: Door, ride_s: u32, missing_lines: u16) -> Nearby {
    Nearby {
        store: StoreId(store),
        door,
        ride: Millis::from_s(ride_s),
        distance_m: ride_s * 3,
        radius_m: 2_000,
        load: Load { pickers: 4, riders: 10, idle_riders: 5, ..Load::default() },
        missing_lines,
    }
}

fn refused(wanted: u32, because: Because, alternative: Option<u32>) -> NotServed {
    NotServed::Refused { wanted: StoreId(wanted), because, alternative: alternative.map(StoreId) }
}

/// Checks what each policy chooses, in the order of the policies.
fn check(nearby: &[Nearby], want: [Result<u32, NotServed>; 3]) {
    let doors = Params::default();
    let eta = eta::Params::default();
    let goods = Paise::rupees(600);
    for turn in 0..nearby.len().max(1) {
        let mut listed = nearby.to_vec();
        listed.rotate_left(turn);
        let pick = Millis::from_s(112);
        let view = View { nearby: &listed, goods, pick, doors: &doors, eta: &eta };
        for (&policy, want) in Policy::ALL.iter().zip(want) {
            assert_eq!(choose(policy, &view), want.map(StoreId), "{policy}: {listed:?}");
        }
    }
}

#[test]
fn which_store_is_asked() {
    use Door::{Closed, Open, Throttled};
    check(&[], [Err(NotServed::NobodyNear); 3]);
    check(&[near(1, Open, 300, 0), near(2, Open, 400, 0)], [Ok(1), Ok(1), Ok(1)]);
    check(&[near(2, Open, 300, 0), near(1, Open, 300, 0)], [Ok(1), Ok(1), Ok(1)]);

    let missing = Because::MissingLines(2);
    let short = near(1, Open, 300, 2);
    check(&[short, near(2, Open, 400, 0)], [Err(refused(1, missing, Some(2))), Ok(2), Ok(2)]);
    // Nobody has everything: the nearest says so, and names who lacks least.
    let others = [short, near(2, Open, 400, 3), near(3, Open, 500, 1)];
    check(&others, [Err(refused(1, missing, Some(3))); 3]);
    check(&[short], [Err(refused(1, missing, None)); 3]);

    let closed = Because::Door(Refusal::Closed);
    check(&[near(1, Closed, 300, 0)], [Err(refused(1, closed, None)); 3]);
    check(&[near(1, Closed, 300, 0), near(2, Closed, 400, 0)], [Err(refused(1, closed, None)); 3]);

    // That a store is throttled makes it no slower; a queue of pick lists or no idle riders do.
    check(&[near(1, Throttled, 300, 0), near(2, Open, 400, 0)], [Ok(1), Ok(1), Ok(1)]);
    let mut queue = near(1, Open, 300, 0);
    queue.load.queued = 8;
    check(&[queue, near(2, Open, 400, 0)], [Ok(1), Ok(1), Ok(2)]);
    let mut busy = near(1, Open, 300, 0);
    (busy.load.idle_riders, busy.load.unassigned) = (0, 4);
    check(&[busy, near(2, Open, 400, 0)], [Ok(1), Ok(1), Ok(2)]);
    check(&[busy, near(2, Open, 900, 0)], [Ok(1), Ok(1), Ok(1)]);
}

proptest! {
    /// A door becomes looser at most one step in each time it is held, and stricter only beyond
    /// a limit.
    #[test]
    fn doors_do_not_flap(loads in prop::collection::vec((0_u32..60, 0_u32..40), 1..120)) {
        let params = Params::default();
        let mut world = World::new(Door::Open);
        let mut changed = world.now;
        for (open_orders, queued) in loads {
            let before = world.ops.door;
            let after = world.review(backlog(open_orders, queued));
            if after < before {
                prop_assert!(world.now >= changed + params.hold);
                prop_assert_eq!(after as u8 + 1, before as u8);
                prop_assert!(open_orders <= 25 && queued <= 21, "still near a limit");
            }
            prop_assert!(after <= before || open_orders > 19 || queued > 16);
            if after != before {
                changed = world.now;
            }
        }
    }

    /// A chosen store always lets the order in and has everything.
    #[test]
    fn chosen_stores_serve_the_cart(
        stores in prop::collection::vec((0_usize..4, 0_u32..900, 0_u16..2, 0_u32..20), 0..6),
    ) {
        let nearby: Vec<_> = (0..).zip(&stores).map(|(id, &(door, ride_s, missing, queued))| {
            let mut near = near(id, Door::ALL[door], ride_s, missing);
            near.load.queued = queued;
            near
        }).collect();
        let (doors, eta) = (Params::default(), eta::Params::default());
        let goods = Paise::rupees(600);
        let view = View { nearby: &nearby, goods, pick: Millis(112_000), doors: &doors, eta: &eta };
        let serves = |near: &Nearby| {
            let radius_m = if near.door == Door::Throttled { 1_400 } else { 2_000 };
            let takes = near.door == Door::Open || near.door == Door::Throttled;
            takes && near.distance_m <= radius_m && near.missing_lines == 0
        };
        for &policy in Policy::ALL {
            match choose(policy, &view) {
                Ok(store) => prop_assert!(serves(&nearby[store.index()])),
                Err(NotServed::NobodyNear) => prop_assert!(nearby.is_empty()),
                Err(NotServed::Refused { wanted, alternative, .. }) => {
                    prop_assert!(!serves(&nearby[wanted.index()]));
                    prop_assert_ne!(Some(wanted), alternative);
                    let nobody = nearby.iter().all(|near| !serves(near));
                    prop_assert!(nobody || policy == Policy::PrimaryOnly);
                }
            }
        }
    }
}
