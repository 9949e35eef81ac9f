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
    /// Which recorded basket an order takes.
    BASKET = 20,
    /// How an order is paid.
    METHOD = 21,
}
