//! PostgreSQL keeps the contracts of databases.

use std::time::Duration;

use dastak_backends::Locking;
use domain::ids::CityId;
use domain::time::Millis;

use crate::{fresh, fresh_by, with_server};

#[test]
fn postgres_keeps_the_contract() {
    with_server(async |server| shell::contract::check(|| fresh(server, CityId(3))).await);
}

#[test]
fn postgres_keeps_the_contract_with_shelves_locked() {
    with_server(async |server| {
        shell::contract::check(|| fresh_by(server, CityId(3), Locking::Row)).await;
    });
}

#[test]
fn postgres_keeps_the_contract_of_cursors() {
    with_server(async |server| {
        shell::contract::cursors::check(|| fresh(server, CityId(3))).await;
    });
}

#[test]
fn postgres_keeps_the_contract_of_serving() {
    with_server(async |server| {
        let wait =
            async |time: Millis| tokio::time::sleep(Duration::from_millis(time.0.into())).await;
        shell::contract::serving::check(|| fresh(server, CityId(3)), wait).await;
    });
}
