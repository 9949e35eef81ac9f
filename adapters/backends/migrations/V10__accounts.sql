-- What the live world keeps of people beside the business. Names and labels are the only words that
-- people choose; everything else is a number or a word of a list.

CREATE TABLE users (
    user_id bigint PRIMARY KEY,
    version bigint NOT NULL CHECK (version > 0),
    phone bigint NOT NULL UNIQUE,
    name text NOT NULL,
    status text NOT NULL CHECK (status IN ('new', 'active', 'blocked')),
    password_digest uuid,
    password_until_us bigint CHECK ((password_until_us IS NULL) = (password_digest IS NULL)),
    password_tries smallint CHECK ((password_tries IS NULL) = (password_digest IS NULL)),
    passwords_sent_since_us bigint NOT NULL,
    passwords_sent smallint NOT NULL CHECK (passwords_sent >= 0),
    addresses_made bigint NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE user_addresses (
    user_id bigint NOT NULL REFERENCES users,
    place integer NOT NULL,
    address_number bigint NOT NULL,
    label text NOT NULL,
    door_lat_e7 integer NOT NULL,
    door_lon_e7 integer NOT NULL,
    PRIMARY KEY (user_id, place),
    UNIQUE (user_id, address_number)
);

CREATE TABLE carts (
    user_id bigint PRIMARY KEY,
    version bigint NOT NULL CHECK (version > 0),
    touched_at_us bigint NOT NULL,
    status text NOT NULL CHECK (status IN ('empty', 'active', 'checked_out', 'converted', 'abandoned',
        'expired')),
    quote_order_id bigint
) WITH (fillfactor = 80);

CREATE TABLE cart_items (
    user_id bigint NOT NULL REFERENCES carts,
    line integer NOT NULL CHECK (line >= 0),
    product_id bigint NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (user_id, line),
    UNIQUE (user_id, product_id)
);

-- The id is a digest of the token, which stands nowhere.
CREATE TABLE sessions (
    session_id uuid PRIMARY KEY,
    subject text NOT NULL CHECK (subject IN ('customer', 'rider', 'store')),
    subject_id bigint NOT NULL,
    expires_at_us bigint NOT NULL
);
CREATE INDEX sessions_by_subject ON sessions (subject, subject_id);
CREATE INDEX sessions_by_end ON sessions (expires_at_us);

INSERT INTO numbers VALUES ('customers', 0);
