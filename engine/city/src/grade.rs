//! Numbers with where they come from: one table from which defaults and documents are made.

/// How far a number can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// A company's own figure, as reported by the named outlet.
    Official,
    /// Press or an analyst.
    Press,
    /// Research.
    Research,
    /// Arithmetic on official or press figures.
    Derived,
    /// A vendor's claim.
    Vendor,
    /// Assumed here: sweep it before relying on it.
    Assumed,
}

/// One number that a city is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calibrated {
    /// The group it belongs to, such as `picking`.
    pub group: &'static str,
    /// Its name within the group, with its unit last.
    pub name: &'static str,
    /// Its default, as it stands in the code.
    pub default: &'static str,
    /// How far the default can be trusted.
    pub grade: Grade,
    /// Where the default comes from. Codes such as `B1` are rows of the project's calibration.
    pub source: &'static str,
}

/// Every number that cities, demand and behaviour are made with.
pub fn calibrated() -> impl Iterator<Item = &'static Calibrated> {
    crate::setup::GROUPS.iter().chain(crate::behaviour::GROUPS).flat_map(|group| group.iter())
}

/// The numbers that are assumed, in one list.
pub fn assumed() -> impl Iterator<Item = &'static Calibrated> {
    calibrated().filter(|row| row.grade == Grade::Assumed)
}

/// Defines a group of numbers: a struct, its defaults, and the rows that say where they are from.
macro_rules! calibrated {
    ($(#[$doc:meta])* pub struct $Name:ident in $group:literal {
        $($(#[$field_doc:meta])* $field:ident: $ty:ty = $default:expr, $grade:ident, $source:literal;)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $Name {
            $(
                $(#[$field_doc])*
                #[doc = concat!("\n\nDefault `", stringify!($default), "` (", stringify!($grade), ": ", $source, ").")]
                pub $field: $ty,
            )*
        }

        impl Default for $Name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl $Name {
            /// Where each default comes from.
            pub const ROWS: &'static [$crate::Calibrated] = &[$($crate::Calibrated {
                group: $group,
                name: stringify!($field),
                default: stringify!($default),
                grade: $crate::Grade::$grade,
                source: $source,
            }),*];
        }
    };
}
