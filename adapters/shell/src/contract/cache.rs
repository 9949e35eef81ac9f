//! What every cache must do, as one suite of checks. Each cache runs it in its tests.

use domain::place::Place;
use domain::time::{Millis, Timestamp};

use crate::cache::Cache;

/// A time to live that no check outlasts.
const LONG: Millis = Millis::from_min(5);
/// One that a check waits for.
const SHORT: Millis = Millis(300);

/// Runs every check on a cache, which is cleared before each; `wait` lets time pass for it.
///
/// # Panics
/// When the cache does not keep the contract, saying what it did instead.
pub async fn check(cache: &impl Cache, wait: impl AsyncFn(Millis)) {
    cache.clear().await.expect("a cache is cleared");
    values_come_back_until_they_are_removed(cache).await;
    values_end_with_their_time(cache, &wait).await;
    times_move_on(cache).await;
    many_are_as_if_one_by_one(cache, &wait).await;
    cache.clear().await.expect("a cache is cleared");
    sets_are_in_order(cache).await;
    near_is_by_distance(cache).await;
    cache.clear().await.expect("a cache is cleared");
    assert_eq!(cache.lowest("set", 9).await, Ok(vec![]), "all is forgotten");
    assert_eq!(cache.near("places", Place::default(), 9, 9).await, Ok(vec![]));
}

async fn get(cache: &impl Cache, key: &str) -> Option<Vec<u8>> {
    cache.get(key).await.expect("a value is read")
}

async fn put(cache: &impl Cache, key: &str, value: &[u8], ttl: Millis) {
    cache.put(key, value, ttl).await.expect("a value is set");
}

async fn advance(cache: &impl Cache, times: &[(&str, u64)], now: u64) -> Vec<u64> {
    let times: Vec<_> = times.iter().map(|(key, by)| ((*key).to_owned(), *by)).collect();
    let stand = cache.advance(&times, Timestamp(now)).await.expect("times move on");
    stand.into_iter().map(|at| at.0).collect()
}

async fn values_come_back_until_they_are_removed(cache: &impl Cache) {
    assert_eq!(get(cache, "a").await, None);
    let any: Vec<u8> = (0..=255).collect();
    put(cache, "a", &any, LONG).await;
    put(cache, "b", b"", LONG).await;
    assert_eq!(get(cache, "a").await, Some(any));
    assert_eq!(get(cache, "b").await, Some(vec![]), "nothing is a value");
    put(cache, "a", b"other", LONG).await;
    assert_eq!(get(cache, "a").await, Some(b"other".to_vec()));
    for _ in 0..2 {
        cache.remove("a").await.expect("a value is removed, also twice");
    }
    assert_eq!((get(cache, "a").await, get(cache, "b").await), (None, Some(vec![])));
}

async fn values_end_with_their_time(cache: &impl Cache, wait: &impl AsyncFn(Millis)) {
    put(cache, "short", b"1", SHORT).await;
    put(cache, "longer", b"1", SHORT).await;
    put(cache, "longer", b"2", LONG).await;
    put(cache, "shorter", b"1", LONG).await;
    put(cache, "shorter", b"2", SHORT).await;
    wait(Millis(SHORT.0 * 2)).await;
    assert_eq!(get(cache, "short").await, None, "its time is over");
    assert_eq!(get(cache, "longer").await, Some(b"2".to_vec()), "a value has its own time");
    assert_eq!(get(cache, "shorter").await, None);
}

async fn times_move_on(cache: &impl Cache) {
    // Half an hour and more before it is over, whatever the cache's own clock says.
    const NOW: u64 = 1_760_000_000_000_001;
    const HOUR: u64 = 3_600_000_000;
    assert_eq!(advance(cache, &[("t1", HOUR), ("t2", 5)], NOW).await, [NOW + HOUR, NOW + 5]);
    assert_eq!(advance(cache, &[("t1", 7)], NOW + 1).await, [NOW + HOUR + 7], "from where it is");
    let later = NOW + 2 * HOUR;
    assert_eq!(advance(cache, &[("t1", 7)], later).await, [later + 7], "or from now, if later");
    assert_eq!(advance(cache, &[("t3", HOUR), ("t3", 1)], NOW).await, [NOW + HOUR, NOW + HOUR + 1]);
    assert_eq!(advance(cache, &[], NOW).await, [0; 0]);
}

async fn many_are_as_if_one_by_one(cache: &impl Cache, wait: &impl AsyncFn(Millis)) {
    let entries = |value: &str, keys: &[&str]| -> Vec<(String, Vec<u8>)> {
        keys.iter().map(|key| ((*key).to_owned(), value.into())).collect()
    };
    let many = async |value: &str, keys: &[&str], ttl, over| {
        let set = cache.put_many(&entries(value, keys), ttl, over).await;
        set.expect("values are set");
    };
    let all = async || {
        let keys = ["m3", "none", "m1", "m2"].map(str::to_owned);
        let found = cache.get_many(&keys).await.expect("values are read");
        let text = |value: Vec<u8>| String::from_utf8(value).expect("it was text");
        found.into_iter().map(|value| value.map(text)).collect::<Vec<_>>()
    };
    let is = |values: [Option<&str>; 4]| values.map(|value| value.map(str::to_owned)).to_vec();
    many("old", &["m1", "m2"], LONG, true).await;
    many("new", &["m2", "m3"], LONG, false).await;
    assert_eq!(all().await, is([Some("new"), None, Some("old"), Some("old")]));
    many("newer", &["m1", "m3"], SHORT, true).await;
    assert_eq!(all().await, is([Some("newer"), None, Some("newer"), Some("old")]));
    many("", &[], LONG, true).await;
    assert_eq!(cache.get_many(&[]).await, Ok(vec![]));
    wait(Millis(SHORT.0 * 2)).await;
    assert_eq!(all().await, is([None, None, None, Some("old")]));
}

async fn sets_are_in_order(cache: &impl Cache) {
    for (member, score) in [("b", 5), ("a", 5), ("c", -1), ("d", 1 << 50), ("c", 7)] {
        cache.rank("set", member, score).await.expect("a member is ranked");
    }
    cache.rank("set2", "x", 0).await.expect("a member of another set is ranked");
    let of = |members: &[(&str, i64)]| -> Vec<(String, i64)> {
        members.iter().map(|(member, score)| ((*member).to_owned(), *score)).collect()
    };
    let all = of(&[("a", 5), ("b", 5), ("c", 7), ("d", 1 << 50)]);
    assert_eq!(cache.lowest("set", 9).await, Ok(all));
    for _ in 0..2 {
        cache.unrank("set", "a").await.expect("a member is taken out, also twice");
    }
    assert_eq!(cache.lowest("set", 2).await, Ok(of(&[("b", 5), ("c", 7)])));
    assert_eq!(cache.lowest("set", 0).await, Ok(vec![]));
}

async fn near_is_by_distance(cache: &impl Cache) {
    // A thousandth of a degree to the north is 111 m.
    let at = |north: i32| Place { lat_e7: 190_000_000 + north * 10_000, lon_e7: 730_000_000 };
    for (member, north) in [("far", 50), ("two", -2), ("moved", 30), ("one", 1)] {
        let members = [(member.to_owned(), at(north))];
        cache.locate("places", &members).await.expect("a member is located");
    }
    let members = [("moved".to_owned(), at(4)), ("three".to_owned(), at(-3))];
    cache.locate("places", &members).await.expect("members are located together");
    cache.locate("places", &[]).await.expect("nobody is located");
    let near = async |radius_m, limit| {
        cache.near("places", at(0), radius_m, limit).await.expect("members are looked for")
    };
    assert_eq!(near(1_000, 9).await, ["one", "two", "three", "moved"]);
    assert_eq!(near(1_000, 2).await, ["one", "two"]);
    assert_eq!(near(200, 9).await, ["one"]);
}
