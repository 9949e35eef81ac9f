//! The laws of money, over random scripts of provider, customer, rider and saga.

use proptest::prelude::*;

use super::provider::World;
use super::*;

fn script() -> impl Strategy<Value = (Method, Vec<(u8, u8)>)> {
    let method = prop_oneof![9 => Just(Method::Upi), 1 => Just(Method::Cash)];
    (method, prop::collection::vec((0_u8..20, any::<u8>()), 0..60))
}

/// A word that a provider could say of an attempt which is never voided.
fn any_word() -> impl Strategy<Value = Word> {
    prop_oneof![
        Just(Word::Pending),
        Just(Word::Authorised),
        Just(NO),
        Just(SLOW),
        Just(Word::CaptureFailed),
        Just(Word::Captured),
        (1_i64..=600).prop_map(|rupees| Word::Refunded { total: Paise::rupees(rupees) }),
        Just(Word::RefundFailed),
    ]
}

/// Words, and the same words with some of them doubled, in another order.
fn words_in_two_orders() -> impl Strategy<Value = (Vec<Word>, Vec<Word>)> {
    prop::collection::vec(any_word(), 0..8).prop_flat_map(|words| {
        let mut doubled = words.clone();
        doubled.extend(words.iter().step_by(2));
        (Just(words), Just(doubled).prop_shuffle())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// However requests, words and timers are lost, doubled and mixed up: once the order has
    /// ended and all was answered, nothing is kept, here or at the provider.
    #[test]
    fn after_the_end_nothing_is_kept((method, script) in script()) {
        let mut world = World::new(method);
        for (what, pick) in script {
            world.happen(what, pick);
        }
        world.hear(Input::End);
        world.settle();
        prop_assert_eq!(world.state.stage, Stage::Closed);
        prop_assert!(world.state.is_quiet());
        prop_assert_eq!(world.state.kept(), Paise::ZERO);
        for account in world.accounts {
            let held = account.authorised && !account.captured && !account.voided;
            prop_assert!(!held, "still held: {account:?}");
            let taken = if account.captured { AMOUNT } else { Paise::ZERO };
            prop_assert_eq!(account.refunded, taken, "not given back: {:?}", account);
        }
    }

    /// Left alone, the order ends up paid once, less what was asked back, or not at all.
    #[test]
    fn left_alone_it_is_paid_once_or_not_at_all((method, script) in script()) {
        let mut world = World::new(method);
        for (what, pick) in script {
            world.happen(what, pick);
        }
        world.settle();
        let state = world.state;
        prop_assert!(state.is_quiet());
        let payable = AMOUNT - Paise(i64::from(state.refund_wanted_paise));
        let is_paid = state.stage == Stage::Kept;
        let expected = if is_paid { payable } else { Paise::ZERO };
        prop_assert_eq!(state.kept() + state.cash_due(), expected);
        prop_assert!(!is_paid || world.said.contains(&Effect::Settled));
    }

    /// The words about one attempt may come in any order, any number of times.
    #[test]
    fn words_merge_to_the_same_state(
        (words, other) in words_in_two_orders(),
        has_ended in any::<bool>(),
    ) {
        let ended = [start(Method::Upi), heard(1, Word::Authorised), Input::End];
        let way = if has_ended { &ended[..] } else { &ended[..1] };
        let (base, _) = play(State::NEW, way);
        let after = |words: &[Word]| {
            let words: Vec<_> = words.iter().map(|word| heard(1, *word)).collect();
            play(base, &words).0
        };
        prop_assert_eq!(after(&words), after(&other), "{:?} against {:?}", words, other);
    }

    /// Whatever a broken provider says, no more goes back than was taken, and saying it twice
    /// changes nothing.
    #[test]
    fn nonsense_is_harmless(words in prop::collection::vec(
        (1_u8..4, prop_oneof![any_word(), Just(Word::Voided)]), 0..40,
    )) {
        let mut world = World::new(Method::Upi);
        for (attempt, word) in words {
            world.hear(heard(attempt, word));
            world.hear(retry(Method::Card));
        }
    }
}
