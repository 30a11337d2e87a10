//! Finds the rows that the credentials of a request may belong to.

use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use super::{
    connection::{Database, Parameter},
    error::StorageError,
    limits::{Admission, Wanted},
};
use domain::{email::Email, keys::Signed, limits::SubjectLimit, password::PasswordHash};

/// What a request says of the account or attempt whose credentials it carries.
pub enum Lookup<'a> {
    /// Its id, which counts only together with its address.
    Named(Uuid, &'a Email),
    /// Its address alone: this finds the active account, and the attempt that the code chooses, or
    /// else the newest one.
    Unnamed(&'a Email),
}

/// The input of [`Database::find`].
pub struct Search<'a> {
    pub lookup: Lookup<'a>,
    /// The limits under which a check of credentials takes a place.
    pub limits: &'a [SubjectLimit],
    /// The MAC of the code in the request under each key, which chooses among several attempts of
    /// an address. Empty without a code.
    pub code_macs: &'a [Signed],
}

/// A row that the credentials may belong to.
pub struct Candidate {
    pub id: Uuid,
    /// Grows with every new password, and when the account is disabled. Sessions are bound to it.
    pub generation: i32,
    pub password_hash: PasswordHash,
    /// The keys that signed its codes.
    pub key_ids: Vec<String>,
}

/// Up to two rows that the credentials may belong to.
pub struct Candidates {
    /// The active account of the address; `None` if the request names an attempt.
    pub account: Option<Candidate>,
    pub attempt: Option<Candidate>,
    /// The code chose this attempt among several of the address, which paid for the comparison.
    pub chosen_by_code: bool,
}

const FIND_NAMED: &str = "
    SELECT *
      FROM build.find_named(
               limit_keys => $1, capacities => $2, window_seconds => $3, attempt => $4,
               address => $5)";

const FIND_UNNAMED: &str = "
    SELECT *
      FROM build.find_unnamed(
               limit_keys => $1, capacities => $2, window_seconds => $3, address => $4)";

const FIND_BY_CODE: &str = "
    SELECT *
      FROM build.find_by_code(
               limit_keys => $1, capacities => $2, window_seconds => $3, address => $4,
               mac_key_ids => $5, macs => $6)";

impl Database<'_> {
    /// Takes the places that a check of credentials needs, and finds the rows that they may belong
    /// to.
    pub async fn find(
        &mut self,
        search: &Search<'_>,
    ) -> Result<(Admission, Candidates), StorageError> {
        let wanted = Wanted::of(search.limits);
        let (row, account, chosen_by_code) = match search.lookup {
            Lookup::Named(id, email) => {
                (self.find_named(&wanted, id, email).await?, None, Some(false))
            }
            Lookup::Unnamed(email) => {
                let row = self.find_unnamed(&wanted, email, search.code_macs).await?;
                let (account, chosen_by_code) =
                    (candidate(&row, "account")?, row.try_get("chosen_by_code")?);
                (row, account, chosen_by_code)
            }
        };
        let attempt = candidate(&row, "attempt")?;
        let chosen_by_code = chosen_by_code.unwrap_or(false);
        Ok((wanted.admission(&row)?, Candidates { account, attempt, chosen_by_code }))
    }

    async fn find_named(
        &mut self,
        wanted: &Wanted,
        id: Uuid,
        email: &Email,
    ) -> Result<Row, StorageError> {
        let [limit_keys, capacities, window_seconds] = wanted.parameters();
        let address: Parameter<'_> = (&email.as_str(), Type::TEXT);
        self.query_one(
            FIND_NAMED,
            &[limit_keys, capacities, window_seconds, (&id, Type::UUID), address],
        )
        .await
    }

    async fn find_unnamed(
        &mut self,
        wanted: &Wanted,
        email: &Email,
        code_macs: &[Signed],
    ) -> Result<Row, StorageError> {
        let [limit_keys, capacities, window_seconds] = wanted.parameters();
        let address: Parameter<'_> = (&email.as_str(), Type::TEXT);
        if code_macs.is_empty() {
            return self
                .query_one(FIND_UNNAMED, &[limit_keys, capacities, window_seconds, address])
                .await;
        }
        let (mac_key_ids, macs) = keys_and_macs(code_macs);
        let macs: Parameter<'_> = (&macs, Type::BYTEA_ARRAY);
        let mac_key_ids: Parameter<'_> = (&mac_key_ids, Type::TEXT_ARRAY);
        let parameters = [limit_keys, capacities, window_seconds, address, mac_key_ids, macs];
        self.query_one(FIND_BY_CODE, &parameters).await
    }
}

pub(super) fn keys_and_macs(macs: &[Signed]) -> (Vec<&str>, Vec<&[u8]>) {
    macs.iter().map(|signed| (signed.key_id.as_str(), signed.mac.as_slice())).unzip()
}

/// An account without a password is never a candidate.
fn candidate(row: &Row, name: &str) -> Result<Option<Candidate>, StorageError> {
    let column = |what| format!("{name}_{what}");
    let id: Option<Uuid> = row.try_get(&*column("id"))?;
    let hash: Option<String> = row.try_get(&*column("hash"))?;
    let Some((id, hash)) = id.zip(hash) else { return Ok(None) };
    Ok(Some(Candidate {
        id,
        generation: row.try_get(&*column("generation"))?,
        password_hash: PasswordHash::from_phc(hash),
        key_ids: row.try_get(&*column("key_ids"))?,
    }))
}
