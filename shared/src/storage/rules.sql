-- What several functions need. No role may call these.
--
-- All functions lock in one order, so calls wait for each other but never in a circle: idempotency
-- keys, attempts and accounts by id (the lock of one guards its codes and links), limits in the order
-- of `domain::limits::ORDER`, the choices of `choose` last. The start of a code's minute locks that
-- code alone. Each statement of a function sees what was committed before it began, so what is read
-- after a lock stays true until the call ends.

-- How long an attempt lives, and the window of all that is counted "in 24 hours".
CREATE FUNCTION a_day() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '24 hours' $$;

-- Whole seconds until that moment, 0 when it has passed.
CREATE FUNCTION seconds_until(moment timestamptz) RETURNS int LANGUAGE sql STABLE AS $$
    SELECT greatest(ceil(extract(epoch FROM moment - now())), 0)::int $$;

-- An attempt ends a day after its sign-up, whatever was mailed meanwhile. An account does not end.
CREATE FUNCTION is_alive(a accounts) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT a.activated_at IS NOT NULL OR a.created_at > now() - a_day() $$;

-- When an attempt may be mailed again: not before it ends, if the address's owner has voided it or
-- all its mails are used up.
CREATE FUNCTION resend_at(a accounts, attempt_mails int) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN a.voided_at IS NOT NULL
                  OR attempt_mails > 0 AND cardinality(a.mailed_at) >= attempt_mails
                THEN a.created_at + a_day()
                ELSE a.next_mail_at END $$;

-- The sign-ups of the last day, activated or not. An imported account was never an attempt: a
-- stranger who signed up for its address before the import must not see the import. Two halves,
-- each with an index of its own.
CREATE VIEW attempts AS
    SELECT id, email, created_at, code_guesses
      FROM accounts WHERE activated_at IS NULL AND created_at > now() - a_day()
     UNION ALL
    SELECT id, email, created_at, code_guesses
      FROM accounts WHERE activated_at IS NOT NULL AND created_at > now() - a_day()
       AND activated_by IS DISTINCT FROM 'import';

CREATE FUNCTION has_account(address text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM accounts a WHERE a.email = address AND a.activated_at IS NOT NULL);
END $$;

-- A UUID that sorts by time (RFC 9562 §5.7): new rows share the last page of an index, where
-- random ones would each change a page of their own.
CREATE FUNCTION uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING
               substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
               FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid $$;

-- Writes an entry of the audit log.
CREATE FUNCTION note(entry text, account uuid, actor uuid DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_log (id, action, account_id, actor_id) VALUES (uuid_v7(), entry, account, actor);
END $$;
