-- Every limit on what strangers may do: one row per limit and subject (address, network, attempt).
CREATE TABLE limits (
    -- HMAC-SHA-256 of the limit's name and its subject: no address can be read here.
    key     bytea PRIMARY KEY,
    -- So many places within so many seconds, as the setting was when the row was last written.
    places  integer NOT NULL,
    seconds integer NOT NULL,
    -- When each place was taken, oldest first; never more than `places` entries.
    -- A place is free again once its entry is older than `seconds`: exact over any window.
    taken   timestamptz[] NOT NULL
)
-- Rows are rewritten in place all day: leave room for that on each page.
WITH (fillfactor = 70);
