//! The straight-line estimate.

use dastak_roads::StraightLine;
use domain::dispatch::Legs;
use domain::money::Bps;
use domain::place::Place;
use domain::time::Timestamp;

#[test]
fn the_straight_line_is_stretched_and_ridden_at_one_speed() {
    #[track_caller]
    fn check(circuity: u32, speed_m_per_h: u32, lon_e7: i32, ms: u32) {
        let line = StraightLine { circuity: Bps(circuity), speed_m_per_h };
        let (from, to) = (Place::default(), Place { lat_e7: 0, lon_e7 });
        assert_eq!(line.leg_ms(from, to, Timestamp(0)), ms);
        assert_eq!(line.leg_ms(to, from, Timestamp(5)), ms);
    }
    // A hundredth of a degree on the equator is 1 111.95 m.
    check(10_000, 15_000, 100_000, 266_868);
    check(13_500, 15_000, 100_000, 360_272);
    check(10_000, 15_000, 10_000_000, 26_686_819);
    check(13_500, 15_000, 0, 0);
    check(10_000, 0, 100_000, u32::MAX);
    check(u32::MAX, 1, 1_800_000_000, u32::MAX);
}
