//! Turns what the judge, the recount and the simulator found into what a summary holds.

use reports::summary::{Figures, Invariant, Limit, Objective, Unit};
use scenarios::schema::Objectives;
use scenarios::{Bound, Comparison, Target};
use verify::Counts;

use crate::judgement::Ruling;

/// The counts of all cities of a replication.
pub(crate) fn counts_of<'c>(cities: impl Iterator<Item = &'c Counts>) -> Counts {
    let mut all = Counts::default();
    cities.for_each(|counts| all.merge(counts));
    all
}

/// The laws of a run, as its summary holds them.
pub(crate) fn invariants(rulings: Vec<Ruling>) -> Vec<Invariant> {
    let invariant = |ruling: Ruling| Invariant {
        id: ruling.id.to_owned(),
        judged: ruling.judged,
        broken: ruling.broken,
        status: ruling.status.text().to_owned(),
        breaks: ruling.breaks,
        counterexample: ruling.counterexample,
    };
    rulings.into_iter().map(invariant).collect()
}

/// What the scenario asks for, held against the means of the replications.
pub(crate) fn objectives(asked: &Objectives, replications: &[Figures]) -> Vec<Objective> {
    asked.given().into_iter().map(|(name, bound)| objective(name, bound, replications)).collect()
}

fn objective(name: &'static str, bound: Bound, replications: &[Figures]) -> Objective {
    let values: Vec<f64> =
        replications.iter().filter_map(|figures| figure(name, figures)).collect();
    let moments: kernel::stats::Moments = values.iter().copied().collect();
    let interval = moments.interval(reports::summary::CONFIDENCE);
    let value = (!values.is_empty()).then(|| rounded(interval.mean));
    let half_width = interval.half_width.is_finite().then(|| rounded(interval.half_width));
    let (target, unit) = match bound.target {
        Target::Share(share) => (share.as_part(), Unit::Share),
        Target::Duration(duration) => (duration.as_s(), Unit::Seconds),
    };
    let met = value.is_some_and(|value| match bound.comparison {
        Comparison::AtLeast => value >= target,
        Comparison::AtMost => value <= target,
    });
    Objective { name: name.to_owned(), value, half_width, unit, target: bound.to_string(), met }
}

/// The figure that an objective is about.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn figure(name: &str, figures: &Figures) -> Option<f64> {
    let of_placed = |count: u64| {
        (figures.orders.placed > 0).then(|| count as f64 / figures.orders.placed as f64)
    };
    match name {
        "on_time" => figures.on_time_share,
        "delivered" => of_placed(figures.orders.delivered),
        "cancelled" => of_placed(figures.orders.cancelled),
        "order_to_door_p50" => figures.order_to_door_s.p50,
        "order_to_door_p90" => figures.order_to_door_s.p90,
        "order_to_door_p99" => figures.order_to_door_s.p99,
        "rider_utilisation" => figures.rider_utilisation,
        "picker_utilisation" => figures.picker_utilisation,
        _ => None,
    }
}

/// To a ten-thousandth: more digits would be noise for a reader.
fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// What limits a run, the narrowest first.
pub(crate) fn limits<'o>(cities: impl Iterator<Item = &'o [sim::Limit; 2]>) -> Vec<Limit> {
    let Some([mut first, mut second]) =
        cities.copied().reduce(|a, b| [a[0].with(b[0]), a[1].with(b[1])])
    else {
        return Vec::new();
    };
    if second.load() > first.load() {
        std::mem::swap(&mut first, &mut second);
    }
    [first, second].iter().filter(|limit| limit.asked_for > 0.0).map(limit).collect()
}

fn limit(limit: &sim::Limit) -> Limit {
    let (needed, have) = (limit.needed().ceil(), limit.on_duty.round());
    let people = limit.resource.text();
    let busy = limit.resource.busy_limit() * 100.0;
    let (needed_words, have_words) = (grouped(needed), grouped(have));
    let sentence = if needed > have {
        format!(
            "{people} limit the run: {needed_words} are needed on duty to keep them {busy:.0} % busy, \
             {have_words} are there"
        )
    } else {
        format!("{people} suffice: {needed_words} are needed on duty, {have_words} are there")
    };
    Limit { resource: people.to_owned(), needed, have, sentence }
}

/// A whole number with spaces between thousands.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}
