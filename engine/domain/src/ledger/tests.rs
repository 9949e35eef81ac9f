//! Every posting sums to zero, and an order that is over leaves no deposit behind.

use expect_test::expect;
use proptest::prelude::*;

use super::*;
use crate::ids::RiderId;
use crate::money::Bps;
use crate::payment::{Decline, Event as Paid, Method};

const ORDER: OrderId = OrderId(1);
const CUSTOMER: CustomerId = CustomerId(2);
const RIDER: RiderId = RiderId(3);
const SALE: Sale =
    Sale { goods: Paise::rupees(500), fees: Paise::rupees(30), tax: Paise::rupees(70) };

fn paid(event: Paid) -> Command {
    Command::Payment { event, customer: CUSTOMER }
}

fn captured(method: Method, amount: Paise) -> Command {
    paid(Paid::Captured { order: ORDER, attempt: 1, method, amount })
}

fn refunded(method: Method, amount: Paise) -> Command {
    paid(Paid::Refunded { order: ORDER, attempt: 1, method, amount })
}

/// Posts commands one after another and gives what was written.
fn post(commands: &[Command]) -> Vec<Event> {
    let mut events = Vec::new();
    let mut posting = PostingId(0);
    for command in commands {
        let before = events.len();
        let posted = decide(command, posting, &mut events);
        assert_eq!(posted, events.len() > before, "{command:?}");
        posting.0 += u64::from(posted);
    }
    events
}

fn books(events: &[Event]) -> Books {
    let mut books = Books::default();
    events.iter().for_each(|event| books.evolve(event));
    books
}

#[test]
fn table_of_postings() {
    let amount = Paise::rupees(600);
    let (order, attempt) = (ORDER, 1);
    let commands = [
        paid(Paid::Initiated { order, attempt, method: Method::Upi, amount }),
        paid(Paid::Pending { order, attempt }),
        paid(Paid::Authorised { order, attempt, amount, late: false }),
        paid(Paid::Declined { order, attempt, decline: Decline::Business }),
        paid(Paid::Voided { order, attempt }),
        paid(Paid::RefundAsked { order, attempt, amount }),
        paid(Paid::Expired { order }),
        paid(Paid::CashDue { order, amount }),
        captured(Method::Upi, amount),
        captured(Method::Card, amount),
        captured(Method::Wallet, amount),
        captured(Method::Cash, amount),
        paid(Paid::CashCollected { order, rider: RIDER, amount }),
        paid(Paid::CashRemitted { rider: RIDER, amount }),
        refunded(Method::Upi, amount),
        refunded(Method::Card, amount),
        refunded(Method::Wallet, amount),
        refunded(Method::Cash, amount),
        Command::Delivered { order, sale: SALE },
        Command::Delivered { order, sale: Sale::default() },
        Command::Credited { order, sale: SALE },
        Command::ToppedUp { customer: CUSTOMER, amount },
    ];
    let mut table = String::new();
    for command in commands {
        let events = post(&[command]);
        if events.is_empty() {
            continue;
        }
        let name = format!("{command:?}");
        let name = name.replace("Payment { event: ", "").replace("order: OrderId(1), ", "");
        table += &format!("{}\n", name.split(", amount").next().unwrap_or_default());
        for event in events {
            table += &match event {
                Event::Entry { account, amount, .. } => format!("  {account:<18}{amount:>9}\n"),
                Event::GeneralEntry { account, amount, .. } => {
                    format!("  {account:<18}{amount:>9} (no order)\n")
                }
                Event::WalletMoved { amount, .. } => format!("  their wallet {amount}\n"),
            };
        }
    }
    expect![[r#"
        Captured { attempt: 1, method: Upi
          provider          ₹600.00
          customer_deposits -₹600.00
        Captured { attempt: 1, method: Card
          provider          ₹600.00
          customer_deposits -₹600.00
        Captured { attempt: 1, method: Wallet
          wallet_liability  ₹600.00
          customer_deposits -₹600.00
          their wallet -₹600.00
        CashCollected { rider: RiderId(3)
          cash_with_riders  ₹600.00
          customer_deposits -₹600.00
        CashRemitted { rider: RiderId(3)
          bank              ₹600.00 (no order)
          cash_with_riders  -₹600.00 (no order)
        Refunded { attempt: 1, method: Upi
          customer_deposits ₹600.00
          provider          -₹600.00
        Refunded { attempt: 1, method: Card
          customer_deposits ₹600.00
          provider          -₹600.00
        Refunded { attempt: 1, method: Wallet
          customer_deposits ₹600.00
          wallet_liability  -₹600.00
          their wallet ₹600.00
        Refunded { attempt: 1, method: Cash
          customer_deposits ₹600.00
          wallet_liability  -₹600.00
          their wallet ₹600.00
        Delivered { sale: Sale { goods: Paise(50000), fees: Paise(3000), tax: Paise(7000) } }
          customer_deposits ₹600.00
          sales             -₹500.00
          fees              -₹30.00
          tax_payable       -₹70.00
        Credited { sale: Sale { goods: Paise(50000), fees: Paise(3000), tax: Paise(7000) } }
          customer_deposits -₹600.00
          sales             ₹500.00
          fees              ₹30.00
          tax_payable       ₹70.00
        ToppedUp { customer: CustomerId(2)
          provider          ₹600.00 (no order)
          wallet_liability  -₹600.00 (no order)
          their wallet ₹600.00
    "#]]
    .assert_eq(&table);
}

#[test]
fn deposits_return_to_zero_when_an_order_is_over() {
    let payable = SALE.payable();
    let (order, rider) = (ORDER, RIDER);
    let sold = Command::Delivered { order, sale: SALE };
    let taken = |amount| paid(Paid::CashCollected { order, rider, amount });
    let top_up = Command::ToppedUp { customer: CUSTOMER, amount: payable };
    let check = |name: &str, commands: &[Command]| {
        let books = books(&post(commands));
        assert_eq!(books.balance(Account::CustomerDeposits), Paise::ZERO, "{name}");
        assert_eq!(books.imbalance(), Paise::ZERO, "{name}");
    };
    check("delivered", &[captured(Method::Upi, payable), sold]);
    check("cancelled", &[captured(Method::Card, payable), refunded(Method::Card, payable)]);
    let quoted = payable + Paise::rupees(99);
    let short = refunded(Method::Upi, Paise::rupees(99));
    check("a short line, refunded late", &[captured(Method::Upi, quoted), sold, short]);
    check("wallet", &[top_up, captured(Method::Wallet, payable), sold]);
    check("cash, handed over first", &[sold, taken(payable)]);
    check(
        "paid twice",
        &[
            captured(Method::Upi, payable),
            captured(Method::Card, payable),
            refunded(Method::Upi, payable),
            sold,
        ],
    );
    let back = refunded(Method::Cash, payable);
    check(
        "cash, brought back",
        &[taken(payable), sold, Command::Credited { order, sale: SALE }, back],
    );
}

#[test]
fn cash_refunded_is_in_the_wallet() {
    let (order, rider, amount) = (ORDER, RIDER, Paise::rupees(100));
    let commands =
        [paid(Paid::CashCollected { order, rider, amount }), refunded(Method::Cash, amount)];
    assert_eq!(books(&post(&commands)).wallet(CUSTOMER).balance, amount);
}

#[test]
fn a_wallet_holds_what_it_has_and_no_more() {
    let mut books = books(&post(&[Command::ToppedUp { customer: CUSTOMER, amount: Paise(100) }]));
    assert_eq!(books.hold(CUSTOMER, Paise(60)), Ok(()));
    let (customer, wanted, free) = (CUSTOMER, Paise(41), Paise(40));
    assert_eq!(books.hold(CUSTOMER, wanted), Err(Refusal::Overdrawn { customer, wanted, free }));
    books.let_go(CUSTOMER, Paise(60));
    assert_eq!(books.hold(CUSTOMER, Paise(100)), Ok(()));
    let nobody = CustomerId(9);
    assert!(books.hold(nobody, Paise(1)).is_err());
}

#[test]
#[should_panic(expected = "overdraws")]
fn a_wallet_never_pays_with_money_held_for_something_else() {
    let mut books = books(&post(&[Command::ToppedUp { customer: CUSTOMER, amount: Paise(100) }]));
    books.hold(CUSTOMER, Paise(60)).unwrap();
    post(&[captured(Method::Wallet, Paise(41))]).iter().for_each(|event| books.evolve(event));
}

#[test]
fn tax_is_taken_from_what_was_delivered() {
    let line = |paid, gst| SoldLine { paid: Paise(paid), gst: Bps(gst) };
    let fees = [Paise::rupees(25), Paise(-1_180)];
    let sale = Sale::new([line(10_500, 500), line(0, 1_800), line(5_000, 0)], fees, Bps(1_800));
    // 105 holds 5 of tax; 25 holds 3.81, and a discount of 11.80 gives 1.80 back.
    assert_eq!(sale.goods, Paise::rupees(150));
    assert_eq!(sale.fees, Paise(2_119 - 1_000));
    assert_eq!(sale.tax, Paise(500 + 381 - 180));
    assert_eq!(sale.payable(), Paise(10_500 + 5_000 + 2_500 - 1_180));
}

fn any_method() -> impl Strategy<Value = Method> {
    prop::sample::select(Method::ALL)
}

fn any_command() -> impl Strategy<Value = Command> {
    let amount = (0_i64..1_000_000).prop_map(Paise);
    let line = ((0_i64..100_000).prop_map(Paise), prop::sample::select(vec![0_u32, 500, 1_800]))
        .prop_map(|(paid, gst)| SoldLine { paid, gst: Bps(gst) });
    let fees = prop::collection::vec((-5_000_i64..5_000).prop_map(Paise), 0..4);
    let sale = (prop::collection::vec(line, 0..6), fees)
        .prop_map(|(lines, fees)| Sale::new(lines, fees, Bps(1_800)));
    prop_oneof![
        (any_method(), amount.clone()).prop_map(|(method, amount)| captured(method, amount)),
        (any_method(), amount.clone()).prop_map(|(method, amount)| refunded(method, amount)),
        amount.clone().prop_map(|amount| {
            paid(Paid::CashCollected { order: ORDER, rider: RIDER, amount })
        }),
        amount.clone().prop_map(|amount| paid(Paid::CashRemitted { rider: RIDER, amount })),
        sale.clone().prop_map(|sale| Command::Delivered { order: ORDER, sale }),
        sale.prop_map(|sale| Command::Credited { order: ORDER, sale }),
        amount.prop_map(|amount| Command::ToppedUp { customer: CUSTOMER, amount }),
    ]
}

proptest! {
    /// Whatever happens, the sides of a posting sum to zero, and a posting on the wallets'
    /// account says whose wallet it is.
    #[test]
    fn every_posting_balances(command in any_command()) {
        let (mut sum, mut wallets, mut theirs) = (Paise::ZERO, Paise::ZERO, Paise::ZERO);
        for event in post(&[command]) {
            match event {
                Event::Entry { account, amount, .. }
                | Event::GeneralEntry { account, amount, .. } => {
                    sum += amount;
                    if account == Account::WalletLiability {
                        wallets += amount;
                    }
                    prop_assert_ne!(amount, Paise::ZERO);
                }
                Event::WalletMoved { amount, .. } => theirs += amount,
            }
        }
        prop_assert_eq!(sum, Paise::ZERO);
        prop_assert_eq!(wallets, -theirs);
    }

    /// Net goods, net fees and tax add up to what the customer pays.
    #[test]
    fn a_sale_is_paise_exact(
        lines in prop::collection::vec((0_i64..1_000_000, 0_u32..2_800), 0..8),
        fees in prop::collection::vec(-10_000_i64..10_000, 0..5),
    ) {
        let paid: i64 = lines.iter().map(|(paid, _)| paid).sum::<i64>() + fees.iter().sum::<i64>();
        let lines = lines.into_iter().map(|(p, gst)| SoldLine { paid: Paise(p), gst: Bps(gst) });
        let sale = Sale::new(lines, fees.into_iter().map(Paise), Bps(1_800));
        prop_assert_eq!(sale.payable(), Paise(paid));
    }
}
