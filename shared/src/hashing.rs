//! Hashes passwords on a thread of their own: each hash takes tens of milliseconds, in which the
//! other thread serves connections. One thread, so that a process needs the memory of one hash only.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        LazyLock,
        mpsc::{Sender, channel},
    },
    thread,
};

use domain::password::{HashError, Hasher, NewPassword, Password, PasswordHash};
use tokio::sync::oneshot;

type Work = Box<dyn FnOnce(&mut Hasher) + Send>;

static THREAD: LazyLock<Sender<Work>> = LazyLock::new(|| {
    let (sender, works) = channel::<Work>();
    let hash = move || {
        let mut hasher = Hasher::allocate();
        for work in works {
            // A panic fails one request. What it leaves in the memory is overwritten by the next hash.
            let _ = catch_unwind(AssertUnwindSafe(|| work(&mut hasher)));
        }
    };
    let thread = thread::Builder::new().name("hashing".to_owned());
    thread.spawn(hash).expect("the system has room for a second thread");
    sender
});

/// Starts the thread, which takes its memory from the operating system.
pub fn start() {
    LazyLock::force(&THREAD);
}

/// Hashes a newly chosen password.
pub async fn hash(password: NewPassword) -> Result<PasswordHash, HashError> {
    rehash(password.into_password()).await
}

/// Hashes a right password again, because its stored hash is outdated.
pub async fn rehash(password: Password) -> Result<PasswordHash, HashError> {
    on_thread(move |hasher| hasher.hash(&password)).await
}

/// Verifies a password. Without a hash it does the same work and returns false, so that the time
/// does not reveal whether there is one.
pub async fn verify(password: Password, hash: Option<PasswordHash>) -> Result<bool, HashError> {
    on_thread(move |hasher| hasher.verify(&password, hash.as_ref())).await
}

async fn on_thread<T: Send + 'static>(
    work: impl FnOnce(&mut Hasher) -> Result<T, HashError> + Send + 'static,
) -> Result<T, HashError> {
    let (answer, answered) = oneshot::channel();
    let work = Box::new(move |hasher: &mut Hasher| {
        let _ = answer.send(work(hasher));
    });
    THREAD.send(work).map_err(|_| HashError::Stopped)?;
    answered.await.unwrap_or(Err(HashError::Stopped))
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
    async fn a_password_hashed_on_the_thread_is_verified_on_the_thread() {
        let hash = hash(NewPassword::parse(GOOD, None, 8).unwrap()).await.unwrap();

        assert!(verify(typed(GOOD), Some(hash.clone())).await.unwrap());
        assert!(!verify(typed("correct horse"), Some(hash)).await.unwrap());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_panic_fails_one_request_and_not_the_next() {
        let outcome = on_thread::<()>(|_| panic!("on purpose")).await;
        assert!(matches!(outcome, Err(HashError::Stopped)));
        assert!(!verify(typed(GOOD), None).await.unwrap());
    }
}
