-- How often a row was taken: one that could not be carried out is left alone for longer each time.
ALTER TABLE outbox ADD COLUMN times_taken integer NOT NULL DEFAULT 0 CHECK (times_taken >= 0);
