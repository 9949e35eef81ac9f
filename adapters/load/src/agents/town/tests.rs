use domain::place::Place;
use proptest::prelude::*;

use super::Leg;

fn place() -> impl Strategy<Value = Place> {
    // A city of a third of a degree.
    (129_000_000..132_000_000_i32, 775_000_000..778_000_000_i32)
        .prop_map(|(lat_e7, lon_e7)| Place { lat_e7, lon_e7 })
}

proptest! {
    /// Pings of a ride, wherever they fall in it, are never faster than the whole ride, begin where
    /// it begins and end where it ends.
    #[test]
    fn nobody_is_faster_than_their_ride(
        at in place(),
        to in place(),
        from_us in 0..1_000_000_000_u64,
        lasts_us in 1_000..4_000_000_000_u64,
        shares in prop::collection::vec(0.0..1.0_f64, 2..10),
    ) {
        let leg = Leg { at, to, from_us, until_us: from_us + lasts_us };
        prop_assert_eq!(leg.place(from_us.saturating_sub(1)), at);
        prop_assert_eq!(leg.place(from_us + lasts_us), to);
        prop_assert_eq!(leg.place(u64::MAX), to);
        let mut times: Vec<f64> = shares.iter().map(|share| share * lasts_us as f64).collect();
        times.sort_by(f64::total_cmp);
        let speed = at.straight_m(to) / lasts_us as f64;
        for pair in times.windows(2) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time")]
            let [one, next] = [pair[0] as u64, pair[1] as u64];
            let (here, there) = (leg.place(from_us + one), leg.place(from_us + next));
            let gone_m = here.straight_m(there);
            // Places are rounded to a centimetre, and the earth between them is not flat.
            let most_m = speed * (next - one) as f64 * 1.001 + 0.03;
            prop_assert!(gone_m <= most_m, "{} m of {} m", gone_m, most_m);
        }
    }
}
