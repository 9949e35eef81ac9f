//! Names of things: each kind of thing has its own type, so they cannot be mixed up.
//!
//! Ids are indices. Except for orders and customers they count from zero within one city,
//! so they index dense arrays; a city's records carry the city beside them.

/// Defines an id newtype that prints as its prefix and number.
macro_rules! define_id {
    ($(#[$doc:meta])* $name:ident($inner:ty), $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl $name {
            /// The id as an array index.
            #[must_use]
            #[allow(clippy::cast_possible_truncation, reason = "targets have 64 bits")]
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// The id of the thing at an array index.
            ///
            /// # Panics
            /// If the index does not fit the id's width.
            #[must_use]
            pub fn at(index: usize) -> Self {
                Self(<$inner>::try_from(index).expect("an index fits the id's width"))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }
    };
}

define_id!(
    /// A city: the unit of isolation and of parallel work.
    CityId(u16), "city"
);
define_id!(
    /// A dark store: an index into its city's stores.
    StoreId(u32), "store"
);
define_id!(
    /// A stock-keeping unit: an index into the catalogue.
    SkuId(u32), "sku"
);
define_id!(
    /// A rider: an index into the city's riders.
    RiderId(u32), "rider"
);
define_id!(
    /// A picker: an index into the city's pickers.
    PickerId(u32), "picker"
);
define_id!(
    /// A customer of one city.
    CustomerId(u32), "customer"
);
define_id!(
    /// One journey of one rider with the orders on it; counts from zero within a city.
    TripId(u32), "trip"
);
define_id!(
    /// One balanced posting in a city's ledger; counts from zero within a city.
    PostingId(u64), "posting"
);

/// An order: its city in the top 16 bits, the index of its arrival below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(pub u64);

const ARRIVAL_BITS: u32 = 48;

impl OrderId {
    /// The order made by a city's arrival.
    ///
    /// # Panics
    /// If the arrival index needs more than 48 bits.
    #[must_use]
    pub fn new(city: CityId, arrival: usize) -> Self {
        let arrival = arrival as u64;
        assert!(arrival >> ARRIVAL_BITS == 0, "an arrival index fits 48 bits");
        Self((u64::from(city.0) << ARRIVAL_BITS) | arrival)
    }

    /// The city that took the order.
    #[must_use]
    pub const fn city(self) -> CityId {
        CityId((self.0 >> ARRIVAL_BITS) as u16)
    }

    /// The index of the order's arrival within its city.
    #[must_use]
    pub const fn index(self) -> usize {
        (self.0 & ((1 << ARRIVAL_BITS) - 1)) as usize
    }
}

impl std::fmt::Display for OrderId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "order{}.{}", self.city().0, self.index())
    }
}
