//! What draws are for. A number once given stays: it decides what every seed means.

/// Defines the purposes and refuses two of one number.
macro_rules! purposes {
    ($($(#[$doc:meta])* $name:ident = $number:literal,)*) => {
        $($(#[$doc])* pub(crate) const $name: u32 = $number;)*

        #[cfg(test)]
        mod tests {
            #[test]
            fn no_two_purposes_share_a_number() {
                let mut numbers = vec![$($number),*];
                numbers.sort_unstable();
                assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
            }
        }
    };
}

purposes! {
    /// A SKU's price.
    PRICE = 1,
    /// A SKU's discount below its MRP.
    DISCOUNT = 2,
    /// A SKU's tax rate.
    TAX = 3,
    /// Whether a SKU spoils.
    FRESH = 4,
    /// Where a store is.
    SITE = 5,
    /// How busy a store is.
    STORE_WEIGHT = 6,
    /// Whether a SKU is on a shelf.
    ON_SHELF = 7,
    /// Where a customer lives.
    HOME = 8,
    /// Whose rides a roster is planned with.
    SAMPLE = 9,
    /// When riders begin and end.
    RIDER_SEAT = 10,
    /// When pickers begin and end.
    PICKER_SEAT = 11,
    /// When a store's turn comes in the night's tour of lorries.
    LORRY_TOUR = 12,
    /// When a SKU's spells at the hub begin.
    SPELL = 13,
    /// What is on a lorry.
    LOADED = 14,
    /// What is past its date.
    EXPIRED = 15,
    /// What gets lost.
    LOST = 16,
    /// What is recorded and not there.
    PHANTOM = 17,
    /// What a district is like.
    DISTRICT = 100,
    /// Where a junction is.
    JUNCTION = 101,
    /// How a street ranks among those that could be.
    WHIM = 102,
    /// How many streets a junction wants.
    WANTED = 103,
    /// Which junction a dead end leads off.
    BRANCH = 104,
    /// Where a dead end ends.
    DEAD_END = 105,
    /// How much a street winds.
    CURVE = 106,
    /// Whether a street is one-way.
    ONEWAY = 107,
    /// Trips that a network is described by.
    TRIP = 108,
    /// Which recorded basket an order takes.
    BASKET = 20,
    /// How an order is paid.
    METHOD = 21,
    /// A candidate's instant and height.
    ARRIVAL = 22,
    /// Who arrives.
    CUSTOMER = 23,
    /// How many lines.
    LINES = 24,
    /// A line.
    LINE = 25,
    /// A store's rushes.
    BURST = 26,
    /// An order's pace of picking.
    PICK = 40,
    /// Handing over at the store.
    HANDOVER = 41,
    /// What is not found.
    SHORT = 42,
    /// A rider's reply to an offer.
    OFFER = 50,
    /// A rider who gives a trip up.
    DROP = 51,
    /// How a ride turns out.
    RIDE = 52,
    /// Time at the door.
    DWELL = 53,
    /// Nobody at the door.
    UNDELIVERED = 54,
    /// A customer who cancels.
    CANCEL = 60,
    /// How long a customer waits.
    PATIENCE = 61,
    /// Another attempt to pay.
    RETRY = 62,
    /// A complaint.
    COMPLAINT = 63,
    /// How an attempt to pay turns out.
    PAYMENT = 64,
    /// Whether a provider falls silent once it has taken the money.
    CAPTURE = 65,
}
