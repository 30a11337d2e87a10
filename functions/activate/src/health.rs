//! `GET /health`: whether the database answers.

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

/// How long a good result is cached, so that frequent probes do not reach the database.
const CACHE_LIFETIME: Duration = Duration::from_secs(2);

/// The time of the last good result. Failures are not cached, so that recovery shows at once.
#[derive(Default)]
pub(crate) struct Health(Mutex<Option<Instant>>);

impl Health {
    pub(crate) async fn check(&self, pool: &Pool) -> Result<Reply, Problem> {
        let last_good = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last_good.is_none_or(|at| at.elapsed() > CACHE_LIFETIME) {
            pool.is_ready_within(DEADLINE).await?;
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
        Ok(Reply::ok(&json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })))
    }
}
