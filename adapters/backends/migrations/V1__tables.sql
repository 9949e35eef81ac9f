-- States, one named column for every part. Times are whole microseconds since the journal's epoch
-- as bigint, not timestamptz: scenario time has an epoch of its own, comparison with what the rules
-- decided must be exact, and no session's time zone can show. Money is whole paise as bigint.
-- Ids of 64 bits are stored bit for bit. Words are text with a CHECK, so that a query reads.

CREATE TABLE orders (
    order_id bigint PRIMARY KEY,
    version bigint NOT NULL CHECK (version > 0),
    touched_at_us bigint NOT NULL,
    user_id bigint NOT NULL,
    warehouse_id bigint NOT NULL,
    client_ref bigint NOT NULL,
    door_lat_e7 integer NOT NULL,
    door_lon_e7 integer NOT NULL,
    status text NOT NULL CHECK (status IN ('draft', 'placed', 'reserved', 'payment_pending',
        'confirmed', 'picking', 'packed', 'out_for_delivery', 'arrived', 'delivered', 'rejected',
        'cancelled', 'undelivered')),
    status_version integer NOT NULL,
    payment_method text NOT NULL CHECK (payment_method IN ('upi', 'card', 'wallet', 'cash')),
    payable_paise bigint NOT NULL,
    reduced_paise bigint NOT NULL,
    is_settled boolean NOT NULL,
    has_asked_stock boolean NOT NULL,
    has_stock boolean NOT NULL,
    has_payment boolean NOT NULL,
    has_pick_task boolean NOT NULL,
    has_rider_request boolean NOT NULL,
    has_extended_hold boolean NOT NULL,
    ending text CHECK (ending IN ('rejected', 'cancelled', 'undelivered')),
    rejected_for text,
    cancelled_by text,
    cancelled_in text,
    CHECK ((rejected_for IS NOT NULL) = (ending IS NOT DISTINCT FROM 'rejected')),
    CHECK ((cancelled_by IS NOT NULL) = (ending IS NOT DISTINCT FROM 'cancelled')),
    CHECK ((cancelled_in IS NOT NULL) = (ending IS NOT DISTINCT FROM 'cancelled'))
) WITH (fillfactor = 70);

CREATE TABLE order_items (
    order_id bigint NOT NULL REFERENCES orders,
    line integer NOT NULL CHECK (line >= 0),
    product_id bigint NOT NULL,
    quantity bigint NOT NULL CHECK (quantity >= 0),
    reserved_quantity bigint NOT NULL CHECK (reserved_quantity >= 0),
    picked_quantity bigint NOT NULL CHECK (picked_quantity >= 0),
    price_paise bigint NOT NULL,
    mrp_paise bigint NOT NULL,
    unit_price_paise bigint NOT NULL,
    gst_bps integer NOT NULL,
    PRIMARY KEY (order_id, line)
) WITH (fillfactor = 80);

CREATE TABLE quotes (
    order_id bigint PRIMARY KEY REFERENCES orders,
    status text NOT NULL CHECK (status IN ('blank', 'issued', 'locked', 'consumed', 'expired',
        'invalidated')),
    total_paise bigint CHECK ((total_paise IS NOT NULL) = (status IN ('issued', 'locked'))),
    valid_until_us bigint CHECK ((valid_until_us IS NOT NULL) = (status = 'issued')),
    promise_by_us bigint NOT NULL,
    delivery_fee_paise bigint NOT NULL,
    handling_fee_paise bigint NOT NULL,
    small_cart_fee_paise bigint NOT NULL,
    surge_fee_paise bigint NOT NULL,
    rain_fee_paise bigint NOT NULL,
    discount_paise bigint NOT NULL CHECK (discount_paise <= 0)
) WITH (fillfactor = 70);

CREATE TABLE reservations (
    order_id bigint PRIMARY KEY REFERENCES orders,
    status text NOT NULL CHECK (status IN ('never', 'until', 'secured', 'over')),
    expires_at_us bigint CHECK ((expires_at_us IS NOT NULL) = (status = 'until')),
    asked_until_us bigint NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE payments (
    order_id bigint PRIMARY KEY REFERENCES orders,
    status text NOT NULL CHECK (status IN ('new', 'paying', 'asking', 'overtime', 'kept', 'failed',
        'ended', 'closed')),
    amount_paise bigint NOT NULL CHECK (amount_paise >= 0),
    refund_wanted_paise bigint NOT NULL CHECK (refund_wanted_paise >= 0),
    let_off_paise bigint NOT NULL CHECK (let_off_paise >= 0),
    chosen_attempt smallint NOT NULL,
    attempts_made smallint NOT NULL CHECK (attempts_made BETWEEN 0 AND 3)
) WITH (fillfactor = 70);

CREATE TABLE payment_attempts (
    order_id bigint NOT NULL REFERENCES orders,
    attempt smallint NOT NULL CHECK (attempt BETWEEN 0 AND 2),
    method text NOT NULL CHECK (method IN ('upi', 'card', 'wallet', 'cash')),
    status text NOT NULL CHECK (status IN ('asked', 'pending', 'timed_out', 'declined',
        'authorised', 'capture_failed', 'voided', 'captured', 'remitted')),
    refund_asked_paise bigint NOT NULL CHECK (refund_asked_paise >= 0),
    refunded_paise bigint NOT NULL CHECK (refunded_paise >= 0),
    follow_ups smallint NOT NULL,
    refund_retries smallint NOT NULL,
    PRIMARY KEY (order_id, attempt)
) WITH (fillfactor = 70);

CREATE TABLE pick_tasks (
    order_id bigint PRIMARY KEY REFERENCES orders,
    status text NOT NULL CHECK (status IN ('none', 'queued', 'collecting', 'packing', 'packed',
        'handed_over', 'putting_back', 'closed')),
    picker_id bigint CHECK (picker_id IS NULL OR status IN ('collecting', 'packing',
        'putting_back')),
    lines integer NOT NULL,
    lines_done integer NOT NULL,
    has_anything boolean NOT NULL,
    CHECK (picker_id IS NOT NULL OR status NOT IN ('collecting', 'packing'))
) WITH (fillfactor = 70);

CREATE TABLE deliveries (
    order_id bigint PRIMARY KEY REFERENCES orders,
    status text NOT NULL CHECK (status IN ('none', 'waiting', 'on_trip', 'closed')),
    trip_id bigint CHECK ((trip_id IS NOT NULL) = (status = 'on_trip')),
    is_packed boolean NOT NULL,
    is_unwanted boolean NOT NULL,
    refusals smallint NOT NULL,
    requested_at_us bigint NOT NULL,
    ready_at_us bigint NOT NULL,
    refused_by_rider_id bigint
) WITH (fillfactor = 70);

CREATE INDEX deliveries_waiting ON deliveries (requested_at_us, order_id) WHERE status = 'waiting';

CREATE TABLE inventory (
    warehouse_id bigint NOT NULL,
    product_id bigint NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    touched_at_us bigint NOT NULL,
    available_quantity bigint NOT NULL CHECK (available_quantity >= 0),
    reserved_quantity bigint NOT NULL CHECK (reserved_quantity >= 0),
    sold_quantity bigint NOT NULL CHECK (sold_quantity >= 0),
    PRIMARY KEY (warehouse_id, product_id)
) WITH (fillfactor = 70);

CREATE TABLE warehouses (
    warehouse_id bigint PRIMARY KEY,
    version bigint NOT NULL CHECK (version > 0),
    touched_at_us bigint NOT NULL,
    door text NOT NULL CHECK (door IN ('open', 'throttled', 'paused', 'closed')),
    door_since_us bigint NOT NULL,
    surge_bps bigint NOT NULL CHECK (surge_bps >= 0),
    surge_since_us bigint NOT NULL
) WITH (fillfactor = 50);

-- The queue and the pickers are short lists whose order is all there is to know: arrays.
CREATE TABLE warehouse_floors (
    warehouse_id bigint PRIMARY KEY,
    version bigint NOT NULL CHECK (version > 0),
    touched_at_us bigint NOT NULL,
    waiting_order_ids bigint[] NOT NULL,
    idle_picker_ids bigint[] NOT NULL,
    leaving_picker_ids bigint[] NOT NULL,
    pickers_on_duty bigint NOT NULL CHECK (pickers_on_duty >= 0)
) WITH (fillfactor = 50);

CREATE TABLE riders (
    rider_id bigint PRIMARY KEY,
    version bigint NOT NULL CHECK (version > 0),
    touched_at_us bigint NOT NULL,
    duty text NOT NULL CHECK (duty IN ('off', 'on', 'break')),
    trip_id bigint,
    leaving boolean NOT NULL,
    place_lat_e7 integer NOT NULL,
    place_lon_e7 integer NOT NULL
) WITH (fillfactor = 70);

CREATE INDEX riders_free ON riders (rider_id) WHERE duty = 'on' AND trip_id IS NULL;

CREATE TABLE trips (
    trip_id bigint PRIMARY KEY,
    version bigint NOT NULL CHECK (version > 0),
    touched_at_us bigint NOT NULL,
    status text NOT NULL CHECK (status IN ('new', 'offered', 'to_store', 'at_store',
        'to_first_door', 'to_second_door', 'at_first_door', 'at_second_door', 'back', 'ended')),
    rider_id bigint NOT NULL,
    warehouse_id bigint NOT NULL,
    first_order_id bigint NOT NULL,
    first_order_status text NOT NULL CHECK (first_order_status IN ('absent', 'joined', 'ready',
        'handing', 'picked_up', 'delivered', 'failed', 'gone')),
    second_order_id bigint NOT NULL,
    second_order_status text NOT NULL CHECK (second_order_status IN ('absent', 'joined', 'ready',
        'handing', 'picked_up', 'delivered', 'failed', 'gone')),
    offered_until_us bigint NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE wallets (
    user_id bigint PRIMARY KEY,
    version bigint NOT NULL CHECK (version > 0),
    touched_at_us bigint NOT NULL,
    balance_paise bigint NOT NULL,
    held_paise bigint NOT NULL CHECK (held_paise >= 0)
) WITH (fillfactor = 70);

-- The journal. A transaction gets its number after it has loaded its rows, so by number and place
-- within, every row's facts stand as they were committed, and no counter is fought over.
CREATE TABLE journal (
    transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
    place integer NOT NULL,
    at_us bigint NOT NULL,
    kind text NOT NULL,
    order_id bigint,
    trip_id bigint,
    record bytea NOT NULL,
    PRIMARY KEY (transaction_id, place)
);

-- What the journal says of the books, in columns of its own.
CREATE TABLE ledger (
    transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
    place integer NOT NULL,
    posting_id bigint NOT NULL,
    order_id bigint,
    account text,
    user_id bigint,
    amount_paise bigint NOT NULL,
    PRIMARY KEY (transaction_id, place)
);

CREATE TABLE outbox (
    outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    about text NOT NULL CHECK (about IN ('order', 'trip')),
    about_id bigint NOT NULL,
    kind text NOT NULL,
    effect bytea NOT NULL,
    made_at_us bigint NOT NULL,
    lent_until_us bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
CREATE INDEX outbox_about ON outbox (about, about_id, outbox_id);

CREATE TABLE timers (
    timer_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    wake_at_us bigint NOT NULL,
    about text NOT NULL CHECK (about IN ('order', 'trip')),
    about_id bigint NOT NULL,
    kind text NOT NULL,
    input bytea NOT NULL
);
CREATE INDEX timers_wake ON timers (wake_at_us, timer_id);

-- Names of 128 bits: the type uuid is 16 bytes that compare fast.
CREATE TABLE processed_inputs (
    source text NOT NULL CHECK (source IN ('client', 'provider', 'timer', 'outbox', 'platform')),
    input_id uuid NOT NULL,
    digest uuid NOT NULL,
    answer text NOT NULL,
    heard_at_us bigint NOT NULL,
    PRIMARY KEY (source, input_id)
);

CREATE TABLE numbers (
    name text PRIMARY KEY,
    next bigint NOT NULL CHECK (next >= 0)
);
INSERT INTO numbers VALUES ('orders', 0), ('trips', 0), ('postings', 0);

-- Statements of a commit are sent together, so one that fails must stop those behind it: an error
-- does, whatever they are.
CREATE FUNCTION lost_race() RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RAISE EXCEPTION 'a guarded row was written by somebody else' USING ERRCODE = 'DK001';
END $$;

CREATE FUNCTION heard_before() RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RAISE EXCEPTION 'the input was heard before' USING ERRCODE = 'DK002';
END $$;
