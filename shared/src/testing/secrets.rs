//! A fake Secrets Manager on the wire: holds one secret, or is silent.

use std::sync::{Arc, Mutex, PoisonError};

use aws_config::SdkConfig;
use serde_json::json;

use super::{
    exchange::{HangUp, Reply, serve, silence, whole},
    ses::sdk_config_for,
};

/// A fake Secrets Manager of one test.
#[derive(Clone)]
pub struct FakeSecretsManager {
    state: Arc<Mutex<State>>,
    url: String,
}

struct State {
    /// If `None`, it takes requests and never answers.
    secret: Option<String>,
    asked: usize,
}

impl FakeSecretsManager {
    /// Starts one on a free port, with this secret.
    pub async fn holding(secret: &str) -> Self {
        let state = State { secret: Some(secret.to_owned()), asked: 0 };
        let state = Arc::new(Mutex::new(state));
        let served = Arc::clone(&state);
        let address = serve(move |_| reply(Arc::clone(&served))).await;
        Self { state, url: format!("http://{address}") }
    }

    /// From now on it holds this.
    pub fn holds(&self, secret: &str) {
        self.lock().secret = Some(secret.to_owned());
    }

    /// From now on it takes requests and never answers.
    pub fn falls_silent(&self) {
        self.lock().secret = None;
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.lock().asked
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The SDK's configuration, as the environment would give it.
    pub fn sdk_config(&self) -> SdkConfig {
        sdk_config_for(&self.url)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn reply(state: Arc<Mutex<State>>) -> Result<Reply, HangUp> {
    let secret = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.asked += 1;
        state.secret.clone()
    };
    let Some(secret) = secret else { return Err(silence().await) };
    let body = json!({ "Name": "secret-key", "SecretString": secret }).to_string();
    Ok(whole(200, &[("content-type", "application/x-amz-json-1.1")], body))
}
