//! Which fact has which columns.

use std::sync::LazyLock;

use domain::facts::Fact;

use crate::folds::ColumnDoc;
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

    /// What the columns mean: for a field, which kinds of fact have it.
    pub(super) fn docs(&self) -> Vec<ColumnDoc> {
        let columns = self.schema.columns.iter().enumerate();
        let doc = |(index, column): (usize, &ColumnSpec)| ColumnDoc {
            table: "journal",
            name: column.name.clone(),
            kind: if column.values == Values::Number { "int64" } else { "text" },
            unit: unit_of(&column.name),
            optional: column.optional,
            meaning: match index {
                AT => "When it happened.".to_owned(),
                CITY => "Where it happened.".to_owned(),
                SEQ => "Its number in the city's journal, from zero.".to_owned(),
                KIND => "What happened.".to_owned(),
                field => format!("Of: {}.", self.kinds_with(field).join(", ")),
            },
        };
        columns.map(doc).collect()
    }

    fn kinds_with(&self, column: usize) -> Vec<&'static str> {
        let has = |kind: &&KindColumns| {
            kind.columns.iter().any(|field| FIRST_FIELD + usize::from(*field) == column)
        };
        let name =
            |kind: &KindColumns| Fact::AREAS[usize::from(kind.tag.0)][usize::from(kind.tag.1)].name;
        self.kinds.iter().filter(has).map(name).collect()
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

/// The unit that a column's name ends with.
fn unit_of(name: &str) -> &'static str {
    const UNITS: &[(&str, &str)] = &[
        ("_us", "µs since the epoch"),
        ("_ms", "milliseconds"),
        ("_paise", "paise"),
        ("_bps", "basis points"),
        ("_e7", "1e-7 degree"),
        ("_m", "metres"),
        ("_m_per_h", "metres an hour"),
        ("_id", "id"),
    ];
    UNITS.iter().find(|(suffix, _)| name.ends_with(suffix)).map_or("", |(_, unit)| unit)
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
