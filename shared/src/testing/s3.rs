//! A fake S3 on the wire: delivers objects, or fails as S3 and networks fail.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_config::SdkConfig;
use futures_util::future::ready;
use hyper::{Request, body::Bytes};

use super::{
    exchange::{Reply, cut, part, serve, silence, whole},
    ses::sdk_config_for,
};

/// How it delivers an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// From the first byte to the last.
    Whole,
    /// Not at all, but with this status and error code.
    Refused(u16, &'static str),
    /// The connection ends after this many bytes.
    CutAfter(usize),
    /// Nothing follows after this many bytes.
    SilentAfter(usize),
    /// With a checksum of something else.
    Changed,
}

/// A fake S3 of one test.
#[derive(Clone)]
pub struct FakeS3 {
    state: Arc<Mutex<State>>,
    url: String,
}

struct State {
    /// By path: `/bucket/key`.
    objects: HashMap<String, Bytes>,
    delivery: Delivery,
    asked: usize,
}

impl FakeS3 {
    /// Starts an empty one on a free port.
    pub async fn start() -> Self {
        let state = State { objects: HashMap::new(), delivery: Delivery::Whole, asked: 0 };
        let state = Arc::new(Mutex::new(state));
        let served = Arc::clone(&state);
        let address = serve(move |request| ready(Ok(reply(&served, &request)))).await;
        Self { state, url: format!("http://{address}") }
    }

    /// Stores an object and returns its address, `s3://…`.
    pub fn holds(&self, content: impl Into<Vec<u8>>) -> String {
        self.lock().objects.insert("/imports/users.jsonl".to_owned(), content.into().into());
        "s3://imports/users.jsonl".to_owned()
    }

    /// Sets how it delivers from now on.
    pub fn delivers(&self, delivery: Delivery) {
        self.lock().delivery = delivery;
    }

    /// How often it was asked, retries included.
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

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn reply(state: &Mutex<State>, request: &Request<Bytes>) -> Reply {
    let path = request.uri().path();
    let (object, delivery) = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.asked += 1;
        (state.objects.get(path).cloned(), state.delivery)
    };
    match (delivery, object) {
        (Delivery::Refused(status, code), _) => refuse(status, code, path),
        (_, None) => refuse(404, "NoSuchKey", path),
        (Delivery::Whole, Some(object)) => whole(200, &[], object),
        (Delivery::Changed, Some(object)) => {
            whole(200, &[("x-amz-checksum-crc32", "AAAAAA==")], object)
        }
        (Delivery::CutAfter(length), Some(object)) => part(&object, length, cut()),
        (Delivery::SilentAfter(length), Some(object)) => part(&object, length, silence()),
    }
}

fn refuse(status: u16, code: &str, path: &str) -> Reply {
    let body = format!("<Error><Code>{code}</Code><Message>{path}</Message></Error>");
    whole(status, &[("content-type", "application/xml")], body)
}
