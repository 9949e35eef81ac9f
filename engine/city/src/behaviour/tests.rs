use domain::payment::Method;
use proptest::prelude::*;

use super::*;

const ORDERS: u64 = 40_000;

fn usual() -> Behaviour {
    Behaviour::new(11, Params::default())
}

fn with(change: impl FnOnce(&mut Params)) -> Behaviour {
    let mut params = Params::default();
    change(&mut params);
    Behaviour::new(11, params)
}

fn mean_s(of: impl Fn(u64) -> Millis) -> f64 {
    (0..ORDERS).map(|luck| of(luck).as_s()).sum::<f64>() / ORDERS as f64
}

fn share(of: impl Fn(u64) -> bool) -> f64 {
    (0..ORDERS).filter(|&luck| of(luck)).count() as f64 / ORDERS as f64
}

#[test]
fn means_and_shares_are_those_of_the_calibration() {
    let people = usual();
    let provider = &people.params.provider;
    let check = |name: &str, found: f64, want: f64, tolerance: f64| {
        assert!((found - want).abs() <= tolerance, "{name}: {found}, not {want}");
    };
    let pick_and_pack = |lines| mean_s(|luck| people.pick(luck, lines) + people.pack());
    check("three lines and a fifth", 0.8 * pick_and_pack(3) + 0.2 * pick_and_pack(4), 112.0, 1.0);
    check("handover", mean_s(|luck| people.handover(luck)), 60.0, 0.5);
    check("dwell", mean_s(|luck| people.dwell(luck, Method::Upi)), 110.0 * 1.1331, 1.0);
    check("ride", mean_s(|luck| people.ride(luck, 1, Millis::from_s(400))), 400.0, 1.5);
    check("patience", mean_s(|luck| people.patience(luck)), 480.0, 8.0);
    check("short", share(|luck| people.short_pick(luck, 2, 3).is_some()), 0.015, 0.002);
    check("undelivered", share(|luck| people.undelivered(luck)), 0.004, 0.001);
    check("complains", share(|luck| people.complains(luck)), 0.025, 0.003);
    check("cancels", share(|luck| people.cancels(luck).is_some()), 0.012, 0.002);
    let rejects = |rain| share(|luck| matches!(people.reply(luck, 0, rain), Reply::Rejects { .. }));
    check("rejects", rejects(false), 0.03, 0.003);
    check("rejects in rain", rejects(true), 0.09, 0.005);
    check("silent", share(|luck| people.reply(luck, 1, false) == Reply::Silent), 0.02, 0.003);
    check("drops in rain", share(|luck| people.drops(luck, 0, true).is_some()), 0.021, 0.003);
    let authorised = |luck, attempt| {
        let answer = people.pays(luck, attempt, Method::Upi, provider).answer;
        matches!(answer, Answer::Authorised { .. })
    };
    check("first attempt", share(|luck| authorised(luck, 1)), 0.93, 0.004);
    let in_the_end = |luck| {
        (1..=4_u8)
            .find(|&attempt| {
                authorised(luck, attempt) || people.retries(luck, attempt, Method::Upi).is_none()
            })
            .is_some_and(|attempt| authorised(luck, attempt))
    };
    check("in the end", share(in_the_end), 0.98, 0.004);
    let late = |luck| {
        let answer = people.pays(luck, 1, Method::Upi, provider).answer;
        matches!(answer, Answer::Silent { late: Some(_) })
    };
    check("authorised late", share(late), 0.002, 0.0008);
    let broken = provider.browned_out(0.55, 30.0);
    let through = |luck| {
        let answer = people.pays(luck, 1, Method::Upi, &broken).answer;
        matches!(answer, Answer::Authorised { after } if after >= Millis::from_s(30))
    };
    check("brownout", share(through), 0.55, 0.01);
}

#[test]
fn every_number_says_where_it_is_from_and_the_assumed_ones_are_one_list() {
    let rows: Vec<_> = crate::calibrated().collect();
    assert!(rows.iter().all(|row| !row.source.is_empty() && !row.default.is_empty()));
    let mut names: Vec<_> = rows.iter().map(|row| (row.group, row.name)).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "a number is defined once");
    let assumed = crate::assumed().count();
    assert!(assumed > 20 && assumed < rows.len(), "{assumed} of {}", rows.len());
}

proptest! {
    /// Raising a number never takes back what happened at the lower one.
    #[test]
    fn draws_are_monotone_in_their_parameters(luck in any::<u64>(), raise in 1.0_f64..3.0, line in 0_u16..20) {
        let usual = usual();
        let slower = with(|params| {
            params.picking.start_s *= raise;
            params.picking.line_s *= raise;
            params.picking.handover_s *= raise;
            params.riders.dwell_s *= raise;
            params.customers.patience_s *= raise;
        });
        prop_assert!(slower.pick(luck, line) >= usual.pick(luck, line));
        prop_assert!(slower.handover(luck) >= usual.handover(luck));
        prop_assert!(slower.dwell(luck, Method::Upi) >= usual.dwell(luck, Method::Upi));
        prop_assert!(slower.patience(luck) >= usual.patience(luck));
        prop_assert!(usual.ride(luck, 0, Millis(400_000)) >= usual.ride(luck, 0, Millis(390_000)));

        let worse = with(|params| {
            params.picking.short_share *= raise;
            params.riders.reject_share *= raise;
            params.riders.drop_share *= raise;
            params.riders.undelivered_share *= raise;
            params.customers.cancel_share *= raise;
            params.provider.business_share *= raise;
        });
        let accepts = |people: &Behaviour| matches!(people.reply(luck, 0, false), Reply::Accepts { .. });
        prop_assert!(accepts(&usual) || !accepts(&worse));
        prop_assert!(usual.short_pick(luck, line, 5).is_none_or(|found| worse.short_pick(luck, line, 5) == Some(found)));
        prop_assert!(usual.drops(luck, 0, false).is_none() || worse.drops(luck, 0, false).is_some());
        prop_assert!(!usual.undelivered(luck) || worse.undelivered(luck));
        prop_assert!(usual.cancels(luck).is_none_or(|after| worse.cancels(luck) == Some(after)));
        let authorised = |people: &Behaviour| {
            let outcome = people.pays(luck, 1, Method::Card, &people.params.provider);
            matches!(outcome.answer, Answer::Authorised { .. })
        };
        prop_assert!(authorised(&usual) || !authorised(&worse));
    }
}
