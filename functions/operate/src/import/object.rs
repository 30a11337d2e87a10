//! The lines of an object in S3, read as they arrive: memory use does not depend on its size.

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

/// In bytes, like the maximum body of a request. A person needs 400 bytes at most.
const MAX_LINE: usize = 8 * 1024;

/// The longest wait between two pieces of an object.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct Location {
    bucket: String,
    key: String,
}

/// Why an object could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ObjectError {
    /// S3 also answers 403 for a missing object if the function may not list the bucket.
    #[error("S3 refuses the object ({0}): does it exist, and may this function read it?")]
    Refused(String),
    #[error("S3 does not answer: is it reachable, and are region and credentials set?")]
    NoAnswer,
    /// The connection ended, or a checksum did not match.
    #[error("the object broke off")]
    BrokeOff(#[source] ByteStreamError),
    /// The connection is open, but nothing arrives.
    #[error("S3 fell silent in the middle of the object")]
    Silent,
}

/// The lines of an object, without their line ends.
pub(crate) struct Lines {
    body: ByteStream,
    has_ended: bool,
    /// What has arrived. Everything before `start` was returned already.
    buffer: Vec<u8>,
    start: usize,
    /// The current line is too long, and its bytes so far are discarded.
    is_too_long: bool,
}

/// A line; `None` if it was too long.
pub(crate) type Line = Option<Vec<u8>>;

fn client(sdk: &SdkConfig) -> Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(5))
        .operation_timeout(Duration::from_secs(12))
        .build();
    let config = aws_sdk_s3::config::Builder::from(sdk)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard())
        // [`PATIENCE`] replaces it, with an error that says what happened.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    Client::from_conf(config)
}

impl Location {
    /// Parses `s3://bucket/key`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (bucket, key) = text.strip_prefix("s3://")?.split_once('/')?;
        let is_complete = !bucket.is_empty() && !key.is_empty();
        is_complete.then(|| Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }
}

impl Lines {
    pub(crate) async fn open(sdk: &SdkConfig, location: &Location) -> Result<Self, ObjectError> {
        let Location { bucket, key } = location;
        // Boxed, because the nested futures of the SDK and ours exceed the compiler's recursion
        // limit.
        let object = Box::pin(client(sdk).get_object().bucket(bucket).key(key).send()).await;
        let body = object.map_err(|error| reason(&error))?.body;
        Ok(Self { body, has_ended: false, buffer: Vec::new(), start: 0, is_too_long: false })
    }

    /// The next line; `None` at the end. The last line need not end with a line feed.
    pub(crate) async fn next(&mut self) -> Result<Option<Line>, ObjectError> {
        loop {
            let rest = &self.buffer[self.start..];
            if let Some(length) = rest.iter().position(|byte| *byte == b'\n') {
                let line = rest[..length].to_vec();
                self.start += length + 1;
                return Ok(Some(self.check_length(line)));
            }
            if self.has_ended {
                let line = std::mem::take(&mut self.buffer).split_off(self.start);
                self.start = 0;
                let is_line = self.is_too_long || !line.is_empty();
                return Ok(is_line.then(|| self.check_length(line)));
            }
            self.read().await?;
        }
    }

    fn check_length(&mut self, line: Vec<u8>) -> Line {
        let is_too_long = std::mem::take(&mut self.is_too_long) || line.len() > MAX_LINE;
        (!is_too_long).then_some(line)
    }

    /// Reads the next piece. Moves the current line to the front of the buffer, or discards it if
    /// it is already too long.
    async fn read(&mut self) -> Result<(), ObjectError> {
        self.is_too_long |= self.buffer.len() - self.start > MAX_LINE;
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
        // The message may contain the object's key; the code never does.
        Some(error) => ObjectError::Refused(error.code().unwrap_or("no reason").to_owned()),
        None => ObjectError::NoAnswer,
    }
}
