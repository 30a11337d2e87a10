//! S3 on the wire: gives objects, or fails as S3 and networks fail.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws_config::SdkConfig;
use tokio::{
    io::{AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

use super::{
    exchange::{read_request, write_answer},
    ses::sdk_config_for,
};

/// How it gives an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// From the first byte to the last.
    Whole,
    /// Not at all, but with this status and error code.
    Refused(u16, &'static str),
    /// The connection ends after so many bytes.
    CutAfter(usize),
    /// After so many bytes nothing comes any more.
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
    objects: HashMap<String, Arc<[u8]>>,
    delivery: Delivery,
    asked: usize,
}

impl FakeS3 {
    /// Starts one on a free port, with nothing in it.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let state = State { objects: HashMap::new(), delivery: Delivery::Whole, asked: 0 };
        let s3 = Self { state: Arc::new(Mutex::new(state)), url };
        let serving = s3.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let s3 = serving.clone();
                tokio::spawn(async move { s3.serve(stream).await });
            }
        });
        s3
    }

    /// Keeps an object, and says where it is: `s3://…`.
    pub fn holds(&self, content: impl Into<Vec<u8>>) -> String {
        self.lock().objects.insert("/imports/users.jsonl".to_owned(), content.into().into());
        "s3://imports/users.jsonl".to_owned()
    }

    /// From now on it gives objects like this.
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
    pub async fn sdk_config(&self) -> SdkConfig {
        sdk_config_for(&self.url).await
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(&self, stream: TcpStream) -> Option<()> {
        let mut stream = BufReader::new(stream);
        loop {
            let request = read_request(&mut stream).await?;
            let path = request.path.split('?').next().unwrap_or_default();
            let (object, delivery) = {
                let mut state = self.lock();
                state.asked += 1;
                (state.objects.get(path).cloned(), state.delivery)
            };
            let refusal = match (delivery, &object) {
                (Delivery::Refused(status, code), _) => Some((status, code)),
                (_, None) => Some((404, "NoSuchKey")),
                _ => None,
            };
            if let Some((status, code)) = refusal {
                let body = format!("<Error><Code>{code}</Code><Message>{path}</Message></Error>");
                write_answer(&mut stream, status, "content-type: application/xml\r\n", &body)
                    .await?;
            } else {
                deliver(stream.get_mut(), &object?, delivery).await?;
            }
        }
    }
}

/// Nothing if the connection is not to be used any more.
async fn deliver(stream: &mut TcpStream, object: &[u8], delivery: Delivery) -> Option<()> {
    let checksum = match delivery {
        Delivery::Changed => "x-amz-checksum-crc32: AAAAAA==\r\n",
        _ => "",
    };
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{checksum}\r\n", object.len());
    stream.write_all(head.as_bytes()).await.ok()?;
    let (Delivery::CutAfter(length) | Delivery::SilentAfter(length)) = delivery else {
        return stream.write_all(object).await.ok();
    };
    stream.write_all(&object[..length]).await.ok()?;
    if delivery == Delivery::SilentAfter(length) {
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    None
}
