//! What a fact's field can be, and its two forms: canonical bytes and table cells.

use crate::ids::{
    CityId, CustomerId, OrderId, PickerId, PostingId, RiderId, SkuId, StoreId, TripId,
};
use crate::money::{Bps, Paise};
use crate::place::Place;
use crate::time::{Millis, Timestamp};

/// One column that a field takes in a table of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Added to the field's name: `_id` for ids, the unit for quantities with one, the part for
    /// fields of several columns, nothing for counts and texts.
    pub suffix: &'static str,
    /// The texts that stand for the values from zero up; empty for plain numbers.
    pub texts: &'static [&'static str],
}

/// A value that can stand in a fact.
///
/// The canonical form is fixed-width little-endian bytes. The cells are `i64`, one for each of
/// [`Field::COLUMNS`]. Both forms give the value back.
pub trait Field: Copy {
    /// The columns the field takes in a table.
    const COLUMNS: &'static [Column];

    /// How many canonical bytes it takes.
    const BYTES: usize;

    /// Writes the canonical bytes.
    ///
    /// # Panics
    /// If there is not room for exactly [`Field::BYTES`].
    fn put(self, bytes: &mut [u8]);

    /// Takes the value off the front of canonical bytes; none if they do not hold one.
    fn take(bytes: &mut &[u8]) -> Option<Self>;

    /// Hands out the cells, one for each column.
    fn to_cells(self, cell: &mut impl FnMut(i64));

    /// Builds the value from its cells; none if they do not hold one.
    fn from_cells(cell: &mut dyn FnMut() -> Option<i64>) -> Option<Self>;
}

/// Implements [`Field`] for a plain integer and for newtypes over it, each with its suffix.
macro_rules! integer_fields {
    ($($inner:ty: $($wrapper:ident $suffix:literal)*;)*) => {$(
        impl Field for $inner {
            const COLUMNS: &'static [Column] = &[Column { suffix: "", texts: &[] }];
            const BYTES: usize = size_of::<Self>();

            #[inline]
            fn put(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_le_bytes());
            }

            fn take(bytes: &mut &[u8]) -> Option<Self> {
                let (head, rest) = bytes.split_first_chunk()?;
                *bytes = rest;
                Some(Self::from_le_bytes(*head))
            }

            #[inline]
            fn to_cells(self, cell: &mut impl FnMut(i64)) {
                cell(i64::try_from(self).expect("a fact's numbers stay below 2^63"));
            }

            fn from_cells(cell: &mut dyn FnMut() -> Option<i64>) -> Option<Self> {
                Self::try_from(cell()?).ok()
            }
        }

        $(impl Field for $wrapper {
            const COLUMNS: &'static [Column] = &[Column { suffix: $suffix, texts: &[] }];
            const BYTES: usize = <$inner>::BYTES;

            #[inline]
            fn put(self, bytes: &mut [u8]) {
                self.0.put(bytes);
            }

            fn take(bytes: &mut &[u8]) -> Option<Self> {
                Field::take(bytes).map(Self)
            }

            #[inline]
            fn to_cells(self, cell: &mut impl FnMut(i64)) {
                self.0.to_cells(cell);
            }

            fn from_cells(cell: &mut dyn FnMut() -> Option<i64>) -> Option<Self> {
                Field::from_cells(cell).map(Self)
            }
        })*
    )*};
}

integer_fields! {
    u8: ;
    u16: CityId "_id";
    u32: StoreId "_id" SkuId "_id" RiderId "_id" PickerId "_id" CustomerId "_id" TripId "_id"
        Bps "_bps" Millis "_ms";
    u64: OrderId "_id" PostingId "_id" Timestamp "_us";
    i32: ;
    i64: Paise "_paise";
}

impl Field for bool {
    const COLUMNS: &'static [Column] = &[Column { suffix: "", texts: &["no", "yes"] }];
    const BYTES: usize = 1;

    #[inline]
    fn put(self, bytes: &mut [u8]) {
        u8::from(self).put(bytes);
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        match u8::take(bytes)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    #[inline]
    fn to_cells(self, cell: &mut impl FnMut(i64)) {
        cell(i64::from(self));
    }

    fn from_cells(cell: &mut dyn FnMut() -> Option<i64>) -> Option<Self> {
        match cell()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Field for Place {
    const COLUMNS: &'static [Column] =
        &[Column { suffix: "_lat_e7", texts: &[] }, Column { suffix: "_lon_e7", texts: &[] }];
    const BYTES: usize = 2 * i32::BYTES;

    #[inline]
    fn put(self, bytes: &mut [u8]) {
        let (lat, lon) = bytes.split_at_mut(i32::BYTES);
        self.lat_e7.put(lat);
        self.lon_e7.put(lon);
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self { lat_e7: Field::take(bytes)?, lon_e7: Field::take(bytes)? })
    }

    #[inline]
    fn to_cells(self, cell: &mut impl FnMut(i64)) {
        self.lat_e7.to_cells(cell);
        self.lon_e7.to_cells(cell);
    }

    fn from_cells(cell: &mut dyn FnMut() -> Option<i64>) -> Option<Self> {
        Some(Self { lat_e7: Field::from_cells(cell)?, lon_e7: Field::from_cells(cell)? })
    }
}
