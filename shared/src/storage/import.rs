//! Imports the accounts of another system, in batches.

use std::{collections::HashSet, time::Instant};

use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use super::{
    connection::{Parameter, Pool},
    error::StorageError,
    transaction::Transaction,
};
use domain::{email::Email, locale::Locale, password::PasswordHash};

/// A person whose address another system has verified.
pub struct KnownPerson {
    pub email: Email,
    /// Without one, the owner requests a link and chooses a password.
    pub password_hash: Option<PasswordHash>,
    pub locale: Locale,
}

/// A running import.
pub struct Import<'s> {
    pool: &'s Pool,
    /// Set if the import keeps all people or none.
    transaction: Option<Transaction>,
}

const IMPORT_ACCOUNTS: &str = "
    SELECT account
      FROM build.import_accounts(
               ids => $1, emails => $2, password_hashes => $3, locales => $4)";

impl Pool {
    /// Begins an import. Commits each batch by itself, or, with `all_or_nothing`, all at the end.
    pub async fn import(&self, all_or_nothing: bool) -> Result<Import<'_>, StorageError> {
        let transaction = if all_or_nothing { Some(self.begin().await?) } else { None };
        Ok(Import { pool: self, transaction })
    }
}

impl Import<'_> {
    /// Adds a batch. Returns for each person whether an account was created: not if the address had
    /// one. Retries while another call has one of the rows locked, until `until`.
    pub async fn add(
        &self,
        people: &[KnownPerson],
        until: Instant,
    ) -> Result<Vec<bool>, StorageError> {
        let ids: Vec<Uuid> = people.iter().map(|_| Uuid::now_v7()).collect();
        // Two concurrent imports must lock addresses in the same order.
        let mut order: Vec<usize> = (0..people.len()).collect();
        order.sort_by_key(|n| people[*n].email.as_str());
        let rows = loop {
            match self.send(people, &ids, &order).await {
                Err(error) if error.is_in_use() && self.may_retry(until) => {}
                outcome => break outcome?,
            }
        };
        let taken: Result<HashSet<Uuid>, _> =
            rows.iter().map(|row| row.try_get("account")).collect();
        let taken = taken?;
        Ok(ids.iter().map(|id| taken.contains(id)).collect())
    }

    /// Commits an all-or-nothing import. Any other has committed each batch already.
    pub async fn commit(self) -> Result<(), StorageError> {
        match self.transaction {
            Some(transaction) => transaction.commit().await,
            None => Ok(()),
        }
    }

    /// A transaction ends with its first failed statement, so only single batches can be retried.
    fn may_retry(&self, until: Instant) -> bool {
        self.transaction.is_none() && Instant::now() < until
    }

    async fn send(
        &self,
        people: &[KnownPerson],
        ids: &[Uuid],
        order: &[usize],
    ) -> Result<Vec<Row>, StorageError> {
        let people = || order.iter().map(|n| &people[*n]);
        let ids: Vec<Uuid> = order.iter().map(|n| ids[*n]).collect();
        let emails: Vec<&str> = people().map(|person| person.email.as_str()).collect();
        let hashes: Vec<Option<&str>> = people()
            .map(|person| person.password_hash.as_ref().map(PasswordHash::as_phc))
            .collect();
        let locales: Vec<&str> = people().map(|person| person.locale.as_str()).collect();
        let parameters: [Parameter<'_>; 4] = [
            (&ids, Type::UUID_ARRAY),
            (&emails, Type::TEXT_ARRAY),
            (&hashes, Type::TEXT_ARRAY),
            (&locales, Type::TEXT_ARRAY),
        ];
        match &self.transaction {
            Some(transaction) => transaction.query(IMPORT_ACCOUNTS, &parameters).await,
            None => self.pool.database().query(IMPORT_ACCOUNTS, &parameters).await,
        }
    }
}
