//! People who are known already, taken over by the thousand.

use std::{collections::HashSet, time::Instant};

use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use super::{
    connection::{Parameter, Pool},
    error::StorageError,
    transaction::Transaction,
};
use domain::{email::Email, locale::Locale, password::PasswordHash};

/// Somebody whose address another system has proven.
pub struct KnownPerson {
    /// The address.
    pub email: Email,
    /// The password. Without one its owner asks for a link and chooses it.
    pub password_hash: Option<PasswordHash>,
    /// The language of mails.
    pub locale: Locale,
}

/// An import under way.
pub struct Import<'s> {
    pool: &'s Pool,
    /// When all are kept, or none.
    transaction: Option<Transaction>,
}

const IMPORT_ACCOUNTS: &str = "
    SELECT account
      FROM build.import_accounts(
               ids => $1, emails => $2, password_hashes => $3, locales => $4)";

impl Pool {
    /// Begins an import: each batch is kept by itself, or all are kept together at the end.
    pub async fn import(&self, all_or_nothing: bool) -> Result<Import<'_>, StorageError> {
        let transaction = if all_or_nothing { Some(self.begin().await?) } else { None };
        Ok(Import { pool: self, transaction })
    }
}

impl Import<'_> {
    /// Adds a batch, and says of each whether it was taken: not if its address had an active
    /// account. Tries again until then as long as somebody else is at work on one of the addresses.
    pub async fn add(
        &self,
        people: &[KnownPerson],
        until: Instant,
    ) -> Result<Vec<bool>, StorageError> {
        let ids: Vec<Uuid> = people.iter().map(|_| Uuid::now_v7()).collect();
        // Two imports at once wait for each other in one order only.
        let mut order: Vec<usize> = (0..people.len()).collect();
        order.sort_by_key(|n| people[*n].email.as_str());
        let rows = loop {
            match self.send(people, &ids, &order).await {
                Err(error) if error.is_in_use() && self.may_try_again(until) => {}
                outcome => break outcome?,
            }
        };
        let taken: Result<HashSet<Uuid>, _> =
            rows.iter().map(|row| row.try_get("account")).collect();
        let taken = taken?;
        Ok(ids.iter().map(|id| taken.contains(id)).collect())
    }

    /// Ends the import. What is not kept together was kept before.
    pub async fn keep(self) -> Result<(), StorageError> {
        match self.transaction {
            Some(transaction) => transaction.commit().await,
            None => Ok(()),
        }
    }

    /// A transaction in which a statement has failed is over.
    fn may_try_again(&self, until: Instant) -> bool {
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
