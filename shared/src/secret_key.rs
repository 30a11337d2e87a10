//! The secret keys of this process: from `SECRET_KEY`, or from Secrets Manager, where they rotate.

use std::{
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, Instant},
};

use aws_config::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_secretsmanager::Client;

use crate::{
    aws::SdkConfig,
    config::{self, Environment, SettingError},
    domain::keys::Keys,
};

/// Reading a secret may take so long in all: a function that starts keeps somebody waiting.
const READ_DEADLINE: Duration = Duration::from_secs(2);

/// Whoever could make us meet unknown keys must not make us ask all the time.
const RELOAD_INTERVAL: Duration = Duration::from_secs(30);

/// The keys as they are now.
pub struct SecretKey {
    keys: RwLock<Arc<Keys>>,
    origin: Option<Origin>,
}

/// Where the keys come from when they are not in the environment.
struct Origin {
    client: Client,
    arn: String,
    reread_at: Mutex<Option<Instant>>,
}

/// The secret could not be read, or holds no keys.
#[derive(Debug, thiserror::Error)]
#[error("cannot be read from Secrets Manager: {reason}")]
struct Unreadable {
    /// Nothing that the secret holds.
    reason: String,
}

impl SecretKey {
    /// Takes `SECRET_KEY`, or reads the secret that `SECRET_KEY_ARN` names.
    pub async fn load(
        environment: &Environment,
        sdk_config: &SdkConfig,
    ) -> Result<Self, SettingError> {
        let name = "SECRET_KEY_ARN";
        let Some(arn) = environment.get(name) else {
            return Ok(Self::fixed(config::keys(environment)?));
        };
        let origin =
            Origin { client: client(sdk_config), arn: arn.to_owned(), reread_at: Mutex::default() };
        let keys = origin.read().await.map_err(|error| config::wrong(name, error))?;
        Ok(Self { keys: RwLock::new(Arc::new(keys)), origin: Some(origin) })
    }

    fn fixed(keys: Keys) -> Self {
        Self { keys: RwLock::new(Arc::new(keys)), origin: None }
    }

    /// The keys as they were last read.
    pub fn current(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The keys with which something was signed. If one of them is unknown, a rotation has gone
    /// past this process: the secret is read again, at most every 30 seconds.
    ///
    /// When that fails, the keys stay as they are, and what they cannot verify is wrong.
    pub async fn with_ids(&self, key_ids: &[String]) -> Arc<Keys> {
        if let Some(origin) = &self.origin
            && !self.current().know(key_ids)
            && origin.may_read_again()
        {
            match origin.read().await {
                Ok(keys) => {
                    *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
                }
                Err(error) => tracing::warn!(cause = %error, "secret key not reloaded"),
            }
        }
        self.current()
    }
}

impl Origin {
    async fn read(&self) -> Result<Keys, Unreadable> {
        let unreadable = |reason: &str| Unreadable { reason: reason.to_owned() };
        let secret = self.client.get_secret_value().secret_id(&self.arn).send().await;
        let secret = secret.map_err(|error| {
            let code = error.as_service_error().and_then(|error| error.meta().code());
            unreadable(code.unwrap_or("no answer"))
        })?;
        let text = secret.secret_string().ok_or_else(|| unreadable("it is not a text"))?;
        Keys::try_from(text).map_err(|error| unreadable(&format!("it {error}")))
    }

    /// Claims the right to read once more, for whoever comes first.
    fn may_read_again(&self) -> bool {
        let mut reread_at = self.reread_at.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = reread_at.is_none_or(|at| at.elapsed() >= RELOAD_INTERVAL);
        if is_due {
            *reread_at = Some(Instant::now());
        }
        is_due
    }
}

fn client(sdk: &SdkConfig) -> Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_millis(500))
        .operation_attempt_timeout(READ_DEADLINE / 2)
        .operation_timeout(READ_DEADLINE)
        .build();
    let retries = RetryConfig::standard()
        .with_max_attempts(2)
        .with_initial_backoff(Duration::from_millis(100));
    let config = aws_sdk_secretsmanager::config::Builder::from(sdk)
        .timeout_config(timeouts)
        .retry_config(retries)
        .build();
    Client::from_conf(config)
}
