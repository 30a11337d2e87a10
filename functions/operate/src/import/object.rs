//! Lines of an object in S3, read as they come: whatever its size, little of it is in memory.

use std::time::Duration;

use aws_sdk_s3::{
    Client,
    config::{StalledStreamProtectionConfig, retry::RetryConfig, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata as _, SdkError},
    operation::get_object::GetObjectError,
    primitives::{ByteStream, ByteStreamError},
};
use shared::aws::SdkConfig;
use tokio::time::timeout;

/// As much as the body of a request. A person takes 400 bytes at most, unless there is more to it.
const LONGEST_LINE: usize = 8 * 1024;

/// Between two pieces of an object.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where an object is.
pub(crate) struct Location {
    bucket: String,
    key: String,
}

/// Why an object could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ObjectError {
    /// S3 said so. Who may not list a bucket is told 403 for what is not there, too.
    #[error("S3 does not give the object ({0}): is it there, and may this function read it?")]
    Refused(String),
    /// It did not say anything.
    #[error("S3 cannot be asked: can it be reached, and are there a region and credentials?")]
    NoAnswer,
    /// The connection ended, or what came is not what was stored.
    #[error("the object broke off")]
    BrokeOff(#[source] ByteStreamError),
    /// The connection is there, but nothing comes.
    #[error("S3 fell silent in the middle of the object")]
    Silent,
}

/// The lines of an object, without what ends them.
pub(crate) struct Lines {
    body: ByteStream,
    has_ended: bool,
    /// What has come and was not yet given out, from `start` on.
    buffer: Vec<u8>,
    start: usize,
    /// The line that is being read is too long. What came of it is forgotten.
    is_too_long: bool,
}

/// A line, or that it was too long.
pub(crate) type Line = Option<Vec<u8>>;

/// A client with deadlines of our own.
fn client(sdk: &SdkConfig) -> Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(5))
        .operation_timeout(Duration::from_secs(12))
        .build();
    let config = aws_sdk_s3::config::Builder::from(sdk)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard())
        // [`PATIENCE`] is ours, and says what happened.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    Client::from_conf(config)
}

impl Location {
    /// Reads `s3://bucket/key`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (bucket, key) = text.strip_prefix("s3://")?.split_once('/')?;
        let is_complete = !bucket.is_empty() && !key.is_empty();
        is_complete.then(|| Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }
}

impl Lines {
    pub(crate) async fn open(sdk: &SdkConfig, location: &Location) -> Result<Self, ObjectError> {
        let Location { bucket, key } = location;
        // In a box: the compiler does not look through all the layers of the SDK and ours at once.
        let object = Box::pin(client(sdk).get_object().bucket(bucket).key(key).send()).await;
        let body = object.map_err(|error| reason(&error))?.body;
        Ok(Self { body, has_ended: false, buffer: Vec::new(), start: 0, is_too_long: false })
    }

    /// The next line; nothing at the end. A last line need not be ended.
    pub(crate) async fn next(&mut self) -> Result<Option<Line>, ObjectError> {
        loop {
            let rest = &self.buffer[self.start..];
            if let Some(length) = rest.iter().position(|byte| *byte == b'\n') {
                let line = rest[..length].to_vec();
                self.start += length + 1;
                return Ok(Some(self.unless_too_long(line)));
            }
            if self.has_ended {
                let line = std::mem::take(&mut self.buffer).split_off(self.start);
                self.start = 0;
                let is_line = self.is_too_long || !line.is_empty();
                return Ok(is_line.then(|| self.unless_too_long(line)));
            }
            self.read().await?;
        }
    }

    fn unless_too_long(&mut self, line: Vec<u8>) -> Line {
        let is_too_long = std::mem::take(&mut self.is_too_long) || line.len() > LONGEST_LINE;
        (!is_too_long).then_some(line)
    }

    /// Reads on. The line so far moves to the front, or is forgotten when it is too long already.
    async fn read(&mut self) -> Result<(), ObjectError> {
        self.is_too_long |= self.buffer.len() - self.start > LONGEST_LINE;
        let kept = if self.is_too_long { self.buffer.len() } else { self.start };
        self.buffer.drain(..kept);
        self.start = 0;
        let piece = timeout(PATIENCE, self.body.try_next()).await;
        match piece.map_err(|_| ObjectError::Silent)?.map_err(ObjectError::BrokeOff)? {
            Some(piece) => self.buffer.extend_from_slice(&piece),
            None => self.has_ended = true,
        }
        Ok(())
    }
}

fn reason(error: &SdkError<GetObjectError>) -> ObjectError {
    match error.as_service_error() {
        // Its message may hold the key, the code never does.
        Some(error) => ObjectError::Refused(error.code().unwrap_or("no reason").to_owned()),
        None => ObjectError::NoAnswer,
    }
}
