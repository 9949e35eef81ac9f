-- Units of work that are committed together fail together: which of a statement's rows lost, by
-- their places among its parameters, so that the others need not be tried one by one.
DROP FUNCTION lost_race();
CREATE FUNCTION lost_race(places bigint[] DEFAULT '{}') RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RAISE EXCEPTION 'a guarded row was written by somebody else'
        USING ERRCODE = 'DK001', DETAIL = array_to_string(places, ',');
END $$;

DROP FUNCTION heard_before();
CREATE FUNCTION heard_before(places bigint[] DEFAULT '{}') RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RAISE EXCEPTION 'the input was heard before'
        USING ERRCODE = 'DK002', DETAIL = array_to_string(places, ',');
END $$;
