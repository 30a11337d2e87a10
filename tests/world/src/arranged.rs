//! What a story arranges in the database itself, because no call of the product does it.

use crate::World;

/// The account that [`World::has_old_rows`] adds, which stays.
const MEMBER: &str = "11111111-1111-4111-8111-111111111111";

impl World {
    /// Disables an account.
    pub async fn disables(&self, email: &str) {
        let disable = format!("UPDATE accounts SET disabled_at = now() WHERE email = '{email}'");
        self.database.execute(&disable).await;
    }

    /// Stores this password hash for all accounts and attempts.
    pub async fn stores_password_hash(&self, hash: &str) {
        self.database.execute(&format!("UPDATE accounts SET password_hash = '{hash}'")).await;
    }

    /// Makes all attempts older, and nothing else.
    pub async fn makes_attempts_older(&self, seconds: u32) {
        self.database.execute(&older_attempts(seconds)).await;
    }

    /// Lets all codes work for one more minute.
    pub async fn renews_codes(&self) {
        let renew = "UPDATE codes SET expires_at = now() + interval '1 minute'";
        self.database.execute(renew).await;
    }

    /// Makes the first guess that an address has paid for 25 hours older, and notes it last.
    pub async fn notes_the_first_guess_last(&self) {
        let note = "UPDATE limits SET taken = taken[2:] || (taken[1] - interval '25 hours')
                     WHERE kind = 'address'";
        self.database.execute(note).await;
    }

    /// Leaves of a sign-up no more than its key, as if its function had crashed before the rest.
    pub async fn forgets_all_but_the_key(&self) {
        let forget = "DELETE FROM accounts; UPDATE idempotency_keys
                SET account_id = NULL, expires_at = NULL, running_until = now() - interval '1 ms'";
        self.database.execute(forget).await;
    }

    /// Adds a key that a request has worked with for 25 hours, and still does for ten seconds.
    pub async fn has_a_key_at_work(&self) {
        let add =
            "INSERT INTO idempotency_keys (email, key, payload_mac, claimed_at, running_until)
                   VALUES ('ada@example.com', 'key', '', now() - interval '25 hours',
                           now() + interval '10 seconds')";
        self.database.execute(add).await;
    }

    /// Adds a link to a new password to each account, and one ended session.
    pub async fn has_links_and_an_ended_session(&self) {
        let add = "INSERT INTO password_resets (digest, account_id, generation, expires_at)
                   SELECT '', id, generation, now() + interval '15 minutes' FROM accounts;
                   INSERT INTO ended_sessions (id, expires_at)
                   VALUES (gen_random_uuid(), now() + interval '30 minutes')";
        self.database.execute(add).await;
    }

    /// Hides a column from all statements.
    pub async fn hides_column(&self, table: &str, column: &str) {
        let hide = format!("ALTER TABLE {table} RENAME COLUMN {column} TO hidden_{column}");
        self.database.execute(&hide).await;
    }

    /// Shows a column that was hidden.
    pub async fn shows_column(&self, table: &str, column: &str) {
        let show = format!("ALTER TABLE {table} RENAME COLUMN hidden_{column} TO {column}");
        self.database.execute(&show).await;
    }

    /// Hides a table from all statements.
    pub async fn hides_table(&self, table: &str) {
        self.database.execute(&format!("ALTER TABLE {table} RENAME TO hidden_{table}")).await;
    }

    /// Shows a table that was hidden.
    pub async fn shows_table(&self, table: &str) {
        self.database.execute(&format!("ALTER TABLE hidden_{table} RENAME TO {table}")).await;
    }

    /// Gives every session that begins from now on the `lock_timeout` of the role `maintain`. A role's
    /// own settings count when it logs in; in a story it takes over the session of the owner.
    pub async fn waits_as_briefly_as_maintain(&self) {
        let wait = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET lock_timeout = ''200ms''',
                                               current_database()); END $$";
        self.database.execute(wait).await;
    }

    /// Lets sessions only read, as when the server that was the primary becomes a replica. If there is a
    /// new primary, sessions that begin from now on can write.
    pub async fn fails_over(&self, has_new_primary: bool) {
        let change = if has_new_primary {
            "SET default_transaction_read_only = off"
        } else {
            "RESET default_transaction_read_only"
        };
        let change = format!("BEGIN READ WRITE; ALTER ROLE CURRENT_USER {change}; COMMIT");
        self.database.execute(&change).await;
        self.sessions_only_read("on").await;
    }

    /// Lets all sessions write again.
    pub async fn fails_back(&self) {
        self.sessions_only_read("off").await;
    }

    async fn sessions_only_read(&self, value: &str) {
        let change = format!("ALTER SYSTEM SET default_transaction_read_only = {value}");
        self.database.execute(&change).await;
        self.database.reads_settings().await;
    }

    /// Lets PostgreSQL write everything to disk, so that it survives a crash.
    pub async fn writes_to_disk(&self) {
        self.database.execute("CHECKPOINT").await;
    }

    /// Adds this many rows to each table that are old enough to be purged, and an account that stays.
    pub async fn has_old_rows(&self, rows: u32) {
        let add = format!(
            "INSERT INTO accounts (id, email, password_hash, locale, created_at, mailed_at, next_mail_at)
             SELECT gen_random_uuid(), 'old' || n || '@example.com', '', 'en',
                    now() - interval '8 days', '{{}}', now() - interval '8 days'
               FROM generate_series(1, {rows}) AS n;
             INSERT INTO codes (id, account_id, mac, key_id, not_me_digest, created_at, expires_at)
             SELECT gen_random_uuid(), id, '', 'first', '', created_at, created_at FROM accounts
              WHERE email LIKE 'old%';
             INSERT INTO limits (key, places, seconds, taken)
             SELECT sha256(n::text::bytea), 10, 3600, ARRAY[now() - interval '2 hours']
               FROM generate_series(1, {rows}) AS n;
             INSERT INTO idempotency_keys (email, key, payload_mac, claimed_at)
             SELECT email, 'key', '', now() - interval '2 days' FROM accounts
              WHERE email LIKE 'old%';
             INSERT INTO audit_log (at, action, account_id)
             SELECT now() - interval '401 days', 'activated', id FROM accounts
              WHERE email LIKE 'old%';
             INSERT INTO ended_sessions (id, expires_at)
             SELECT gen_random_uuid(), now() - interval '2 hours'
               FROM generate_series(1, {rows}) AS n;
             INSERT INTO accounts (id, email, locale, activated_at, mailed_at, next_mail_at)
             VALUES ('{MEMBER}', 'member@example.com', 'en', now(), '{{}}', now());
             INSERT INTO password_resets (digest, account_id, generation, expires_at)
             SELECT sha256(n::text::bytea), '{MEMBER}', 0, now() - interval '1 minute'
               FROM generate_series(1, {rows}) AS n"
        );
        self.database.execute(&add).await;
    }

    /// Adds many rows to each table that are too young to be purged.
    pub async fn has_young_rows(&self) {
        let add = "INSERT INTO accounts (id, email, password_hash, locale, activated_at, mailed_at,
                                         next_mail_at)
             SELECT gen_random_uuid(), 'new' || n || '@example.com', '', 'en',
                    CASE WHEN n % 2 = 0 THEN now() END, '{}', now()
               FROM generate_series(1, 50000) AS n;
             INSERT INTO codes (id, account_id, mac, key_id, not_me_digest, expires_at)
             SELECT gen_random_uuid(), id, '', 'first', '', now() FROM accounts;
             INSERT INTO limits (key, places, seconds, taken)
             SELECT sha256(n::text::bytea), 10, 3600, ARRAY[now()]
               FROM generate_series(50000, 100000) AS n;
             INSERT INTO idempotency_keys (email, key, payload_mac)
             SELECT email, 'key', '' FROM accounts;
             INSERT INTO audit_log (action, account_id) SELECT 'activated', id FROM accounts;
             INSERT INTO password_resets (digest, account_id, generation, expires_at)
             SELECT sha256(id::text::bytea), id, 0, now() + interval '1 minute' FROM accounts
              WHERE activated_at IS NOT NULL;
             INSERT INTO ended_sessions (id, expires_at)
             SELECT id, now() + interval '1 minute' FROM accounts";
        self.database.execute(add).await;
    }

    /// Removes the account that [`Self::has_old_rows`] has added.
    pub async fn member_goes(&self) {
        self.database.execute(&format!("DELETE FROM accounts WHERE id = '{MEMBER}'")).await;
    }

    /// Lets PostgreSQL count the rows of all tables, as it does from time to time, and write its
    /// statistics now.
    pub async fn has_statistics(&self) {
        self.database.execute("ANALYZE; SELECT pg_stat_force_next_flush()").await;
    }
}

pub(crate) fn older_attempts(seconds: u32) -> String {
    format!("UPDATE accounts SET created_at = created_at - interval '{seconds} seconds'")
}
