-- What an account's owner or an operator did. Append only, without personal data, pruned by age.
-- Strangers' failures are metrics, not entries.
CREATE TABLE audit_log (
    -- Not a sequence: a statement that calls nextval() pins a connection of RDS Proxy.
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    at         timestamptz NOT NULL DEFAULT now(),
    action     text NOT NULL,
    account_id uuid NOT NULL
);

CREATE INDEX audit_log_by_time ON audit_log (at);
