//! Records as lines of JSON: what is written is read back, and nonsense is refused.

use dastak_server::{line_of, record_of};
use domain::delivery::Event as Delivery;
use domain::facts::{Fact, Record};
use domain::ids::{CityId, OrderId, RiderId, TripId};
use domain::payment::{Decline, Event as Payment};
use domain::place::Place;
use domain::time::Timestamp;

#[test]
fn a_record_comes_back_from_its_line() {
    let place = Place { lat_e7: -5, lon_e7: 730_000_000 };
    let facts = [
        Fact::Delivery(Delivery::Arrived {
            trip: TripId(4),
            order: OrderId(u64::MAX >> 1),
            rider: RiderId(2),
            place,
        }),
        Fact::Payment(Payment::Declined {
            order: OrderId(9),
            attempt: 2,
            decline: Decline::TimeOut,
        }),
    ];
    for fact in facts {
        let record = Record { at: Timestamp(17), city: CityId(3), seq: 8, fact };
        assert_eq!(record_of(&line_of(&record)), Ok(record));
    }
}

#[test]
fn a_line_that_is_no_record_says_what_is_wrong() {
    for (line, wrong) in [
        ("nonsense", "expected"),
        (r#"{"at_us":1,"city":0,"seq":0,"kind":"moon"}"#, "kind"),
        (r#"{"at_us":1,"city":0,"seq":0,"kind":"payment_expired"}"#, "order_id"),
        (r#"{"city":0,"seq":0,"kind":"payment_expired","order_id":"1"}"#, "at_us"),
        (r#"{"at_us":1,"city":70000,"seq":0,"kind":"payment_expired","order_id":"1"}"#, "city"),
    ] {
        let said = record_of(line).unwrap_err().to_string();
        assert!(said.contains(wrong), "{said}");
    }
}
