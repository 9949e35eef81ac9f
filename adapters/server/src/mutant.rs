//! Faults on purpose: bugs to see that the checks find them, ends to see that nothing is lost.

#[cfg(feature = "mutants")]
mod bugs;

#[cfg(feature = "mutants")]
pub(crate) use bugs::{instead, shown};

/// Gives this process a bug, or a place to end at, by their names. What `list` as either names, to
/// be printed.
///
/// # Errors
/// In words, when there is none of that name. A program without the feature `mutants` has none.
#[cfg(feature = "mutants")]
pub fn faulty(mutant: Option<&str>, crash_at: Option<&str>) -> Result<Option<String>, String> {
    use shell::{failpoint, mutant};
    let listed = |at: &str, words: &[&str]| -> String {
        words.iter().map(|word| format!("{at}:{word}\n")).collect()
    };
    if mutant == Some("list") {
        let row = |(_, name, does, checks): &(_, &str, &str, &[&str])| {
            format!("{name}: {does} Found by {}.\n", checks.join(" or "))
        };
        return Ok(Some(mutant::MUTANTS.iter().map(row).collect()));
    }
    if crash_at == Some("list") {
        let row = |(_, at, words): &(_, &str, &[&str])| listed(at, words);
        return Ok(Some(failpoint::POINTS.iter().map(row).collect()));
    }
    match (mutant, crash_at) {
        (Some(name), _) if !mutant::choose(name) => Err(format!("{name:?} is no mutant")),
        (_, Some(name)) if !failpoint::choose(name) => Err(format!("{name:?} is no failpoint")),
        _ => Ok(None),
    }
}

/// Gives this process a bug, or a place to end at: this program has none.
///
/// # Errors
/// When one is asked for.
#[cfg(not(feature = "mutants"))]
pub fn faulty(mutant: Option<&str>, crash_at: Option<&str>) -> Result<Option<String>, String> {
    match mutant.or(crash_at) {
        Some(name) => Err(format!("{name:?}: this program was built without faults")),
        None => Ok(None),
    }
}
