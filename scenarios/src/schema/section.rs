//! One table from which a section's struct, its defaults and its documentation are made.

/// Defines a section: each key with its type, its default, and the default's grade and source.
macro_rules! section {
    ($(#[$doc:meta])* pub struct $Name:ident {
        $($(#[$field_doc:meta])* $field:ident: $ty:ty = $default:expr, $source:literal;)*
    }) => {
        $(#[$doc])*
        #[derive(
            Clone, Debug, PartialEq, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
        )]
        #[serde(deny_unknown_fields, default)]
        pub struct $Name {
            $($(#[$field_doc])* #[schemars(extend("x-source" = $source))] pub $field: $ty,)*
        }

        impl Default for $Name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }
    };
}
