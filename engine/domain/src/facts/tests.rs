//! The forms of facts give them back, and one field name means one thing.

use std::collections::BTreeMap;

use super::*;

/// Builds one fact of every kind from cells that count upwards.
fn one_of_each() -> Vec<Fact> {
    let mut facts = Vec::new();
    for (area, kinds) in Fact::AREAS.iter().enumerate() {
        for variant in 0..kinds.len() {
            let mut next = 0;
            let tag = (u8::try_from(area).unwrap(), u8::try_from(variant).unwrap());
            let fact = Fact::from_cells(tag, &mut || {
                next = (next + 1) % 2;
                Some(next)
            });
            facts.push(fact.expect("small cells build any fact"));
        }
    }
    facts
}

#[test]
fn canonical_bytes_and_cells_give_every_fact_back() {
    for (seq, fact) in one_of_each().into_iter().enumerate() {
        let record =
            Record { at: Timestamp(7), city: CityId(3), seq: u64::try_from(seq).unwrap(), fact };
        let mut bytes = Vec::new();
        record.put(&mut bytes);
        assert_eq!(Record::take(&mut bytes.as_slice()), Some(record));
        for cut in 0..bytes.len() {
            assert_eq!(Record::take(&mut &bytes[..cut]), None, "{record:?} cut at {cut}");
        }

        let mut cells = Vec::new();
        fact.to_cells(&mut |cell| cells.push(cell));
        let columns: usize = fact.kind().fields.iter().map(|(_, columns)| columns.len()).sum();
        assert_eq!(cells.len(), columns);
        let mut cells = cells.into_iter();
        assert_eq!(Fact::from_cells(fact.tag(), &mut || cells.next()), Some(fact));
        assert_eq!(Fact::tag_of(fact.kind().name), Some(fact.tag()));
    }
}

#[test]
fn a_field_name_means_the_same_everywhere() {
    let mut columns_of = BTreeMap::new();
    for (name, columns) in Fact::AREAS.iter().flat_map(|kinds| kinds.iter()).flat_map(|k| k.fields)
    {
        assert_eq!(columns_of.entry(*name).or_insert(*columns), columns, "{name}");
    }
}

#[test]
fn any_flipped_byte_changes_the_digest() {
    let digest = |bytes: &[u8]| {
        let mut run = RunDigest::new(CityId(0));
        let mut rest = bytes;
        while let Some(record) = Record::take(&mut rest) {
            run.record(&record);
        }
        run.finish().whole
    };
    let mut bytes = Vec::new();
    for (seq, fact) in (0..).zip(one_of_each()) {
        Record { at: Timestamp(seq), city: CityId(0), seq, fact }.put(&mut bytes);
    }
    let whole = digest(&bytes);
    for at in 0..bytes.len() {
        bytes[at] ^= 1;
        assert_ne!(digest(&bytes), whole, "byte {at}");
        bytes[at] ^= 1;
    }
}

#[test]
fn facts_stay_small() {
    assert!(size_of::<Fact>() <= 72, "{}", size_of::<Fact>());
}

#[test]
fn batches_hand_on_every_record_in_order() {
    let records: Vec<Record> = (0..3_000)
        .map(|seq| Record {
            at: Timestamp(seq / 7),
            city: CityId(2),
            seq,
            fact: Fact::Dispatch(crate::dispatch::Event::Withdrawn {
                order: crate::ids::OrderId(seq),
            }),
        })
        .collect();
    for count in [0, 1, 1_023, 1_024, 1_025, 3_000] {
        let mut batch = Batch::new(Vec::new());
        records[..count].iter().for_each(|record| batch.record(record));
        assert_eq!(batch.finish(), &records[..count]);
    }
}
