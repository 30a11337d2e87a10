//! Whether the database answers.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde_json::json;
use shared::{
    storage::Pool,
    web::{Problem, Reply},
};

const DEADLINE: Duration = Duration::from_secs(2);

/// So old may a verdict be: whoever asks more often costs the database nothing.
const VERDICT_LIFETIME: Duration = Duration::from_secs(2);

/// The last good verdict. A bad one is not kept, so that recovery shows at once.
#[derive(Default)]
pub(crate) struct Health(Mutex<Option<Instant>>);

impl Health {
    pub(crate) async fn check(&self, pool: &Pool) -> Result<Reply, Problem> {
        let last_good = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last_good.is_none_or(|at| at.elapsed() > VERDICT_LIFETIME) {
            pool.is_ready_within(DEADLINE).await?;
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
        Ok(Reply::ok(&json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })))
    }
}
