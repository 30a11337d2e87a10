//! What every function with routes and a database starts with.

use process::{Environment, SettingError};
use web::Door;

use crate::{
    aws::SdkConfig,
    config,
    secret_key::SecretKey,
    storage::{Database, Pool},
};

/// Made once per instance, used by every request it serves.
pub struct Backend {
    /// The way to the database.
    pub pool: Pool,
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
        let pool = Pool::new(config::database(environment, sdk_config)?);
        let keys = SecretKey::load(environment, sdk_config);
        let (keys, connected) = tokio::join!(keys, config::connect(&pool));
        connected?;
        Ok(Self { pool, keys: keys?, door })
    }

    /// The database, for one request.
    pub fn database(&self) -> Database<'_> {
        self.pool.database()
    }
}
