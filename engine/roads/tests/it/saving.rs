//! Roads come back from a file as they went, or not at all.

use dastak_roads::{LoadError, NodeId, Roads, SpeedProfile};
use domain::money::Bps;
use proptest::prelude::*;
use xxhash_rust::xxh3::xxh3_128;

use crate::towns::town;

fn saved(side: u32, seed: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    Roads::new(town(side, seed), SpeedProfile::default()).save(&mut bytes).unwrap();
    bytes
}

#[test]
fn saved_roads_come_back_as_they_were() {
    let roads = Roads::new(town(9, 3), SpeedProfile::uniform(14_000));
    let mut weathered = roads.clone();
    weathered.reweight(Bps(7_000));
    let mut bytes = Vec::new();
    weathered.save(&mut bytes).unwrap();
    let back = Roads::load(bytes.as_slice()).unwrap();
    assert_eq!(back.digest(), roads.digest());
    assert_eq!(back.graph(), roads.graph());
    for to in (0..roads.nodes()).map(NodeId::at) {
        assert_eq!(back.path(NodeId(0), to), roads.path(NodeId(0), to));
    }
}

#[test]
fn what_was_not_saved_by_us_is_refused() {
    #[track_caller]
    fn check(bytes: &[u8], said: &str) {
        assert_eq!(Roads::load(bytes).unwrap_err().to_string(), said);
    }
    check(b"", "the file does not hold saved roads of this version");
    check(b"dastakR0 and more", "the file does not hold saved roads of this version");
    check(b"dastakR1", "the file's 8 bytes do not match its checksum");
    let whole = saved(3, 1);
    check(&whole[..100], "the file's 100 bytes do not match its checksum");
}

#[test]
fn an_order_that_names_a_node_twice_is_refused() {
    let mut bytes = saved(3, 1);
    let end = bytes.len() - 16;
    bytes.copy_within(end - 4..end, end - 8);
    let checksum = xxh3_128(&bytes[..end]).to_le_bytes();
    bytes[end..].copy_from_slice(&checksum);
    assert_eq!(
        Roads::load(bytes.as_slice()).unwrap_err().to_string(),
        "the saved roads contradict themselves: an order that does not name every node once"
    );
}

proptest! {
    /// A damaged file is found out by its checksum, whatever the damage.
    #[test]
    fn damage_is_found_out(seed: u64, at: prop::sample::Index, to: u8, cut in 0_usize..3) {
        let whole = saved(3, seed);
        let mut bytes = whole.clone();
        bytes[at.index(whole.len())] = to;
        bytes.truncate(whole.len() - cut);
        prop_assert!(bytes == whole || Roads::load(bytes.as_slice()).is_err());
    }

    /// A file with a right checksum and wrong content gives roads or an error, never a panic.
    #[test]
    fn contradictions_do_not_panic(
        seed in 0_u64..4, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = saved(3, seed);
        let end = bytes.len() - 16;
        for (at, to) in changes {
            bytes[8 + at.index(end - 8)] = to;
        }
        let checksum = xxh3_128(&bytes[..end]).to_le_bytes();
        bytes[end..].copy_from_slice(&checksum);
        match Roads::load(bytes.as_slice()) {
            Ok(roads) => {
                let ends = (NodeId(0), NodeId::at(roads.nodes() - 1));
                let path_ms = roads.path(ends.0, ends.1).map(|path| path.ms);
                prop_assert_eq!(roads.travel_ms(ends.0, ends.1), path_ms);
            }
            Err(LoadError::Contradiction { .. }) => {}
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}
