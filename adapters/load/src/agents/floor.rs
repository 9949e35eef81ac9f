//! Pickers: look for a line, pack the bag, put everything back. They act when their store's device
//! gets a notice; one that never came they see when they look at the store's pick lists.

use std::sync::Arc;

use domain::time::Millis;
use serde_json::{Value, json};

use super::manner::{self, PACK, PUT_BACK, SCAN, TASKS};
use super::town::Town;
use super::wire::Tasks;
use crate::visit::Visit;

/// Somebody at every store looks whether something is to be done that nobody is at.
pub(super) fn looks(town: &Arc<Town>, visit: &Visit) {
    for store in 0..town.stores() {
        let mut visit = visit.afresh().bearing(town.badge(|badges| badges.store(store)));
        let town = Arc::clone(town);
        tokio::task::spawn_local(async move {
            let path = format!("/api/stores/{store}/tasks");
            let seen: Option<Tasks> = manner::get(&mut visit, TASKS, &path).await;
            for task in seen.map_or_else(Vec::new, |seen| seen.tasks) {
                let kind = match task.status.as_str() {
                    "collecting" => "ask_collect",
                    "packing" => "ask_pack",
                    "putting_back" => "ask_put_back",
                    _ => continue,
                };
                let line = task.next_line.unwrap_or(0);
                works(&town, &visit, (task.order_id.0, line, kind.to_owned()), store);
            }
        });
    }
}

/// Somebody does a piece of work for an order, unless somebody is at it already.
pub(super) fn works(town: &Arc<Town>, visit: &Visit, work: (u64, u16, String), store: u32) {
    if !town.begin_work(&work) {
        return;
    }
    let mut visit = visit.afresh().bearing(town.badge(|badges| badges.store(store)));
    let town = Arc::clone(town);
    tokio::task::spawn_local(async move {
        let (order, line, ref kind) = work;
        let path = format!("/api/stores/{store}/tasks/{order}");
        match kind.as_str() {
            "ask_collect" => look_for(&town, &mut visit, &path, order, line).await,
            "ask_pack" => {
                visit.pause(town.us(town.script.behaviour.pack())).await;
                let key = format!("{}-pack-{order}", town.script.name);
                manner::post(&mut visit, PACK, &format!("{path}/pack"), &Value::Null, Some(&key))
                    .await;
            }
            _ => put_back(&town, &mut visit, &path, order).await,
        }
        town.end_work(&work);
    });
}

async fn look_for(town: &Town, visit: &mut Visit, path: &str, order: u64, line: u16) {
    let behaviour = &town.script.behaviour;
    let luck = town.luck(order);
    let start = if line == 0 { behaviour.pick_start(luck) } else { Millis::ZERO };
    visit.pause(town.us(start + behaviour.pick_line(luck))).await;
    let wanted = town.known(order).and_then(|known| known.units.get(usize::from(line)).copied());
    let Some(wanted) = wanted.filter(|wanted| *wanted > 0) else {
        town.count("pick lists of strangers");
        return;
    };
    let short = behaviour.short_pick(luck, line, wanted);
    let verb = if short.is_some() { "short" } else { "scan" };
    if short.is_some() {
        town.count("lines short");
    }
    let body = json!({"line": line, "units": short.unwrap_or(wanted)});
    let key = format!("{}-line-{order}-{line}", town.script.name);
    manner::post(visit, SCAN, &format!("{path}/{verb}"), &body, Some(&key)).await;
}

async fn put_back(town: &Town, visit: &mut Visit, path: &str, order: u64) {
    let lines = town.known(order).map_or(1, |known| known.units.len());
    let lines = u32::try_from(lines).unwrap_or(u32::MAX);
    let each = town.script.behaviour.pick_line(town.luck(order));
    visit.pause(town.us(Millis(each.0.saturating_mul(lines)))).await;
    town.count("bags put back");
    let key = format!("{}-back-{order}", town.script.name);
    manner::post(visit, PUT_BACK, &format!("{path}/put-back"), &Value::Null, Some(&key)).await;
}
