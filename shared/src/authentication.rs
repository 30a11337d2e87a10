//! Credentials against the accounts: the same limits, hashes and statements for everybody.

use uuid::Uuid;

use crate::{
    domain::{
        credentials::Credentials,
        email::Email,
        keys::Keys,
        limits::{Limit, Place},
        network::Network,
        password::{Password, PasswordHash, verify_off_thread},
    },
    http::Problem,
    storage::{Admission, Candidate, Choice, GuessRules, Session, Taken, Who},
};

/// Wrong passwords that are allowed. A place is taken before the password is checked and given
/// back when it was right.
#[derive(Debug, Clone)]
pub struct PasswordFailures {
    /// Calls that name no attempt, from one network.
    pub network: Limit,
    /// Calls that name no attempt, for one address.
    pub address: Limit,
    /// Calls that name an attempt, whoever sends them: so nobody else can lock its owner out.
    pub attempt: Limit,
}

/// Mails that may be asked for by whoever knows an address. A place is taken before any work is
/// done.
#[derive(Debug, Clone)]
pub struct SignUpLimits {
    /// For one address, from one network.
    pub address_network: Limit,
    /// From one network.
    pub network: Limit,
    /// For one address, from everywhere.
    pub address: Limit,
}

impl SignUpLimits {
    /// Takes a place under each limit, or none.
    pub async fn take(
        &self,
        session: &mut Session<'_>,
        keys: &Keys,
        email: &Email,
        network: &Network,
    ) -> Result<Taken, Problem> {
        let (mailbox, from) = (email.mailbox(), network.to_bytes());
        // What the caller's own network may do comes before what it shares with others.
        let places = [
            self.address_network.place(keys, &[mailbox.as_bytes(), &from]),
            self.network.place(keys, &[&from]),
            self.address.place(keys, &[mailbox.as_bytes()]),
        ];
        session.take(&places).await?.or_too_many()
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
    /// How the attempt was found.
    pub choice: Choice,
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
    /// The code that came along: all its MACs, and the limits of guessing.
    pub code: Option<(&'a [Vec<u8>], &'a GuessRules)>,
}

impl PasswordFailures {
    /// Finds out whose password this is, if anybody's: one verification when the request names an
    /// attempt, else two, a dummy standing in for what does not exist.
    pub async fn check(
        &self,
        session: &mut Session<'_>,
        keys: &Keys,
        check: Check<'_>,
    ) -> Result<Option<Proven>, Problem> {
        let Credentials { email, password } = check.credentials;
        let who = match check.registration {
            Some(id) => Who::Named(id, &email),
            None => Who::Unnamed(&email),
        };
        let places = self.places(keys, &who, check.network);
        let (admission, candidates) = session.find(&who, &places, check.code).await?;
        let taken = admission.or_too_many()?;

        let mut proven = None;
        if check.registration.is_none() {
            proven = verify(password.clone(), candidates.account).await?;
        }
        // Always, so that it takes as long whether or not the account's password was right.
        let attempt = verify(password.clone(), candidates.attempt).await?;
        let choice = candidates.choice;
        Ok(proven.or(attempt).map(|candidate| {
            let Candidate { id, generation, password_hash, key_ids } = candidate;
            Proven { id, generation, password, password_hash, taken, choice, key_ids }
        }))
    }

    fn places(&self, keys: &Keys, who: &Who<'_>, network: &Network) -> Vec<Place> {
        match who {
            Who::Named(id, _) => vec![self.attempt.place(keys, &[id.as_bytes()])],
            Who::Unnamed(email) => vec![
                self.network.place(keys, &[&network.to_bytes()]),
                self.address.place(keys, &[email.mailbox().as_bytes()]),
            ],
        }
    }
}

impl Admission {
    /// The places, or the answer to whoever has none left.
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
    let is_right = verify_off_thread(password, hash).await?;
    Ok(candidate.filter(|_| is_right))
}
