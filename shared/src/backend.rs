//! What every function with routes and a database starts with.

use std::sync::Arc;

use domain::keys::Keys;
use process::{Environment, SettingError};
use web::Door;

use crate::{
    aws::SdkConfig,
    config,
    secret_key::SecretKey,
    storage::{Session, Storage},
};

/// Made once per instance, used by every request it serves.
pub struct Backend {
    storage: Storage,
    /// The secret keys.
    pub keys: SecretKey,
    /// The front door.
    pub door: Door,
}

impl Backend {
    /// Connects to the database while the secret key is read.
    pub async fn start(
        environment: &Environment,
        sdk_config: &SdkConfig,
    ) -> Result<Self, SettingError> {
        let door = Door::of(environment)?;
        let storage = Storage::new(config::database(environment, sdk_config)?);
        let keys = SecretKey::load(environment, sdk_config);
        let (keys, connected) = tokio::join!(keys, config::connect(&storage));
        connected?;
        Ok(Self { storage, keys: keys?, door })
    }

    /// The database, for one request.
    pub fn database(&self) -> Session<'_> {
        self.storage.session()
    }

    /// The database, for all requests.
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// The keys as they were last read.
    pub fn current_keys(&self) -> Arc<Keys> {
        self.keys.current()
    }
}
