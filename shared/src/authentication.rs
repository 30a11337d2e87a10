//! Credentials against the accounts: the same limits, hashes and statements for everybody.

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

/// Limits on what callers may do about an address. What a caller's own network has comes before
/// what it shares with others, and it has only a part of that.
#[derive(Debug, Clone)]
pub struct AddressLimits {
    /// From one network, whatever the address.
    pub network: Limit,
    /// For one address, from one network.
    pub address_network: Limit,
    /// For one address, from all networks.
    pub address: Limit,
}

/// Wrong passwords that are allowed. A place is taken before the password is checked and given
/// back when it was right.
#[derive(Debug, Clone)]
pub struct PasswordFailures {
    /// Calls that name no attempt.
    pub unnamed: AddressLimits,
    /// Calls that name an attempt together with its address. The network does not matter, so a
    /// stranger cannot shut the owner out without knowing both.
    pub attempt: Limit,
}

impl AddressLimits {
    /// Takes a place under each limit, or none.
    pub async fn take(
        &self,
        database: &mut Database<'_>,
        keys: &Keys,
        email: &Email,
        network: &Network,
    ) -> Result<Taken, Problem> {
        database.take(&self.places(keys, email, network)).await?.or_too_many()
    }

    /// The place that a call takes under each limit.
    pub fn places(&self, keys: &Keys, email: &Email, network: &Network) -> Vec<Place> {
        let (mailbox, from) = (email.mailbox(), network.to_bytes());
        vec![
            self.network.place(keys, &[&from]),
            self.address_network.place(keys, &[mailbox.as_bytes(), &from]),
            self.address.place(keys, &[mailbox.as_bytes()]),
        ]
    }
}

/// Whose password was right.
pub struct Proven {
    /// The account or attempt.
    pub id: Uuid,
    /// The account's generation, as it was when the password was right.
    pub generation: i32,
    /// The password.
    pub password: Password,
    /// What it was verified against.
    pub password_hash: PasswordHash,
    /// The places that the check had taken, to be given back.
    pub taken: Taken,
    /// The code chose it among several attempts of the address.
    pub is_by_code: bool,
    /// The keys that its codes were signed with.
    pub key_ids: Vec<String>,
}

/// A check of credentials.
pub struct Check<'a> {
    /// Who the caller claims to be.
    pub credentials: Credentials,
    /// The attempt that the request names.
    pub registration: Option<Uuid>,
    /// Where the request came from.
    pub network: &'a Network,
    /// The MACs of the code that came along; none without a code.
    pub code_macs: &'a [Signed],
}

impl PasswordFailures {
    /// Finds the account or attempt that this password belongs to: one verification when the
    /// request names an attempt, else two, with a dummy for what does not exist.
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

/// Whether this is the current password of an account that is signed in, under this limit.
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
    // Always, so that it takes as long whether or not the account's password was right.
    let attempt = verify(password.clone(), candidates.attempt).await?;
    let is_by_code = candidates.is_by_code;
    Ok(account.or(attempt).map(|candidate| {
        let Candidate { id, generation, password_hash, key_ids } = candidate;
        Proven { id, generation, password, password_hash, taken, is_by_code, key_ids }
    }))
}

impl Admission {
    /// The places, or the answer to a caller who has none left.
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
