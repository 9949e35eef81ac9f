//! Which fact has which columns.

use std::sync::LazyLock;

use domain::facts::Fact;

use crate::table::{ColumnSpec, Schema, Values};

/// The column of a record's time.
pub(super) const AT: usize = 0;
/// The column of a record's city.
pub(super) const CITY: usize = 1;
/// The column of a record's number within its city.
pub(super) const SEQ: usize = 2;
/// The column of a record's kind of fact.
pub(super) const KIND: usize = 3;
/// The first column of a field.
pub(super) const FIRST_FIELD: usize = 4;

/// The journal's columns, derived once from the kinds of fact.
pub(super) static LAYOUT: LazyLock<Layout> = LazyLock::new(Layout::derive);

pub(super) struct Layout {
    pub(super) schema: Schema,
    kinds: Vec<KindColumns>,
    first_of_area: Vec<usize>,
}

struct KindColumns {
    tag: (u8, u8),
    /// The columns of its cells, in order, counted from [`FIRST_FIELD`].
    columns: Vec<u8>,
}

impl Layout {
    /// A kind's code in the column of kinds, and the columns of its cells.
    pub(super) fn of(&self, (area, variant): (u8, u8)) -> (i64, &[u8]) {
        let code = self.first_of_area[usize::from(area)] + usize::from(variant);
        (code as i64, &self.kinds[code].columns)
    }

    /// The tag of a kind by its code, and the columns of its cells; none for other codes.
    pub(super) fn kind(&self, code: i64) -> Option<((u8, u8), &[u8])> {
        let kind = self.kinds.get(usize::try_from(code).ok()?)?;
        Some((kind.tag, &kind.columns))
    }

    fn derive() -> Self {
        let required = |name: &str| ColumnSpec {
            name: name.to_owned(),
            values: Values::Number,
            optional: false,
        };
        let mut columns = vec![required("at_us"), required("city"), required("seq")];
        let names = Fact::AREAS.iter().flat_map(|area| area.iter().map(|kind| kind.name)).collect();
        columns.push(ColumnSpec { values: Values::Text(names), ..required("kind") });
        let (mut kinds, mut first_of_area) = (Vec::new(), Vec::new());
        for (area, variants) in (0_u8..).zip(Fact::AREAS) {
            first_of_area.push(kinds.len());
            for (variant, kind) in (0_u8..).zip(*variants) {
                let mut of_kind = Vec::new();
                for spec in specs(kind) {
                    let known = columns.iter().position(|column| column.name == spec.name);
                    let column = known.unwrap_or(columns.len());
                    if known.is_none() {
                        columns.push(spec);
                    }
                    let field = u8::try_from(column - FIRST_FIELD);
                    of_kind.push(field.expect("all fields together have at most 256 columns"));
                }
                kinds.push(KindColumns { tag: (area, variant), columns: of_kind });
            }
        }
        Self { schema: Schema::new("journal", columns), kinds, first_of_area }
    }
}

fn specs(kind: &'static domain::facts::Kind) -> impl Iterator<Item = ColumnSpec> {
    let columns = kind
        .fields
        .iter()
        .flat_map(|(field, columns)| columns.iter().map(move |column| (*field, column)));
    columns.map(|(field, column)| ColumnSpec {
        name: format!("{field}{}", column.suffix),
        values: match column.texts {
            [] => Values::Number,
            texts => Values::Text(texts.to_vec()),
        },
        optional: true,
    })
}
