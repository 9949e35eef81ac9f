//! The macros that define choices, events and their union, each with its canonical and table forms.

/// Defines a small enum whose values have a name in tables and journals.
macro_rules! choices {
    ($(#[$doc:meta])* $vis:vis enum $Name:ident {
        $($(#[$variant_doc:meta])* $Variant:ident = $text:literal,)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        $vis enum $Name { $($(#[$variant_doc])* $Variant,)* }

        impl $Name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$Variant),*];

            /// The value's name in journals, scenario files and reports.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$Variant => $text,)* }
            }

            /// The value of a name.
            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.text() == text)
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.text())
            }
        }

        impl $crate::facts::Field for $Name {
            const COLUMNS: &'static [$crate::facts::Column] =
                &[$crate::facts::Column { suffix: "", texts: &[$($text),*] }];
            const BYTES: usize = 1;

            #[inline]
            fn put(self, bytes: &mut [u8]) {
                (self as u8).put(bytes);
            }

            fn take(bytes: &mut &[u8]) -> Option<Self> {
                Self::ALL.get(usize::from(u8::take(bytes)?)).copied()
            }

            #[inline]
            fn to_cells(self, cell: &mut impl FnMut(i64)) {
                cell(i64::from(self as u8));
            }

            fn from_cells(cell: &mut dyn FnMut() -> Option<i64>) -> Option<Self> {
                Self::ALL.get(usize::try_from(cell()?).ok()?).copied()
            }
        }
    };
}

/// Appends the canonical bytes of fields, all at once: they are laid out where the compiler knows
/// each one's place, so that a record costs a few stores.
macro_rules! put_fields {
    ($bytes:expr, $($field:ident: $ty:ty),*) => {
        let mut laid = [0; 0 $(+ <$ty as $crate::facts::Field>::BYTES)*];
        let rest = &mut laid[..];
        $(
            let (place, rest) = rest.split_at_mut(<$ty as $crate::facts::Field>::BYTES);
            $crate::facts::Field::put($field, place);
        )*
        debug_assert!(rest.is_empty(), "every byte is a field's");
        $bytes.extend_from_slice(&laid);
    };
}

/// Defines the events of one area of the business.
///
/// A field's name means the same, and has the same type, in every event that carries it,
/// so that all events together make one table.
macro_rules! events {
    ($(#[$doc:meta])* $vis:vis enum $Name:ident {
        $($(#[$variant_doc:meta])* $Variant:ident $({
            $($(#[$field_doc:meta])* $field:ident: $ty:ty),* $(,)?
        })? = $text:literal,)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $Name {
            $($(#[$variant_doc])* $Variant $({ $($(#[$field_doc])* $field: $ty),* })?,)*
        }

        impl $crate::facts::Event for $Name {
            const KINDS: &'static [$crate::facts::Kind] = &[$($crate::facts::Kind {
                name: $text,
                fields: &[$($((stringify!($field), <$ty as $crate::facts::Field>::COLUMNS)),*)?],
            }),*];

            fn variant(&self) -> u8 {
                #[repr(u8)]
                enum Tag { $($Variant),* }
                match self { $(Self::$Variant { .. } => Tag::$Variant as u8,)* }
            }

            fn put(&self, bytes: &mut Vec<u8>) {
                match *self {
                    $(Self::$Variant { $($($field),*)? } => {
                        $($crate::facts::put_fields!(bytes, $($field: $ty),*);)?
                    })*
                }
            }

            fn take(variant: u8, bytes: &mut &[u8]) -> Option<Self> {
                type Take = fn(&mut &[u8]) -> Option<$Name>;
                #[allow(unused_variables, reason = "an event without fields takes nothing")]
                const TAKE: &[Take] = &[$(|bytes| Some($Name::$Variant {
                    $($($field: <$ty as $crate::facts::Field>::take(bytes)?),*)?
                })),*];
                TAKE.get(usize::from(variant))?(bytes)
            }

            fn to_cells(&self, cell: &mut impl FnMut(i64)) {
                match *self {
                    $(Self::$Variant { $($($field),*)? } => {
                        $($($crate::facts::Field::to_cells($field, cell);)*)?
                    })*
                }
            }

            fn from_cells(variant: u8, cell: &mut dyn FnMut() -> Option<i64>) -> Option<Self> {
                type Build = fn(&mut dyn FnMut() -> Option<i64>) -> Option<$Name>;
                #[allow(unused_variables, reason = "an event without fields takes nothing")]
                const BUILD: &[Build] = &[$(|cell| Some($Name::$Variant {
                    $($($field: <$ty as $crate::facts::Field>::from_cells(cell)?),*)?
                })),*];
                BUILD.get(usize::from(variant))?(cell)
            }
        }
    };
}

/// Defines the union of all events.
macro_rules! facts {
    ($(#[$doc:meta])* $vis:vis enum $Name:ident {
        $($(#[$variant_doc:meta])* $Variant:ident($Event:ty),)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $Name { $($(#[$variant_doc])* $Variant($Event),)* }

        $(impl From<$Event> for $Name {
            fn from(event: $Event) -> Self {
                Self::$Variant(event)
            }
        })*

        impl $Name {
            /// The kinds of each area, in the order of the areas' canonical numbers.
            pub const AREAS: &'static [&'static [Kind]] = &[$(<$Event as Event>::KINDS),*];

            /// The area's and the event's canonical numbers.
            #[must_use]
            pub fn tag(&self) -> (u8, u8) {
                #[repr(u8)]
                enum Area { $($Variant),* }
                match self { $(Self::$Variant(event) => (Area::$Variant as u8, event.variant()),)* }
            }

            pub(crate) fn put_fields(&self, bytes: &mut Vec<u8>) {
                match self { $(Self::$Variant(event) => event.put(bytes),)* }
            }

            pub(crate) fn take_fields((area, variant): (u8, u8), bytes: &mut &[u8]) -> Option<Self> {
                type Take = fn(u8, &mut &[u8]) -> Option<$Name>;
                const TAKE: &[Take] = &[$(|variant, bytes| {
                    <$Event as Event>::take(variant, bytes).map($Name::$Variant)
                }),*];
                TAKE.get(usize::from(area))?(variant, bytes)
            }

            /// Hands out the cells of the fact's fields, in the order of [`Kind::fields`].
            pub fn to_cells(&self, cell: &mut impl FnMut(i64)) {
                match self { $(Self::$Variant(event) => event.to_cells(cell),)* }
            }

            /// Builds a fact from its tag and its cells; none if they do not hold one.
            pub fn from_cells(
                (area, variant): (u8, u8),
                cell: &mut dyn FnMut() -> Option<i64>,
            ) -> Option<Self> {
                type Build = fn(u8, &mut dyn FnMut() -> Option<i64>) -> Option<$Name>;
                const BUILD: &[Build] = &[$(|variant, cell| {
                    <$Event as Event>::from_cells(variant, cell).map($Name::$Variant)
                }),*];
                BUILD.get(usize::from(area))?(variant, cell)
            }
        }
    };
}
