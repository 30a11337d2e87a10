//! Callers without the mailbox see the same and cost the same, whether an address is known or not,
//! whatever they do, and whatever happens to it.

mod costs;
mod events;
mod observer;
mod sequences;
mod states;
mod stranger;

use tokio::sync::RwLock;

/// Hashes are counted in the whole process: while some are counted, no other test may run.
static HASHES: RwLock<()> = RwLock::const_new(());

/// The costs first: every other test may run beside the sequences.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_observers_see_and_cost_the_same() {
    {
        let _counted = HASHES.write().await;
        costs::the_cost_of_each_request().await;
    }
    let _uncounted = HASHES.read().await;
    sequences::none_tells_them_apart().await;
}
