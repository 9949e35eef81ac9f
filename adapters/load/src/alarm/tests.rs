use std::future::{Future, pending, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::Alarms;
use crate::clock::Clock;

const LENGTH_US: u64 = 1_000_000;

/// The end of a time-out that was called off is nothing to whoever has its slot now.
#[test]
fn a_time_out_called_off_never_rings() {
    let clock = Clock::start_in(0);
    let alarms = Alarms::new(clock, LENGTH_US);
    let context = &mut Context::from_waker(Waker::noop());
    assert_eq!(pin!(alarms.within(ready(7))).poll(context), Poll::Ready(Some(7)));
    let first_us = clock.now_us();
    while clock.now_us() <= first_us {}
    let mut second = pin!(alarms.within(pending::<u8>()));
    assert_eq!(second.as_mut().poll(context), Poll::Pending);
    alarms.look(first_us + LENGTH_US);
    assert_eq!(second.as_mut().poll(context), Poll::Pending);
    alarms.look(clock.now_us() + LENGTH_US);
    assert_eq!(second.as_mut().poll(context), Poll::Ready(None));
}
