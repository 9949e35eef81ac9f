//! The statements, prepared once for each connection, and where their text comes from.

use std::collections::BTreeMap;

use domain::ledger::Wallet;
use domain::picking::Floor;
use domain::stock::Slot;
use shell::{Rider, StoreDoor, Trip};

use super::cells::Kind;
use super::tables::{CHILDREN, Column, Layout, PARTS, Part, Stored};
use super::wire::{Failure, Statement, Wire};
use super::{accounts, cursors};

/// Names a statement: what it does, and to which table if it could be several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Does {
    /// Ends the transaction so far: what follows is another.
    Rest,
    BeginSnapshot,
    EndSnapshot,
    /// Says that the transaction need not be on disk when it is answered.
    Lazily,
    /// Notes an input's name; fails if it is noted.
    Name,
    /// Notes inputs' names; fails if one is noted.
    Names,
    /// Finds what was answered to an input.
    Answered,
    /// Keeps rows that are not there from being made by two.
    Reserve,
    /// Locks names for the connection, transactions or not.
    Lock,
    /// Lets go of all that a connection has locked.
    Unlock,
    /// Which writing of orders stands.
    Stamps,
    /// Loads rows.
    Load(&'static str),
    /// Makes a row; fails if it has a version and is there.
    Insert(&'static str),
    /// Writes a row that is there; fails if it has another version.
    Update(&'static str),
    /// Locks a row that was only read, and fails if it has another version.
    Check(&'static str),
    /// Locks rows that will be written, and fails if they have other versions.
    Guard(&'static str),
    /// Locks rows that were only read, and fails if they have other versions.
    GuardRead(&'static str),
    /// Writes rows.
    Write(&'static str),
    /// Writes rows that are there, and fails if they have other versions.
    Rewrite(&'static str),
    /// Takes away rows below an order from a number on.
    Cut(&'static str),
    Tell,
    Post,
    Ask,
    Wind,
    LockOutbox,
    Lend,
    GiveBack,
    /// Takes rows out of the outbox.
    Ack,
    Due,
    /// Takes timers off their list.
    CrossOff,
    Draw,
    Horizon,
    Journal,
    Waiting,
    Free,
    User,
    Addresses,
    Owner,
    SaveUser,
    CutAddresses,
    SaveAddresses,
    Cart,
    Items,
    SaveCart,
    CutItems,
    SaveItems,
    OpenSessions,
    ForgetSessions,
    Session,
    CloseSessions,
    UnderWay,
    /// Takes or keeps a duty.
    Assume,
    /// Fails if another has a duty by now.
    Fence,
    /// Finds the world that is installed.
    World,
    /// Fails if another world is installed.
    KeepWorld,
    ReplaceWorld,
    Document,
    Documents,
    /// How far a reader has come.
    Progress,
    /// Moves a reader on; fails if it stands elsewhere.
    Advance,
    /// Notes what customers are told.
    Note,
    Notes,
}

/// Statements that are about no table of states.
const PLAIN: &[(Does, &str)] = &[
    (Does::BeginSnapshot, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
    // What is lost with the last moments of a crash is asked or drawn again, or its number is
    // never used: whatever used it was committed later, and would be lost as well.
    (Does::Lazily, "SELECT set_config('synchronous_commit', 'off', true)"),
    (Does::EndSnapshot, "COMMIT"),
    (
        Does::Name,
        "INSERT INTO processed_inputs (source, input_id, digest, answer, heard_at_us)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (source, input_id) DO UPDATE SET answer = heard_before()::text",
    ),
    (
        Does::Names,
        "WITH named AS (
             INSERT INTO processed_inputs (source, input_id, digest, answer, heard_at_us)
             SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::int8[])
             ON CONFLICT DO NOTHING RETURNING source, input_id)
         SELECT CASE WHEN count(*) = cardinality($1) THEN 0 ELSE heard_before(ARRAY(
             SELECT place FROM unnest($1, $2) WITH ORDINALITY AS said (source, input_id, place)
             WHERE NOT EXISTS (SELECT FROM named WHERE named.source = said.source
                 AND named.input_id = said.input_id))) END
         FROM named",
    ),
    (Does::Answered, "SELECT digest, answer FROM processed_inputs WHERE source = $1 AND input_id = $2"),
    (
        Does::Stamps,
        "SELECT order_id, version, touched_at_us FROM orders WHERE order_id = ANY ($1::int8[])",
    ),
    (
        Does::Reserve,
        "SELECT CASE WHEN exclusive THEN pg_advisory_xact_lock(name)::text
                     ELSE pg_advisory_xact_lock_shared(name)::text END
         FROM unnest($1::int8[], $2::bool[]) AS missing (name, exclusive)",
    ),
    (Does::Lock, "SELECT pg_advisory_lock(name)::text FROM unnest($1::int8[]) AS shelf (name)"),
    (Does::Unlock, "SELECT pg_advisory_unlock_all()::text"),
    (
        Does::Tell,
        "INSERT INTO journal (place, at_us, kind, order_id, trip_id, record)
         SELECT place, at_us, kind, order_id, trip_id, record
         FROM unnest($1::int8[], $2::text[], $3::int8[], $4::int8[], $5::bytea[])
             WITH ORDINALITY AS fact (at_us, kind, order_id, trip_id, record, place)",
    ),
    (
        Does::Post,
        "INSERT INTO ledger (place, posting_id, order_id, account, user_id, amount_paise)
         SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::text[], $5::int8[], $6::int8[])",
    ),
    (
        Does::Ask,
        "INSERT INTO outbox (about, about_id, kind, effect, made_at_us)
         SELECT about, about_id, kind, effect, made_at_us
         FROM unnest($1::text[], $2::int8[], $3::text[], $4::bytea[], $5::int8[])
             WITH ORDINALITY AS asked (about, about_id, kind, effect, made_at_us, place)
         ORDER BY place",
    ),
    (
        Does::Wind,
        "INSERT INTO timers (wake_at_us, about, about_id, kind, input)
         SELECT wake_at_us, about, about_id, kind, input
         FROM unnest($1::int8[], $2::text[], $3::int8[], $4::text[], $5::bytea[])
             WITH ORDINALITY AS timer (wake_at_us, about, about_id, kind, input, place)
         ORDER BY place",
    ),
    // One taker at a time: a lease must be seen before the next one looks.
    (Does::LockOutbox, "SELECT pg_advisory_xact_lock(hashtextextended('outbox', 0))::text"),
    (
        Does::Lend,
        "WITH chosen AS (
             SELECT outbox_id FROM outbox AS later
             WHERE lent_until_us <= $1::int8 AND NOT EXISTS (
                 SELECT FROM outbox AS earlier
                 WHERE earlier.about = later.about AND earlier.about_id = later.about_id
                   AND earlier.outbox_id < later.outbox_id AND earlier.lent_until_us > $1::int8)
             ORDER BY outbox_id LIMIT $3 FOR UPDATE),
         lent AS (
             UPDATE outbox SET lent_until_us = $2::int8, times_taken = times_taken + 1 FROM chosen
             WHERE outbox.outbox_id = chosen.outbox_id
             RETURNING outbox.outbox_id, outbox.kind, outbox.effect)
         SELECT outbox_id, kind, effect FROM lent ORDER BY outbox_id",
    ),
    // A row that was taken more often than there are bits waits as long as any.
    (
        Does::GiveBack,
        "WITH given AS (
             SELECT outbox_id FROM outbox
             WHERE outbox_id = ANY ($1::int8[]) AND lent_until_us = $2::int8
             ORDER BY outbox_id FOR UPDATE)
         UPDATE outbox SET lent_until_us = $3::int8
             + least($4::int8 << least(times_taken - 1, 30), $5::int8)
         FROM given WHERE outbox.outbox_id = given.outbox_id",
    ),
    (
        Does::Ack,
        "WITH done AS (
             SELECT outbox_id FROM outbox WHERE outbox_id = ANY ($1::int8[])
             ORDER BY outbox_id FOR UPDATE)
         DELETE FROM outbox USING done WHERE outbox.outbox_id = done.outbox_id",
    ),
    (
        Does::Due,
        "SELECT timer_id, wake_at_us, kind, input FROM timers WHERE wake_at_us <= $1::int8
         ORDER BY wake_at_us, timer_id LIMIT $2",
    ),
    (
        Does::CrossOff,
        "WITH crossed AS (
             SELECT timer_id FROM timers WHERE timer_id = ANY ($1::int8[])
             ORDER BY timer_id FOR UPDATE)
         DELETE FROM timers USING crossed WHERE timers.timer_id = crossed.timer_id",
    ),
    (
        Does::Draw,
        "UPDATE numbers SET next = next + $2::int8 WHERE name = $1 RETURNING next - $2::int8",
    ),
    // Transactions of this database that may still write facts before the newest.
    (
        Does::Horizon,
        "SELECT least(pg_snapshot_xmax(pg_current_snapshot()), (
             SELECT min(running) FROM pg_snapshot_xip(pg_current_snapshot()) AS running
             JOIN pg_stat_activity ON backend_xid = running::xid
             WHERE datname = current_database() AND backend_type = 'client backend'))::text",
    ),
    // Ordered by the columns of the table: the text of a transaction's number sorts otherwise.
    (
        Does::Journal,
        "SELECT record, transaction_id::text, place::int8 FROM journal
         WHERE transaction_id < $1::text::xid8
           AND (transaction_id, place) > ($2::text::xid8, $3::int8)
         ORDER BY journal.transaction_id, journal.place OFFSET $4 LIMIT $5",
    ),
    (
        Does::Waiting,
        "SELECT order_id, warehouse_id, door_lat_e7::int8, door_lon_e7::int8, requested_at_us,
             ready_at_us, promise_by_us, refusals::int8, refused_by_rider_id
         FROM deliveries JOIN orders USING (order_id) JOIN quotes USING (order_id)
         WHERE deliveries.status = 'waiting'
         ORDER BY requested_at_us, order_id LIMIT $1",
    ),
    (
        Does::Free,
        "SELECT coalesce(array_agg(rider_id), '{}'), coalesce(array_agg(place_lat_e7::int8), '{}'),
             coalesce(array_agg(place_lon_e7::int8), '{}')
         FROM (SELECT rider_id, place_lat_e7, place_lon_e7 FROM riders
               WHERE duty = 'on' AND trip_id IS NULL ORDER BY rider_id) AS free",
    ),
    (
        Does::UnderWay,
        "SELECT order_id FROM pick_tasks JOIN orders USING (order_id)
         WHERE pick_tasks.status IN ('collecting', 'packing', 'putting_back')
           AND warehouse_id = $1
         ORDER BY order_id LIMIT $2",
    ),
    (Does::Assume, "SELECT assume($1, $2, $3)"),
    (
        Does::Fence,
        "SELECT CASE WHEN EXISTS (SELECT FROM leases WHERE duty = $1 AND version = $2)
                     THEN 0 ELSE fenced_off() END",
    ),
    (Does::World, "SELECT world_id, city_id::int8 FROM worlds"),
    (
        Does::KeepWorld,
        "SELECT CASE WHEN EXISTS (SELECT FROM worlds WHERE world_id = $1)
                     THEN 0 ELSE other_world() END",
    ),
    (Does::ReplaceWorld, "SELECT replace_world($1)"),
    (
        Does::Document,
        "INSERT INTO catalog_documents (place, document)
         SELECT place, document::jsonb
         FROM unnest($1::text[]) WITH ORDINALITY AS sent (document, place)",
    ),
    (Does::Documents, "SELECT document::text FROM catalog_documents ORDER BY place"),
];

/// The statements of one connection.
pub(super) struct Statements(BTreeMap<Does, Statement>);

impl Statements {
    /// Prepares all of them.
    pub(super) async fn prepare(wire: &mut Wire) -> Result<Self, Failure> {
        let plain = PLAIN
            .iter()
            .chain(accounts::STATEMENTS)
            .chain(cursors::STATEMENTS)
            .map(|(does, sql)| (*does, (*sql).to_owned()));
        let (all, texts): (Vec<_>, Vec<_>) = plain.chain(of_states()).unzip();
        Ok(Self(all.into_iter().zip(wire.prepare(&texts).await?).collect()))
    }

    /// A statement.
    ///
    /// # Panics
    /// If there is none that does that.
    pub(super) fn get(&self, does: Does) -> &Statement {
        self.0.get(&does).expect("every statement is prepared")
    }
}

/// The statements about states.
fn of_states() -> Vec<(Does, String)> {
    let mut all = Vec::new();
    let mut versioned = |layout: &Layout, load: String| {
        all.push((Does::Load(layout.table), load));
        all.push((Does::Guard(layout.table), guard(layout, "UPDATE")));
        all.push((Does::GuardRead(layout.table), guard(layout, "SHARE")));
        all.push((Does::Write(layout.table), write(layout, true)));
        all.push((Does::Rewrite(layout.table), rewrite(layout)));
        all.push((Does::Insert(layout.table), insert(layout, true)));
        all.push((Does::Update(layout.table), update(layout, true)));
        all.push((Does::Check(layout.table), check(layout)));
    };
    versioned(&Slot::LAYOUT, load(&Slot::LAYOUT));
    versioned(&StoreDoor::LAYOUT, load(&StoreDoor::LAYOUT));
    versioned(&Floor::LAYOUT, load(&Floor::LAYOUT));
    versioned(&Rider::LAYOUT, load(&Rider::LAYOUT));
    versioned(&Trip::LAYOUT, load(&Trip::LAYOUT));
    versioned(&Wallet::LAYOUT, load(&Wallet::LAYOUT));
    versioned(&PARTS[0].layout, load_orders());
    for Part { layout, .. } in &PARTS[1..] {
        all.push((Does::Write(layout.table), write(layout, false)));
        all.push((Does::Insert(layout.table), insert(layout, false)));
        all.push((Does::Update(layout.table), update(layout, false)));
    }
    for child in &CHILDREN {
        let layout = &child.layout;
        all.push((Does::Load(layout.table), load_children(layout)));
        all.push((Does::Write(layout.table), write(layout, false)));
        all.push((Does::Insert(layout.table), insert(layout, false)));
        all.push((Does::Update(layout.table), update(layout, false)));
        let Layout { table, key, .. } = layout;
        let cut =
            format!("DELETE FROM {table} WHERE {} = $1::int8 AND {} >= $2::int8", key[0], key[1]);
        all.push((Does::Cut(table), cut));
    }
    all
}

/// `$1::int8[], $2::int8[] …` for the columns of a key.
fn key_arrays(layout: &Layout) -> String {
    join(1..=layout.key.len(), |at| format!("${at}::int8[]"))
}

fn join<T>(parts: impl IntoIterator<Item = T>, text: impl Fn(T) -> String) -> String {
    parts.into_iter().map(text).collect::<Vec<_>>().join(", ")
}

fn selected(layout: &Layout) -> String {
    join(layout.columns, |column| {
        format!("{}.{}::{}", layout.table, column.name, column.kind.sql())
    })
}

/// Key, version, time of the last writing, and the state's columns.
fn load(layout: &Layout) -> String {
    let Layout { table, key, .. } = layout;
    let (columns, arrays) = (selected(layout), key_arrays(layout));
    let keys = key.join(", ");
    format!(
        "SELECT {keys}, version, touched_at_us, {columns}
         FROM {table} JOIN unnest({arrays}) AS wanted ({keys}) USING ({keys})"
    )
}

fn load_orders() -> String {
    let first = PARTS[0].layout.table;
    let columns = join(&PARTS, |part| selected(&part.layout));
    let joins: Vec<_> = PARTS[1..]
        .iter()
        .map(|part| format!("JOIN {} USING (order_id)", part.layout.table))
        .collect();
    format!(
        "SELECT order_id, version, touched_at_us, {columns}
         FROM {first} JOIN unnest($1::int8[]) AS wanted (order_id) USING (order_id) {}",
        joins.join(" ")
    )
}

fn load_children(layout: &Layout) -> String {
    let Layout { table, key, .. } = layout;
    format!(
        "SELECT {parent}, {number}::int8, {columns} FROM {table} WHERE {parent} = ANY ($1::int8[])
         ORDER BY {parent}, {number}",
        parent = key[0],
        number = key[1],
        columns = selected(layout)
    )
}

/// Makes a row of its columns and, if it has versions, the time.
fn insert(layout: &Layout, versioned: bool) -> String {
    let Layout { table, key, .. } = layout;
    let names = join(layout.all(), |column| column.name.to_owned());
    let count = layout.all().count();
    let values = join((1..).zip(layout.all()), |(at, column): (usize, Column)| {
        format!("${at}::{}", column.kind.sql())
    });
    if !versioned {
        return format!("INSERT INTO {table} ({names}) VALUES ({values})");
    }
    format!(
        "INSERT INTO {table} ({names}, touched_at_us, version) VALUES ({values}, ${}::int8, 1)
         ON CONFLICT ({}) DO UPDATE SET version = lost_race()",
        count + 1,
        key.join(", ")
    )
}

/// Writes a row that is there; if it has versions, the time and the version it is expected to have
/// stand behind its columns.
fn update(layout: &Layout, versioned: bool) -> String {
    let Layout { table, key, columns } = layout;
    let first = key.len() + 1;
    let mut sets = join((first..).zip(*columns), |(at, Column { name, kind })| {
        format!("{name} = ${at}::{}", kind.sql())
    });
    if versioned {
        let (time, version) = (first + columns.len(), first + columns.len() + 1);
        sets += &format!(
            ", touched_at_us = ${time}::int8, version =
             CASE WHEN version = ${version}::int8 THEN version + 1 ELSE lost_race() END"
        );
    }
    format!("UPDATE {table} SET {sets} WHERE {}", is_row(layout))
}

/// Locks a row that was only read, and fails if it has another version or is there.
fn check(layout: &Layout) -> String {
    let Layout { table, key, .. } = layout;
    format!(
        "SELECT CASE WHEN version = ${}::int8 THEN 0 ELSE lost_race() END FROM {table}
         WHERE {} FOR SHARE",
        key.len() + 1,
        is_row(layout)
    )
}

/// `key = $1::int8 AND …`.
fn is_row(layout: &Layout) -> String {
    let is: Vec<_> =
        (1..).zip(layout.key).map(|(at, name)| format!("{name} = ${at}::int8")).collect();
    is.join(" AND ")
}

/// Locks rows in the order of their keys, and fails if one has another version than expected or
/// one is there that was not. The last parameter is how many are expected to be there.
fn guard(layout: &Layout, strength: &str) -> String {
    let Layout { table, key, .. } = layout;
    let (arrays, keys) = (key_arrays(layout), key.join(", "));
    let ordered = join(*key, |name| format!("{table}.{name}"));
    let (versions, there) = (key.len() + 1, key.len() + 2);
    format!(
        "WITH locked AS (
             SELECT place, {table}.version = expected.version AS is_same
             FROM {table} JOIN unnest({arrays}, ${versions}::int8[]) WITH ORDINALITY
                 AS expected ({keys}, version, place) USING ({keys})
             ORDER BY {ordered} FOR {strength} OF {table})
         SELECT CASE WHEN count(*) = ${there}::int8 AND coalesce(bool_and(is_same), true)
             THEN 0 ELSE lost_race(ARRAY(
                 SELECT place FROM unnest(${versions}) WITH ORDINALITY AS expected (version, place)
                 LEFT JOIN locked USING (place)
                 WHERE NOT coalesce(is_same, expected.version = 0))) END
         FROM locked"
    )
}

/// Writes rows that are there, in the order of their parameters, which is that of their keys; fails
/// if one has another version than expected, which is the last parameter.
fn rewrite(layout: &Layout) -> String {
    let Layout { table, key, .. } = layout;
    let sets = join(layout.columns, |column| format!("{} = {}", column.name, sent(column)));
    let is_row: Vec<_> = key.iter().map(|name| format!("{table}.{name} = rows.{name}")).collect();
    let source = sent_rows(layout, &["touched_at_us", "expected"]);
    format!(
        "WITH rewritten AS (
             UPDATE {table} SET {sets}, touched_at_us = rows.touched_at_us,
                 version = {table}.version + 1
             FROM {source}
             WHERE {} AND {table}.version = rows.expected RETURNING place)
         SELECT CASE WHEN count(*) = cardinality($1::int8[]) THEN 0 ELSE lost_race(ARRAY(
             SELECT * FROM generate_series(1, cardinality($1)) EXCEPT SELECT place FROM rewritten))
             END
         FROM rewritten",
        is_row.join(" AND ")
    )
}

/// Writes rows, those there are already in their place.
fn write(layout: &Layout, versioned: bool) -> String {
    let Layout { table, key, .. } = layout;
    let mut names: Vec<&str> = layout.all().map(|column| column.name).collect();
    let mut values: Vec<String> = layout.all().map(|column| sent(&column)).collect();
    let mut sets: Vec<_> =
        names[key.len()..].iter().map(|name| format!("{name} = excluded.{name}")).collect();
    if versioned {
        names.extend(["touched_at_us", "version"]);
        values.extend(["rows.touched_at_us".to_owned(), "1".to_owned()]);
        sets.push("touched_at_us = excluded.touched_at_us".to_owned());
        sets.push(format!("version = {table}.version + 1"));
    }
    let source = sent_rows(layout, if versioned { &["touched_at_us"] } else { &[] });
    format!(
        "INSERT INTO {table} ({}) SELECT {} FROM {source}
         ON CONFLICT ({}) DO UPDATE SET {}",
        names.join(", "),
        values.join(", "),
        key.join(", "),
        sets.join(", ")
    )
}

/// Rows as parameters, an array for each column; the key's first, numbers of other names last. Each
/// has its place.
fn sent_rows(layout: &Layout, others: &[&str]) -> String {
    let columns = layout.all().map(|column| (column.name, column.kind.sent()));
    let others = others.iter().map(|name| (*name, Kind::Int.sent()));
    let (names, kinds): (Vec<_>, Vec<_>) = columns.chain(others).unzip();
    let arrays = join((1..).zip(kinds), |(at, kind): (usize, _)| format!("${at}::{kind}[]"));
    format!("unnest({arrays}) WITH ORDINALITY AS rows ({}, place)", names.join(", "))
}

/// A column of such rows.
fn sent(column: &Column) -> String {
    let Column { name, kind } = column;
    let cast = if kind.sent() == kind.sql() { "" } else { "::int8[]" };
    format!("rows.{name}{cast}")
}
