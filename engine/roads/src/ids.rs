//! Names of junctions and of directed stretches of road.

/// Defines an index newtype that prints as its prefix and number.
macro_rules! define_index {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The id as an array index.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// The id of the thing at an array index.
            ///
            /// # Panics
            /// If the index needs more than 32 bits.
            #[must_use]
            pub fn at(index: usize) -> Self {
                Self(u32::try_from(index).expect("an index fits 32 bits"))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }
    };
}

define_index!(
    /// A junction or the end of a street: an index into one network's nodes.
    NodeId, "node"
);
define_index!(
    /// A stretch of road in one direction: an index into one network's arcs.
    ArcId, "arc"
);
