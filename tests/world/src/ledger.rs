//! What the database has noted.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use shared::domain::keys::Keys;

use crate::{KEY, World};

/// An account, or an attempt.
pub struct StoredAccount {
    /// Its id.
    pub id: String,
    /// The address.
    pub email: String,
    /// The language.
    pub locale: String,
    /// The role.
    pub role: String,
    /// What activated it: a code or an import.
    pub activated_by: Option<String>,
    /// Whether it has a password.
    pub has_password: bool,
    /// Whether it was active as soon as it was there.
    pub was_active_at_once: bool,
    /// Whether it is disabled.
    pub is_disabled: bool,
}

/// An entry of the audit log.
pub struct AuditEntry {
    /// What was done.
    pub action: String,
    /// The account's id.
    pub account: String,
    /// The admin's id, if an admin has done it.
    pub actor: Option<String>,
}

impl World {
    /// Everything that calls have written, as text: for asserting that nothing has changed, or
    /// that nothing contains something. A limit without a place is left out: it says nothing.
    pub async fn all_rows(&self) -> String {
        let mut rows = String::new();
        for table in self.tables().await {
            let only = if table == "limits" { "WHERE taken <> '{}'" } else { "" };
            let query = format!(
                "SELECT coalesce(string_agg(t::text, '\n' ORDER BY t::text), '') FROM {table} t {only}"
            );
            rows.extend([table, "\n".to_owned(), self.text(&query).await, "\n".to_owned()]);
        }
        rows
    }

    /// The tables that calls write. Left out are those of `migrate` and of starting functions: which
    /// migrations have run, and which builds are in use.
    pub async fn tables(&self) -> Vec<String> {
        let of_builds = ["builds", "refinery_schema_history"];
        let mut tables = self.database.tables().await;
        tables.retain(|table| !of_builds.contains(&table.as_str()));
        tables
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> i64 {
        self.database.number(&format!("SELECT count(*) FROM {table}")).await
    }

    /// How many accounts are active.
    pub async fn active_accounts(&self) -> i64 {
        self.count("accounts WHERE activated_at IS NOT NULL").await
    }

    /// How many accounts are disabled.
    pub async fn disabled_accounts(&self) -> i64 {
        self.count("accounts WHERE disabled_at IS NOT NULL").await
    }

    /// How many accounts and attempts are neither disabled nor disowned.
    pub async fn usable_accounts_and_attempts(&self) -> i64 {
        let usable = "disabled_at IS NULL AND (activated_at IS NOT NULL OR voided_at IS NULL)";
        self.count(&format!("accounts WHERE {usable}")).await
    }

    /// All accounts and attempts, by their address.
    pub async fn accounts(&self) -> Vec<StoredAccount> {
        let accounts =
            "SELECT id::text, email, locale, role, activated_by, password_hash IS NOT NULL,
                               activated_at IS NOT DISTINCT FROM created_at, disabled_at IS NOT NULL
                          FROM accounts ORDER BY email, id";
        let rows = self.database.rows(accounts).await.into_iter();
        rows.map(|row| StoredAccount {
            id: row.get(0),
            email: row.get(1),
            locale: row.get(2),
            role: row.get(3),
            activated_by: row.get(4),
            has_password: row.get(5),
            was_active_at_once: row.get(6),
            is_disabled: row.get(7),
        })
        .collect()
    }

    /// How many addresses have an active account.
    pub async fn active_addresses(&self) -> i64 {
        let active = "SELECT count(DISTINCT email) FROM accounts WHERE activated_at IS NOT NULL";
        self.database.number(active).await
    }

    /// The role of the account with this address.
    pub async fn role_of(&self, email: &str) -> String {
        self.text(&format!("SELECT role FROM accounts WHERE email = '{email}'")).await
    }

    /// The password hash of an account or attempt.
    pub async fn password_hash(&self) -> String {
        self.text("SELECT min(password_hash) FROM accounts").await
    }

    /// The audit log, the oldest entry first.
    pub async fn audit_log(&self) -> Vec<AuditEntry> {
        let rows = "SELECT action, account_id::text, actor_id::text FROM audit_log ORDER BY at, id";
        let rows = self.database.rows(rows).await.into_iter();
        rows.map(|row| AuditEntry { action: row.get(0), account: row.get(1), actor: row.get(2) })
            .collect()
    }

    /// How many entries the audit log has.
    pub async fn audit_entries(&self) -> i64 {
        self.count("audit_log").await
    }

    /// How many entries of the audit log are about this action.
    pub async fn audit_entries_of(&self, action: &str) -> i64 {
        self.count(&format!("audit_log WHERE action = '{action}'")).await
    }

    /// How many places are taken, of all limits together.
    pub async fn places_taken(&self) -> i64 {
        self.database.number("SELECT coalesce(sum(cardinality(taken)), 0)::int8 FROM limits").await
    }

    /// How many places are taken under a limit.
    pub async fn places_taken_under(&self, limit: &str, subject: &[&[u8]]) -> i64 {
        let key = key(limit, subject);
        let count = format!("SELECT coalesce(sum(cardinality(taken)), 0) FROM limits {key}");
        self.database.number(&count).await
    }

    /// How many limits have a place that was taken when the only attempt was opened.
    pub async fn limits_with_a_place_of_the_attempt(&self) -> i64 {
        self.count("limits JOIN accounts ON taken = ARRAY[created_at]").await
    }

    /// How many limits have no place.
    pub async fn limits_without_a_place(&self) -> i64 {
        self.count("limits WHERE taken = '{}'").await
    }

    /// How many comparisons this mailbox has paid for, however long ago.
    pub async fn paid_by(&self, mailbox: &str) -> i64 {
        self.places_taken_under("ADDRESS_GUESSES_PER_DAY", &[mailbox.as_bytes()]).await
    }

    /// Lets time pass until the first guess that this mailbox paid for is this old.
    pub async fn first_guess_gets_old(&self, mailbox: &str, seconds: f64) {
        let key = key("ADDRESS_GUESSES_PER_DAY", &[mailbox.as_bytes()]);
        let age = format!("SELECT extract(epoch FROM now() - taken[1])::float8 FROM limits {key}");
        let age: f64 = self.database.row(&age).await.get(0);
        self.time_passes(seconds - age).await;
    }

    /// How many wrong guesses the codes of all attempts count.
    pub async fn counted_on_codes(&self) -> i64 {
        self.database.number("SELECT coalesce(sum(wrong_guesses), 0) FROM codes").await
    }

    /// How many attempts have used their own guess.
    pub async fn own_guesses_used(&self) -> i64 {
        self.count("accounts WHERE own_guess_used").await
    }

    /// How many codes were used.
    pub async fn used_codes(&self) -> i64 {
        self.count("codes WHERE used_at IS NOT NULL").await
    }

    /// How many codes the key with this id has signed.
    pub async fn codes_signed_by(&self, key_id: &str) -> i64 {
        self.count(&format!("codes WHERE key_id = '{key_id}'")).await
    }

    /// How long the only code still works, in whole seconds.
    pub async fn code_seconds_left(&self) -> i64 {
        let left = "SELECT ceil(extract(epoch FROM expires_at - now()))::int8 FROM codes";
        self.database.number(left).await
    }

    /// When the only code ends, as it is answered.
    pub async fn code_deadline(&self) -> String {
        let format = r#"YYYY-MM-DD"T"HH24:MI:SS.MS"Z""#;
        let deadline =
            format!("SELECT to_char(expires_at AT TIME ZONE 'UTC', '{format}') FROM codes");
        self.text(&deadline).await
    }

    /// When the mails of the only attempt were stored.
    pub async fn mail_times(&self) -> Vec<String> {
        self.database.row("SELECT mailed_at::text[] FROM accounts").await.get(0)
    }

    /// How many links to a new password belong to an account. The others were never mailed.
    pub async fn links_of_accounts(&self) -> i64 {
        self.count("password_resets WHERE account_id IS NOT NULL").await
    }

    /// How many deadlocks PostgreSQL has ended.
    pub async fn deadlocks(&self) -> i64 {
        let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        self.database.number(deadlocks).await
    }

    /// How often any table was read from end to end. `builds` has a row for each build, and reading
    /// all of it is right.
    pub async fn sequential_scans(&self) -> i64 {
        let scans = "SELECT sum(seq_scan)::int8 FROM pg_stat_user_tables WHERE relname <> 'builds'";
        self.database.number(scans).await
    }

    /// How many rows were deleted. A connection tells what it has done when it ends.
    pub async fn deleted_rows(&self) -> i64 {
        self.database.number("SELECT sum(n_tup_del)::int8 FROM pg_stat_user_tables").await
    }

    /// Codes that were never mailed.
    pub fn wrong_codes(&self) -> impl Iterator<Item = String> {
        let mailed = self.ses.codes();
        let digits = mailed.iter().next().map_or(4, String::len);
        (0..10_000).map(move |n| format!("{n:0digits$}")).filter(move |code| !mailed.contains(code))
    }

    /// A code that was never mailed.
    pub fn wrong_code(&self) -> String {
        self.wrong_codes().next().expect("few codes were mailed")
    }

    async fn text(&self, query: &str) -> String {
        self.database.row(query).await.get(0)
    }
}

fn key(limit: &str, subject: &[&[u8]]) -> String {
    let key = Keys::try_from(KEY).expect("a key").limit_key(limit, subject);
    let base64 = STANDARD.encode(key);
    format!("WHERE key = decode('{base64}', 'base64')")
}
