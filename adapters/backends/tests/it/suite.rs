//! PostgreSQL keeps the contract of databases.

use domain::ids::CityId;

use crate::{fresh, with_server};

#[test]
fn postgres_keeps_the_contract() {
    with_server(async |server| shell::contract::check(|| fresh(server, CityId(3))).await);
}
