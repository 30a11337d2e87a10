-- What came of a sign-up that carried an Idempotency-Key, for 24 hours.
CREATE TABLE idempotency_keys (
    email         text NOT NULL,
    key           text NOT NULL,
    -- HMAC-SHA-256 of the payload, so that the same key with another payload is noticed.
    payload_mac   bytea NOT NULL,
    claimed_at    timestamptz NOT NULL DEFAULT now(),
    -- A request with this key is at work until then; NULL when none is.
    running_until timestamptz,
    -- The attempt it opened. No foreign key: the row is deleted by its address.
    account_id    uuid,
    -- The code's deadline as it was answered; NULL until a mail was handed off.
    expires_at    timestamptz,
    PRIMARY KEY (email, key)
);
