-- One role per function that touches the database. The tables belong to whoever migrates, and
-- `site` has no database. A role logs in with what the server asks for (on RDS an IAM token), never
-- with a password, and may do nothing but what is granted to it by name.
--
-- Roles belong to the whole cluster, and several of its databases may be migrated at once. So
-- whoever comes second waits at the name's unique index and then leaves everything as it is. Plain
-- SQL cannot say that, nor name the database it runs in: this is the one block of PL/pgSQL.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['register', 'activate', 'account', 'maintain'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', name);
            -- A statement that its client has given up must not go on in the server. A request
            -- may spend five seconds on the database in all, and so may each batch of `purge`.
            EXECUTE format('ALTER ROLE %I SET statement_timeout = ''5s''', name);
            -- Each statement is a transaction of its own: none has a reason to wait for its client.
            EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''5s''', name);
            -- Nobody who signs up waits for `purge`: a batch that meets a row in use is given up.
            -- Sooner than PostgreSQL looks for deadlocks, so `purge` is always the one to yield.
            IF name = 'maintain' THEN
                ALTER ROLE maintain SET lock_timeout = '200ms';
            END IF;
            -- On RDS, members of rds_iam log in with IAM tokens. Whoever creates a role becomes
            -- a member of it, so from here on the user who migrates needs a token there, too.
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_iam') THEN
                EXECUTE format('GRANT rds_iam TO %I', name);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;

    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO register, activate, account, maintain',
                   current_database());
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO register, activate, account, maintain;
