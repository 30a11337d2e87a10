-- Places under limits. A row keeps the times of the last places that were taken, at most as many
-- as the limit has: there is room while they are fewer, or the oldest of them has left the window. A
-- capacity of 0 turns a limit off.

-- When a place is free again; NULL when one is free now.
CREATE FUNCTION free_at(taken timestamptz[], capacity int, seconds int) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT nullif(greatest(taken[cardinality(taken) - capacity + 1] + make_interval(secs => seconds),
                           now()), now()) $$;
