-- Several servers over one database: who has which duty, and the world they all serve.

-- Whose shift has begun is on the floor, not in the memory of a server.
ALTER TABLE warehouse_floors DROP COLUMN pickers_on_duty;
ALTER TABLE warehouse_floors ADD COLUMN on_duty_picker_ids bigint[] NOT NULL;

CREATE INDEX pick_tasks_under_way ON pick_tasks (order_id)
    WHERE status IN ('collecting', 'packing', 'putting_back');

CREATE TABLE leases (
    duty text PRIMARY KEY CHECK (duty IN ('timers', 'outbox', 'rounds', 'log')),
    holder uuid NOT NULL,
    version bigint NOT NULL CHECK (version >= 0),
    held_until timestamptz NOT NULL
) WITH (fillfactor = 10);
INSERT INTO leases
SELECT duty, '00000000-0000-0000-0000-000000000000', 0, '-infinity'
FROM unnest(ARRAY['timers', 'outbox', 'rounds', 'log']) AS duty;

-- Takes a duty that nobody has any more, or keeps it; null while another has it. Time is this
-- server's. Keeping need not be on disk: after a crash everybody looks again.
CREATE FUNCTION assume(wanted text, who uuid, lease_ms bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found leases;
BEGIN
    SELECT * INTO found FROM leases WHERE duty = wanted;
    IF found.holder <> who AND found.held_until > clock_timestamp() THEN
        RETURN NULL;
    END IF;
    SELECT * INTO found FROM leases WHERE duty = wanted FOR UPDATE;
    IF found.holder = who THEN
        PERFORM set_config('synchronous_commit', 'off', true);
    ELSIF found.held_until > clock_timestamp() THEN
        RETURN NULL;
    ELSE
        found.version := found.version + 1;
        IF wanted = 'outbox' THEN
            UPDATE outbox SET lent_until_us = 0 WHERE lent_until_us > 0;
        END IF;
    END IF;
    UPDATE leases SET holder = who, version = found.version,
        held_until = clock_timestamp() + lease_ms * interval '1 millisecond'
    WHERE duty = wanted;
    RETURN found.version;
END $$;

CREATE FUNCTION fenced_off() RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RAISE EXCEPTION 'another has this duty by now' USING ERRCODE = 'DK003';
END $$;

-- The world that is installed; one row at most.
CREATE TABLE worlds (
    is_the_only_one boolean PRIMARY KEY DEFAULT true CHECK (is_the_only_one),
    world_id bigint NOT NULL CHECK (world_id > 0),
    city_id integer NOT NULL,
    installed_at timestamptz NOT NULL DEFAULT now()
);

-- Rules, SKUs, stores and people as they were sent: documents, the source design's catalogue.
-- What changes while orders are served stands in other tables.
CREATE TABLE catalog_documents (
    place integer PRIMARY KEY,
    kind text NOT NULL GENERATED ALWAYS AS (document ->> 'kind') STORED,
    document jsonb NOT NULL
);

-- Empties every table of the world there is, unless it has an order, and numbers the next one.
-- Whoever commits names its input first, so nobody is half way when that table is ours. Numbers
-- go on: no quote of the world before is taken for one of this.
CREATE FUNCTION replace_world(city bigint) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    emptied text;
    made bigint;
BEGIN
    LOCK TABLE processed_inputs IN ACCESS EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM orders WHERE status <> 'draft') THEN
        RAISE EXCEPTION 'an order exists' USING ERRCODE = 'DK004';
    END IF;
    SELECT string_agg(quote_ident(tablename), ', ') INTO emptied FROM pg_tables
    WHERE schemaname = 'public'
        AND tablename NOT IN ('refinery_schema_history', 'numbers', 'leases', 'worlds');
    EXECUTE 'TRUNCATE ' || emptied;
    INSERT INTO worlds (world_id, city_id) VALUES (1, city)
    ON CONFLICT (is_the_only_one) DO UPDATE
        SET world_id = worlds.world_id + 1, city_id = excluded.city_id, installed_at = now()
    RETURNING world_id INTO made;
    RETURN made;
END $$;

CREATE FUNCTION other_world() RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RAISE EXCEPTION 'another world was installed' USING ERRCODE = 'DK005';
END $$;
