//! Checks credentials against the accounts: with the same limits, hashes and statements for every
//! address.

use domain::{
    credentials::Credentials,
    email::Email,
    keys::{Keys, Signed},
    limits::{Limit, Place},
    network::Network,
    password::{Password, PasswordHash},
};
use uuid::Uuid;
use web::Problem;

use crate::{
    hashing,
    storage::{Admission, Candidate, Database, Lookup, Taken},
};

/// Limits per address. One network can use only a part of what the address has in all.
#[derive(Debug, Clone)]
pub struct AddressLimits {
    /// From one network, whatever the address.
    pub network: Limit,
    /// For one address, from one network.
    pub address_network: Limit,
    /// For one address, from all networks.
    pub address: Limit,
}

/// Limits on wrong passwords. A check takes its places first; a right password gives them back.
#[derive(Debug, Clone)]
pub struct PasswordFailures {
    /// For calls that name no attempt.
    pub unnamed: AddressLimits,
    /// For calls that name an attempt together with its address. Counts per pair, so an attacker
    /// who does not know both cannot lock the owner out.
    pub attempt: Limit,
}

impl AddressLimits {
    /// Takes a place under every limit, or none.
    pub async fn take(
        &self,
        database: &mut Database<'_>,
        keys: &Keys,
        email: &Email,
        network: &Network,
    ) -> Result<Taken, Problem> {
        database.take(&self.places(keys, email, network)).await?.or_too_many()
    }

    pub fn places(&self, keys: &Keys, email: &Email, network: &Network) -> Vec<Place> {
        let (mailbox, from) = (email.mailbox(), network.to_bytes());
        vec![
            self.network.place(keys, &[&from]),
            self.address_network.place(keys, &[mailbox.as_bytes(), &from]),
            self.address.place(keys, &[mailbox.as_bytes()]),
        ]
    }
}

/// The account or attempt whose password was right.
pub struct Proven {
    pub id: Uuid,
    /// The account's generation when the password was right.
    pub generation: i32,
    pub password: Password,
    /// The hash that it was verified against.
    pub password_hash: PasswordHash,
    /// The places that the check took, to be given back.
    pub taken: Taken,
    /// The code chose it among several attempts of the address.
    pub is_by_code: bool,
    /// The keys that signed its codes.
    pub key_ids: Vec<String>,
}

/// The credentials of a request, and what else a check needs.
pub struct Check<'a> {
    pub credentials: Credentials,
    /// The attempt that the request names.
    pub registration: Option<Uuid>,
    pub network: &'a Network,
    /// The MACs of the code in the request; empty without a code.
    pub code_macs: &'a [Signed],
}

impl PasswordFailures {
    /// Finds the account or attempt to which this password belongs. Verifies one hash if the
    /// request names an attempt, otherwise two, with a dummy for a missing row.
    pub async fn check(
        &self,
        database: &mut Database<'_>,
        keys: &Keys,
        check: Check<'_>,
    ) -> Result<Option<Proven>, Problem> {
        let Check { credentials: Credentials { email, password }, registration, .. } = check;
        let Some(id) = registration else {
            let places = self.unnamed.places(keys, &email, check.network);
            return prove(database, &Lookup::Address(&email), &places, password, check.code_macs)
                .await;
        };
        let place = self.attempt.place(keys, &[id.as_bytes(), email.mailbox().as_bytes()]);
        prove(database, &Lookup::Attempt(id, &email), &[place], password, check.code_macs).await
    }
}

/// Checks the current password of a signed-in account, under this limit.
pub async fn check_current(
    limit: &Limit,
    database: &mut Database<'_>,
    keys: &Keys,
    account: Uuid,
    credentials: Credentials,
) -> Result<Option<Proven>, Problem> {
    let Credentials { email, password } = credentials;
    let place = limit.place(keys, &[account.as_bytes()]);
    prove(database, &Lookup::Attempt(account, &email), &[place], password, &[]).await
}

async fn prove(
    database: &mut Database<'_>,
    lookup: &Lookup<'_>,
    places: &[Place],
    password: Password,
    code_macs: &[Signed],
) -> Result<Option<Proven>, Problem> {
    let (admission, candidates) = database.find(lookup, places, code_macs).await?;
    let taken = admission.or_too_many()?;
    let account = match lookup {
        Lookup::Attempt(..) => None,
        Lookup::Address(_) => verify(password.clone(), candidates.account).await?,
    };
    // Always, so that the time does not reveal whether the account's password was right.
    let attempt = verify(password.clone(), candidates.attempt).await?;
    let is_by_code = candidates.is_by_code;
    Ok(account.or(attempt).map(|candidate| {
        let Candidate { id, generation, password_hash, key_ids } = candidate;
        Proven { id, generation, password, password_hash, taken, is_by_code, key_ids }
    }))
}

impl Admission {
    /// The places, or a `429` for a caller who has none left.
    fn or_too_many(self) -> Result<Taken, Problem> {
        match self {
            Self::Admitted(taken) => Ok(taken),
            Self::Refused { retry_after } => Err(Problem::too_many_requests(retry_after)),
        }
    }
}

async fn verify(
    password: Password,
    candidate: Option<Candidate>,
) -> Result<Option<Candidate>, Problem> {
    let hash = candidate.as_ref().map(|found| found.password_hash.clone());
    let is_right = hashing::verify(password, hash).await?;
    Ok(candidate.filter(|_| is_right))
}
