//! First come, first served: each order in turn takes the nearest free rider. No sharing.
//!
//! An idle rider goes before one who still is on a trip. What one sees in small operations, and
//! what better policies are measured against.

use crate::dispatch::timing::{Approach, is_urgent, ms_until};
use crate::dispatch::{Assignment, Params, View, Waiting};
use crate::time::Millis;

/// Buffers of a round.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    queue: Vec<u32>,
    taken: Vec<bool>,
}

pub(super) fn choose<L>(
    view: &View<'_, L>,
    params: &Params,
    scratch: &mut Scratch,
    chosen: &mut Vec<Assignment>,
) {
    let Scratch { queue, taken } = scratch;
    taken.clear();
    taken.resize(view.riders.len(), false);
    queue.clear();
    queue.extend((0_u32..).take(view.waiting.len()));
    queue.sort_unstable_by_key(|&index| {
        let waiting = &view.waiting[index as usize];
        (waiting.requested_at, waiting.order)
    });

    for &index in &*queue {
        let waiting = &view.waiting[index as usize];
        let Some((candidate, approach)) = nearest(view, params, taken, index as usize) else {
            continue;
        };
        let urgent = is_urgent(params, view.now, waiting);
        let ready_ms = ms_until(view.now, waiting.ready_at);
        if approach.is_due(params, ready_ms, urgent) {
            taken[candidate] = true;
            chosen.push(Assignment {
                rider: view.riders[candidate].rider,
                orders: [Some(waiting.order), None],
                expected_at_store: view.now + Millis(approach.reach_ms),
            });
        }
    }
}

/// The first idle rider in the order's row, else the one who would be there first.
fn nearest<L>(
    view: &View<'_, L>,
    params: &Params,
    taken: &[bool],
    index: usize,
) -> Option<(usize, Approach)> {
    let waiting: &Waiting = &view.waiting[index];
    let ready_ms = ms_until(view.now, waiting.ready_at);
    let options = view.edges.row(index).iter().filter(|edge| !taken[edge.candidate as usize]);
    options
        .map(|&edge| (edge.candidate as usize, Approach::new(view.now, view.riders, edge)))
        .filter(|(_, approach)| approach.may_fetch(params, waiting.refusals, ready_ms))
        .min_by_key(|&(candidate, approach)| {
            (approach.free_ms() > 0, approach.reach_ms, view.riders[candidate].rider)
        })
}
