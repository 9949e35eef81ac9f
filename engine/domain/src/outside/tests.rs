use super::{Effect, Input};
use crate::facts::Event;

/// Every effect of a kind, made of zeros.
fn effects() -> impl Iterator<Item = (&'static str, Effect)> {
    (0_u8..).zip(Effect::KINDS).map(|(variant, kind)| {
        let effect = Effect::from_cells(variant, &mut || Some(0)).expect("zeros build any effect");
        (kind.name, effect)
    })
}

#[test]
fn timers_come_back_as_words_and_nothing_else_does() {
    for (name, effect) in effects() {
        let back = effect.timer().map(|(input, _)| Input::KINDS[usize::from(input.variant())].name);
        let expected = match name {
            "wake_saga" => Some("in_saga_timer"),
            "wake_payment" => Some("in_payment_timer"),
            "wake_hold" => Some("in_hold_timer"),
            "wake_offer" => Some("in_offer_timer"),
            _ => None,
        };
        assert_eq!(back, expected, "{name}");
    }
}
