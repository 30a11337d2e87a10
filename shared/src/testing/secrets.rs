//! Secrets Manager on the wire: holds one secret, or is silent.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_config::SdkConfig;
use serde_json::json;
use tokio::{
    io::BufReader,
    net::{TcpListener, TcpStream},
};

use super::{
    exchange::{read_request, write_answer},
    ses::sdk_config_for,
};

/// A fake Secrets Manager of one test.
#[derive(Clone)]
pub struct FakeSecretsManager {
    state: Arc<Mutex<State>>,
    url: String,
}

struct State {
    /// Nothing: it takes requests and never answers.
    secret: Option<String>,
    asked: usize,
}

impl FakeSecretsManager {
    /// Starts one on a free port, holding this secret.
    pub async fn holding(secret: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let state = State { secret: Some(secret.to_owned()), asked: 0 };
        let secrets = Self { state: Arc::new(Mutex::new(state)), url };
        let state = Arc::clone(&secrets.state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&state)));
            }
        });
        secrets
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
    pub async fn sdk_config(&self) -> SdkConfig {
        sdk_config_for(&self.url).await
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(stream: TcpStream, state: Arc<Mutex<State>>) {
    let mut stream = BufReader::new(stream);
    while read_request(&mut stream).await.is_some() {
        let secret = {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            state.asked += 1;
            state.secret.clone()
        };
        let Some(secret) = secret else {
            return tokio::time::sleep(Duration::from_mins(1)).await;
        };
        let body = json!({ "Name": "secret-key", "SecretString": secret }).to_string();
        let headers = "content-type: application/x-amz-json-1.1\r\n";
        if write_answer(&mut stream, 200, headers, &body).await.is_none() {
            return;
        }
    }
}
