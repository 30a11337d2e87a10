//! Hashes passwords off the thread that serves connections: each hash takes tens of milliseconds.

use domain::password::{HashError, NewPassword, Password, PasswordHash};
use tokio::task::spawn_blocking;

/// Hashes a newly chosen password.
pub async fn hash(password: NewPassword) -> Result<PasswordHash, HashError> {
    off_thread(move || password.hash()).await
}

/// Hashes a right password again, because its stored hash is outdated.
pub async fn rehash(password: Password) -> Result<PasswordHash, HashError> {
    off_thread(move || password.hash()).await
}

/// Verifies a password. Without a hash it does the same work and returns false, so that the time
/// does not reveal whether there is one.
pub async fn verify(password: Password, hash: Option<PasswordHash>) -> Result<bool, HashError> {
    off_thread(move || match hash {
        Some(hash) => password.verify(&hash),
        None => password.verify(&PasswordHash::dummy()).map(|_| false),
    })
    .await
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
) -> Result<T, HashError> {
    spawn_blocking(work).await.unwrap_or(Err(HashError::Stopped))
}

#[cfg(test)]
mod tests {
    use domain::password::hashes_computed;

    use super::*;

    const GOOD: &str = "correct horse battery";

    fn typed(text: &str) -> Password {
        Password::from_typed(text).unwrap()
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_unknown_address_costs_a_hash() {
        let before = hashes_computed();
        assert!(!verify(typed(GOOD), None).await.unwrap());
        // Other tests may hash at the same time, so the count is a lower bound.
        assert!(hashes_computed() > before);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_password_hashed_off_the_thread_is_verified_off_the_thread() {
        let hash = hash(NewPassword::parse(GOOD, None, 8).unwrap()).await.unwrap();

        assert!(verify(typed(GOOD), Some(hash.clone())).await.unwrap());
        assert!(!verify(typed("correct horse"), Some(hash)).await.unwrap());
    }
}
