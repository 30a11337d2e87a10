-- Places under limits. A row keeps the times at which the last places were taken, at most `places` of
-- them. A place is free if there are fewer, or if the oldest has left the window. A capacity of 0
-- turns a limit off.

-- When the next place becomes free; NULL if one is free now.
CREATE FUNCTION free_at(taken timestamptz[], capacity int, window_seconds int) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT nullif(greatest(taken[cardinality(taken) - capacity + 1] + make_interval(secs => window_seconds),
                           now()), now()) $$;
