//! Another session is at work on rows that a story needs.

use shared::testing::TestDatabase;

use crate::World;

/// A transaction of another session, which has not ended.
pub struct Transaction(TestDatabase);

impl World {
    /// A transaction that has locked the rows of all accounts.
    pub async fn locks_accounts(&self) -> Transaction {
        self.begins("SELECT FROM accounts FOR UPDATE").await
    }

    /// A transaction that has deleted all accounts.
    pub async fn deletes_accounts(&self) -> Transaction {
        self.begins("DELETE FROM accounts").await
    }

    /// A transaction that has added an active account.
    pub async fn adds_account(&self, email: &str) -> Transaction {
        self.begins(&format!(
            "INSERT INTO accounts (id, email, locale, activated_at, mailed_at, next_mail_at)
             VALUES (gen_random_uuid(), '{email}', 'en', now(), '{{}}', now())"
        ))
        .await
    }

    /// A transaction that has locked the table of codes even against readers.
    pub async fn locks_codes(&self) -> Transaction {
        self.begins("LOCK TABLE codes IN ACCESS EXCLUSIVE MODE").await
    }

    async fn begins(&self, statement: &str) -> Transaction {
        let session = self.database.another_connection().await;
        session.execute("BEGIN").await;
        session.execute(statement).await;
        Transaction(session)
    }
}

impl Transaction {
    /// Makes all attempts older, before it ends.
    pub async fn makes_attempts_older(&self, seconds: u32) {
        self.0.execute(&crate::arranged::older_attempts(seconds)).await;
    }

    /// Ends the sessions that wait for a lock on the table of codes.
    pub async fn ends_sessions_that_wait_for_codes(&self) {
        let ends = "SELECT pg_terminate_backend(pid) FROM pg_locks
                     WHERE NOT granted AND relation = 'codes'::regclass";
        self.0.execute(ends).await;
    }

    /// Ends it, with what it has done.
    pub async fn commits(self) {
        self.0.execute("COMMIT").await;
    }

    /// Ends it, as if it had done nothing.
    pub async fn rolls_back(self) {
        self.0.execute("ROLLBACK").await;
    }
}
