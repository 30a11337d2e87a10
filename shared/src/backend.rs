//! What every function with routes and a database needs.

use process::{Environment, SettingError};
use web::Door;

use crate::{
    aws::SdkConfig,
    config, hashing,
    secret_key::SecretKey,
    storage::{Database, Pool},
};

/// Created once per function instance and shared by every request that it serves.
pub struct Backend {
    pub pool: Pool,
    pub keys: SecretKey,
    pub door: Door,
}

impl Backend {
    /// Connects to the database, reads the secret key and prepares to hash passwords, at the same time.
    pub async fn start(
        environment: &Environment,
        sdk_config: &SdkConfig,
    ) -> Result<Self, SettingError> {
        hashing::start();
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
