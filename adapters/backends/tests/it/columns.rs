//! The tables that others read: every part of a state stands in a column that has a name.
//!
//! The names are the source design's where it names them. What differs on purpose:
//!
//! | source | here | why |
//! |---|---|---|
//! | `order_items` with a product and a price | also `reserved_quantity`, `picked_quantity`, three prices | what is held and picked is the line's |
//! | saga state in a table | columns of `orders` | they change together, so it is one row that is written |
//! | `reservations` by product | by order; units stand in `order_items` | a hold is of all lines or none |
//! | `payments` by attempt | `payments` by order, `payment_attempts` below | one order, one kept capture |
//! | `deliveries` with a rider | with a trip, which has the rider | two orders may share a trip |
//! | JSON documents | of the catalogue alone | they never change within a world; a query of states needs a column |
//! | `orders` in partitions by day | one table | ids say no day, and what a commit hangs on is found by its id alone; a day is a query of the journal |
//! | `inventory` with a total that is checked | on hand is derived, and each part checked not to be below zero | a third number could only disagree |
//! | timestamps | `bigint` microseconds | exact, and the same epoch as the journal |

use std::collections::BTreeMap;

use dastak_backends::{Options, Postgres};
use domain::ids::CityId;

use crate::with_server;

/// Tables and their columns. `b` is bigint, `i` integer, `s` smallint, `t` text, `?` boolean, `u`
/// uuid, `y` bytea, `x` xid8, `a` an array, `j` jsonb, `z` timestamptz; behind it `0` if it may be null.
const TABLES: &str = "
cart_items: user_id b, line i, product_id b, quantity b
carts: user_id b, version b, touched_at_us b, status t, quote_order_id b0
catalog_documents: place i, kind t, document j
deliveries: order_id b, status t, trip_id b0, is_packed ?, is_unwanted ?, refusals s, requested_at_us b, ready_at_us b, refused_by_rider_id b0
inventory: warehouse_id b, product_id b, version b, touched_at_us b, available_quantity b, reserved_quantity b, sold_quantity b
journal: transaction_id x, place i, at_us b, kind t, order_id b0, trip_id b0, record y
leases: duty t, holder u, version b, held_until z
ledger: transaction_id x, place i, posting_id b, order_id b0, account t0, user_id b0, amount_paise b
log_cursors: reader t, topic t, partition b, next_offset b, seen_seq b
notifications: order_id b, seq b, user_id b, kind t, told_at_us b
numbers: name t, next b
order_items: order_id b, line i, product_id b, quantity b, reserved_quantity b, picked_quantity b, price_paise b, mrp_paise b, unit_price_paise b, gst_bps i
orders: order_id b, version b, touched_at_us b, user_id b, warehouse_id b, client_ref b, door_lat_e7 i, door_lon_e7 i, status t, status_version i, payment_method t, payable_paise b, reduced_paise b, is_settled ?, has_asked_stock ?, has_stock ?, has_payment ?, has_pick_task ?, has_rider_request ?, has_extended_hold ?, ending t0, rejected_for t0, cancelled_by t0, cancelled_in t0
outbox: outbox_id b, about t, about_id b, kind t, effect y, made_at_us b, lent_until_us b, times_taken i
payment_attempts: order_id b, attempt s, method t, status t, refund_asked_paise b, refunded_paise b, follow_ups s, refund_retries s
payments: order_id b, status t, amount_paise b, refund_wanted_paise b, let_off_paise b, chosen_attempt s, attempts_made s
pick_tasks: order_id b, status t, picker_id b0, lines i, lines_done i, has_anything ?
processed_inputs: source t, input_id u, digest u, answer t, heard_at_us b
quotes: order_id b, status t, total_paise b0, valid_until_us b0, promise_by_us b, delivery_fee_paise b, handling_fee_paise b, small_cart_fee_paise b, surge_fee_paise b, rain_fee_paise b, discount_paise b
reservations: order_id b, status t, expires_at_us b0, asked_until_us b
riders: rider_id b, version b, touched_at_us b, duty t, trip_id b0, leaving ?, place_lat_e7 i, place_lon_e7 i
sessions: session_id u, subject t, subject_id b, expires_at_us b
timers: timer_id b, wake_at_us b, about t, about_id b, kind t, input y
trips: trip_id b, version b, touched_at_us b, status t, rider_id b, warehouse_id b, first_order_id b, first_order_status t, second_order_id b, second_order_status t, offered_until_us b
user_addresses: user_id b, place i, address_number b, label t, door_lat_e7 i, door_lon_e7 i
users: user_id b, version b, phone b, name t, status t, password_digest u0, password_until_us b0, password_tries s0, passwords_sent_since_us b, passwords_sent s, addresses_made b
wallets: user_id b, version b, touched_at_us b, balance_paise b, held_paise b
warehouse_floors: warehouse_id b, version b, touched_at_us b, waiting_order_ids a, idle_picker_ids a, leaving_picker_ids a, on_duty_picker_ids a
warehouses: warehouse_id b, version b, touched_at_us b, door t, door_since_us b, surge_bps b, surge_since_us b
worlds: is_the_only_one ?, world_id b, city_id i, installed_at z
";

const COLUMNS: &str = "
SELECT table_name::text, column_name::text || ' ' ||
    CASE data_type WHEN 'bigint' THEN 'b' WHEN 'integer' THEN 'i' WHEN 'smallint' THEN 's'
        WHEN 'text' THEN 't' WHEN 'boolean' THEN '?' WHEN 'uuid' THEN 'u' WHEN 'bytea' THEN 'y'
        WHEN 'xid8' THEN 'x' WHEN 'ARRAY' THEN 'a' WHEN 'jsonb' THEN 'j'
        WHEN 'timestamp with time zone' THEN 'z' ELSE data_type::text END ||
    CASE is_nullable WHEN 'YES' THEN '0' ELSE '' END
FROM information_schema.columns
WHERE table_schema = 'public' AND table_name <> 'refinery_schema_history'
ORDER BY table_name, ordinal_position";

/// Keys, what they refer to, what else is looked for, and what rows may be; but for the words of a
/// list, which the domain's own lists are compared with as rows are read.
const RULES: &str = "
cart_items: check ((line >= 0)), check ((quantity > 0)), foreign key (user_id) references carts(user_id), primary key (user_id, line), unique (user_id, product_id)
carts: check ((version > 0)), primary key (user_id)
catalog_documents: primary key (place)
deliveries: (requested_at_us, order_id) where (status = 'waiting'), check (((trip_id is not null) = (status = 'on_trip'))), foreign key (order_id) references orders(order_id), primary key (order_id)
inventory: check ((available_quantity >= 0)), check ((reserved_quantity >= 0)), check ((sold_quantity >= 0)), check ((version > 0)), primary key (warehouse_id, product_id)
journal: primary key (transaction_id, place)
leases: check ((version >= 0)), primary key (duty)
ledger: primary key (transaction_id, place)
log_cursors: check ((next_offset >= 0)), check ((partition >= 0)), check ((seen_seq >= 0)), primary key (reader, topic, partition)
notifications: (user_id, seq), check ((seq >= 0)), primary key (order_id, seq)
numbers: check ((next >= 0)), primary key (name)
order_items: check ((line >= 0)), check ((picked_quantity >= 0)), check ((quantity >= 0)), check ((reserved_quantity >= 0)), foreign key (order_id) references orders(order_id), primary key (order_id, line)
orders: check (((cancelled_by is not null) = (not (ending is distinct from 'cancelled')))), check (((cancelled_in is not null) = (not (ending is distinct from 'cancelled')))), check (((rejected_for is not null) = (not (ending is distinct from 'rejected')))), check ((version > 0)), primary key (order_id)
outbox: (about, about_id, outbox_id), check ((times_taken >= 0)), primary key (outbox_id)
payment_attempts: check (((attempt >= 0) and (attempt <= 2))), check ((refund_asked_paise >= 0)), check ((refunded_paise >= 0)), foreign key (order_id) references orders(order_id), primary key (order_id, attempt)
payments: check (((attempts_made >= 0) and (attempts_made <= 3))), check ((amount_paise >= 0)), check ((let_off_paise >= 0)), check ((refund_wanted_paise >= 0)), foreign key (order_id) references orders(order_id), primary key (order_id)
pick_tasks: (order_id) where (status = any (array['collecting', 'packing', 'putting_back'])), foreign key (order_id) references orders(order_id), primary key (order_id)
processed_inputs: primary key (source, input_id)
quotes: check (((valid_until_us is not null) = (status = 'issued'))), check ((discount_paise <= 0)), foreign key (order_id) references orders(order_id), primary key (order_id)
reservations: check (((expires_at_us is not null) = (status = 'until'))), foreign key (order_id) references orders(order_id), primary key (order_id)
riders: (rider_id) where ((duty = 'on') and (trip_id is null)), check ((version > 0)), primary key (rider_id)
sessions: (expires_at_us), (subject, subject_id), primary key (session_id)
timers: (wake_at_us, timer_id), primary key (timer_id)
trips: check ((version > 0)), primary key (trip_id)
user_addresses: foreign key (user_id) references users(user_id), primary key (user_id, place), unique (user_id, address_number)
users: check (((password_tries is null) = (password_digest is null))), check (((password_until_us is null) = (password_digest is null))), check ((passwords_sent >= 0)), check ((version > 0)), primary key (user_id), unique (phone)
wallets: check ((held_paise >= 0)), check ((version > 0)), primary key (user_id)
warehouse_floors: check ((version > 0)), primary key (warehouse_id)
warehouses: check ((surge_bps >= 0)), check ((version > 0)), primary key (warehouse_id)
worlds: check ((world_id > 0)), check (is_the_only_one), primary key (is_the_only_one)
";

const WRITTEN_RULES: &str = r#"
SELECT place::text, said FROM (
    SELECT conrelid::regclass AS place, lower(pg_get_constraintdef(oid)) AS said
    FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f', 'c')
      AND pg_get_constraintdef(oid) NOT LIKE '%ARRAY[%'
    UNION ALL
    SELECT indrelid::regclass, substring(lower(pg_get_indexdef(indexrelid)) FROM 'btree (.*)')
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relnamespace = 'public'::regnamespace AND NOT indisunique) AS rules
WHERE place::text <> 'refinery_schema_history' ORDER BY 1, said COLLATE "C""#;

/// What a query tells of a new database: a line for each table.
fn check(query: &str, expected: &str) {
    with_server(async |server| {
        let url = server.fresh().await.unwrap();
        Postgres::connect(&url, CityId(0), Options::default()).await.unwrap();
        let (client, connection) =
            tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in client.query(query, &[]).await.unwrap() {
            let said: String = row.get(1);
            tables.entry(row.get(0)).or_default().push(said.replace("::text", ""));
        }
        let line =
            |(table, said): (&String, &Vec<String>)| format!("{table}: {}\n", said.join(", "));
        let found: String = tables.iter().map(line).collect();
        assert_eq!(found, expected.trim_start());
    });
}

#[test]
fn every_part_of_a_state_has_a_column_of_its_own() {
    check(COLUMNS, TABLES);
}

#[test]
fn the_database_keeps_keys_and_bounds_itself() {
    check(WRITTEN_RULES, RULES);
}

/// Two replicas that start at the same time make the tables once.
#[test]
fn two_may_open_a_new_database_at_once() {
    with_server(async |server| {
        let url = server.fresh().await.unwrap();
        let open = || {
            let options = Options::default();
            Postgres::connect(&url, CityId(0), options)
        };
        let (one, other) = tokio::join!(open(), open());
        one.unwrap();
        other.unwrap();
    });
}
