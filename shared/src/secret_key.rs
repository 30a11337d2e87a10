//! Reads the secret keys from `SECRET_KEY`, or from Secrets Manager, and again after a rotation.

use std::{
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use aws_config::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_secretsmanager::Client;
use domain::keys::Keys;
use process::{Environment, SettingError};
use tokio::time::Instant;

use crate::aws::SdkConfig;

/// The total time for reading the secret, because a caller waits while a function starts.
const READ_DEADLINE: Duration = Duration::from_secs(2);

/// Limits how often unknown key ids can trigger a reload.
const RELOAD_INTERVAL: Duration = Duration::from_secs(30);

/// The age at which keys are read again. Without it, a function that only signs would never see an
/// unknown key id, and would continue to use a key that an operator removed.
const MAX_AGE: Duration = Duration::from_mins(5);

pub struct SecretKey {
    keys: RwLock<Arc<Keys>>,
    origin: Option<Origin>,
}

/// The secret that holds the keys, if they are not in the environment.
struct Origin {
    client: Client,
    arn: String,
    last_read: Mutex<LastRead>,
}

#[derive(Clone, Copy)]
struct LastRead {
    at: Instant,
    is_first: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("cannot be read from Secrets Manager: {reason}")]
struct Unreadable {
    /// Never quotes the secret.
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
            let name = "SECRET_KEY";
            let keys = Keys::try_from(environment.required(name)?);
            return Ok(Self::fixed(keys.map_err(|error| SettingError::new(name, error))?));
        };
        let last_read = Mutex::new(LastRead { at: Instant::now(), is_first: true });
        let origin = Origin { client: client(sdk_config), arn: arn.to_owned(), last_read };
        let keys = origin.read().await.map_err(|error| SettingError::new(name, error))?;
        Ok(Self { keys: RwLock::new(Arc::new(keys)), origin: Some(origin) })
    }

    fn fixed(keys: Keys) -> Self {
        Self { keys: RwLock::new(Arc::new(keys)), origin: None }
    }

    /// The keys as last read.
    pub fn current(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the keys again if they are five minutes old. Each request begins with this.
    ///
    /// If that fails, the keys stay in use for another five minutes.
    pub async fn refresh(&self) {
        self.read_again_if(|last| last.at.elapsed() >= MAX_AGE).await;
    }

    /// The keys, which should include these ids. If one is unknown, the keys were rotated since the
    /// last read, so the secret is read again, at most every 30 seconds.
    ///
    /// If that fails, the keys stay as they are, and whatever they cannot verify counts as wrong.
    pub async fn with_ids(&self, key_ids: &[String]) -> Arc<Keys> {
        if !self.current().know(key_ids) {
            self.read_again_if(|last| last.is_first || last.at.elapsed() >= RELOAD_INTERVAL).await;
        }
        self.current()
    }

    async fn read_again_if(&self, is_due: impl Fn(LastRead) -> bool) {
        let Some(origin) = self.origin.as_ref().filter(|origin| origin.claim_read(is_due)) else {
            return;
        };
        match origin.read().await {
            Ok(keys) => {
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
            }
            Err(error) => tracing::warn!(cause = %error, "secret key not reloaded"),
        }
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

    /// Whether a read is due. True only for the first of several concurrent requests.
    fn claim_read(&self, is_due: impl Fn(LastRead) -> bool) -> bool {
        let mut last = self.last_read.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = is_due(*last);
        if is_due {
            *last = LastRead { at: Instant::now(), is_first: false };
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
