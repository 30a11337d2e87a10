//! Checks credentials against the accounts: with the same limits, hashes and statements for every
//! address.

use domain::{
    credentials::Credentials,
    email::Email,
    keys::{Keys, Signed},
    limits::{Limit, SubjectLimit},
    network::Network,
    password::{Password, PasswordHash},
};
use uuid::Uuid;
use web::Problem;

use crate::{
    hashing,
    storage::{Admission, Candidate, Database, Lookup, Search, Taken},
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
pub struct PasswordLimits {
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
        database.take(&self.for_request(keys, email, network)).await?.or_too_many()
    }

    /// The three limits, for a request from this network about this address.
    pub fn for_request(&self, keys: &Keys, email: &Email, network: &Network) -> Vec<SubjectLimit> {
        let (mailbox, from) = (email.mailbox(), network.to_bytes());
        vec![
            self.network.for_subject(keys, &[&from]),
            self.address_network.for_subject(keys, &[mailbox.as_bytes(), &from]),
            self.address.for_subject(keys, &[mailbox.as_bytes()]),
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
    pub chosen_by_code: bool,
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

impl PasswordLimits {
    /// Finds the account or attempt to which this password belongs. Verifies one hash if the
    /// request names an attempt, otherwise two, with a dummy for a missing row.
    pub async fn check(
        &self,
        database: &mut Database<'_>,
        keys: &Keys,
        check: Check<'_>,
    ) -> Result<Option<Proven>, Problem> {
        let Check { credentials: Credentials { email, password }, registration, .. } = check;
        let (lookup, limits) = match registration {
            Some(id) => {
                let mailbox = email.mailbox();
                let subject = [id.as_bytes(), mailbox.as_bytes()];
                (Lookup::Named(id, &email), vec![self.attempt.for_subject(keys, &subject)])
            }
            None => {
                (Lookup::Unnamed(&email), self.unnamed.for_request(keys, &email, check.network))
            }
        };
        let search = Search { lookup, limits: &limits, code_macs: check.code_macs };
        prove(database, &search, password).await
    }
}

/// Checks the current password of a signed-in account, under this limit.
pub async fn check_current(
    database: &mut Database<'_>,
    limit: SubjectLimit,
    account: Uuid,
    credentials: Credentials,
) -> Result<Option<Proven>, Problem> {
    let Credentials { email, password } = credentials;
    let lookup = Lookup::Named(account, &email);
    prove(database, &Search { lookup, limits: &[limit], code_macs: &[] }, password).await
}

async fn prove(
    database: &mut Database<'_>,
    search: &Search<'_>,
    password: Password,
) -> Result<Option<Proven>, Problem> {
    let (admission, candidates) = database.find(search).await?;
    let taken = admission.or_too_many()?;
    let account = match search.lookup {
        Lookup::Named(..) => None,
        Lookup::Unnamed(_) => verify(password.clone(), candidates.account).await?,
    };
    // Always, so that the time does not reveal whether the account's password was right.
    let attempt = verify(password.clone(), candidates.attempt).await?;
    let chosen_by_code = candidates.chosen_by_code;
    Ok(account.or(attempt).map(|candidate| {
        let Candidate { id, generation, password_hash, key_ids } = candidate;
        Proven { id, generation, password, password_hash, taken, chosen_by_code, key_ids }
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
