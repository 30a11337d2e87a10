//! Several statements that are committed together, or not at all.

use std::time::Duration;

use deadpool_postgres::Object;
use tokio::time::timeout;
use tokio_postgres::Row;

use super::{
    connection::{Parameter, Pool, REQUEST_DEADLINE},
    error::StorageError,
    functions,
};

/// Dropping it rolls everything back: its connection closes, and the server discards what was not
/// committed.
pub(super) struct Transaction {
    client: Option<Object>,
}

impl Pool {
    pub(super) async fn begin(&self) -> Result<Transaction, StorageError> {
        let transaction = Transaction { client: Some(self.connection().await?) };
        within(REQUEST_DEADLINE, transaction.client().batch_execute("BEGIN")).await?;
        Ok(transaction)
    }
}

impl Transaction {
    /// Runs one statement. A failure ends the transaction.
    pub(super) async fn query(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, StorageError> {
        let statement = functions::in_this_build(statement);
        within(REQUEST_DEADLINE, self.client().query_typed(&statement, parameters)).await
    }

    /// Commits. After a failure it is unknown whether the server did.
    pub(super) async fn commit(mut self) -> Result<(), StorageError> {
        within(REQUEST_DEADLINE, self.client().batch_execute("COMMIT")).await?;
        // Returns the connection to the pool.
        self.client = None;
        Ok(())
    }

    fn client(&self) -> &Object {
        self.client.as_ref().expect("only `commit` and `drop` take it")
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        self.client.take().map(Object::take);
    }
}

async fn within<T>(
    deadline: Duration,
    answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, StorageError> {
    Ok(timeout(deadline, answer).await.map_err(|_| StorageError::Deadline)??)
}
