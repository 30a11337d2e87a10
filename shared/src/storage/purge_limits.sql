-- Reads some pages of the table, deletes the limits whose last place has left the window, and returns
-- the page where the next call continues; NULL at the end of the table.
--
-- An index by time would change with every place taken. So `purge` reads the table sequentially, and
-- each call costs the same at any table size. A place may be older than the one before it by the
-- duration of a call, hence the minute.
CREATE FUNCTION purge_limits(first_page bigint, pages int) RETURNS TABLE (deleted bigint, next_page bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    first tid := format('(%s,0)', first_page)::tid;
    beyond tid := format('(%s,0)', first_page + pages)::tid;
    size bigint := pages_of_limits();
BEGIN
    WITH page AS MATERIALIZED (
        SELECT ctid FROM limits l
         WHERE l.ctid >= first AND l.ctid < beyond
           AND coalesce(l.taken[cardinality(l.taken)]
                        < now() - make_interval(secs => l.seconds) - interval '1 minute', true)
           FOR UPDATE SKIP LOCKED)
    DELETE FROM limits WHERE ctid = ANY (ARRAY(SELECT ctid FROM page));
    GET DIAGNOSTICS deleted = ROW_COUNT;
    next_page := CASE WHEN first_page + pages < size THEN first_page + pages END;
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION purge_limits TO maintain;

CREATE FUNCTION pages_of_limits() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT pg_relation_size('limits') / current_setting('block_size')::bigint $$;
GRANT EXECUTE ON FUNCTION pages_of_limits TO maintain;
