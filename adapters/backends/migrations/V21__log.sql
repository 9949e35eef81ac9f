-- How far readers of the log have come, and what customers were told by what they read: one
-- transaction writes both.

CREATE TABLE log_cursors (
    reader text NOT NULL,
    topic text NOT NULL,
    partition bigint NOT NULL CHECK (partition >= 0),
    next_offset bigint NOT NULL CHECK (next_offset >= 0),
    seen_seq bigint NOT NULL CHECK (seen_seq >= 0),
    PRIMARY KEY (reader, topic, partition)
) WITH (fillfactor = 50);

-- By order and fact, so that nothing is told twice. It refers to no order: that would lock its row.
CREATE TABLE notifications (
    order_id bigint NOT NULL,
    seq bigint NOT NULL CHECK (seq >= 0),
    user_id bigint NOT NULL,
    kind text NOT NULL,
    told_at_us bigint NOT NULL,
    PRIMARY KEY (order_id, seq)
);
CREATE INDEX notifications_of_user ON notifications (user_id, seq);
