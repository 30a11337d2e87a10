//! Sends our emails through SES, and reports whether SES accepted them.

mod letterhead;
mod mail;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use aws_config::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_sesv2::{
    Client,
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{
            BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
        },
    },
    error::{BoxError, SdkError},
    operation::send_email::SendEmailError,
    types::{Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag},
};

use domain::{email::Email, sender::Sender};
use process::metrics::{self, Count, Measure};

use crate::aws::SdkConfig;
pub use letterhead::Letterhead;
pub use mail::{Mail, MailedCode};

/// The client of SES. Made once per function instance and used for every request.
pub struct Mailer {
    client: Client,
    settings: MailerSettings,
}

/// How emails are sent.
#[derive(Debug, Clone)]
pub struct MailerSettings {
    /// The sender, an identity that is verified in SES.
    pub from: Sender,
    /// The configuration set, if the operator has one.
    pub configuration_set: Option<String>,
}

/// What is known of an email after SES was asked to send it.
#[derive(Debug)]
pub enum SendOutcome {
    /// SES accepted it.
    Accepted,
    /// SES refused it: it will not arrive.
    Refused(MailError),
    /// It may or may not arrive.
    Unknown(MailError),
}

/// SES did not accept an email.
#[derive(Debug, thiserror::Error)]
#[error("SES did not accept the mail ({reason})")]
pub struct MailError {
    /// SES's error code, or the step that failed. SES's own messages are left out, because they
    /// name the recipient.
    reason: String,
}

impl Mailer {
    /// A client with our own deadlines.
    pub fn new(sdk: &SdkConfig, settings: MailerSettings) -> Self {
        // Less than five seconds in all. The second attempt is for a connection that died while the
        // function was frozen. If both attempts deliver, both emails carry the same code.
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_secs(2))
            .operation_timeout(Duration::from_millis(4500))
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(2)
            .with_initial_backoff(Duration::from_millis(100));
        let config = aws_sdk_sesv2::config::Builder::from(sdk)
            .timeout_config(timeouts)
            .retry_config(retries)
            .build();
        Self { client: Client::from_conf(config), settings }
    }

    /// Sends an email, and counts the outcome for operators.
    pub async fn send(&self, to: &Email, mail: Mail) -> SendOutcome {
        let started = Instant::now();
        let outcome = self.ask_ses(to, mail).await;
        metrics::measure(Measure::SesMilliseconds, started.elapsed().as_secs_f64() * 1000.0);
        metrics::count(match outcome {
            SendOutcome::Accepted => Count::MailsAccepted,
            SendOutcome::Refused(_) => Count::MailsRefused,
            SendOutcome::Unknown(_) => Count::MailsUnknown,
        });
        outcome
    }

    async fn ask_ses(&self, to: &Email, mail: Mail) -> SendOutcome {
        let content = match message(mail.subject, mail.text, mail.html) {
            Ok(message) => EmailContent::builder().simple(message).build(),
            Err(error) => return SendOutcome::Refused(error),
        };
        let tag = MessageTag::builder().name("mail").value(mail.kind).build();
        let tries = Tries::default();
        let outcome = self
            .client
            .send_email()
            .from_email_address(self.settings.from.to_string())
            .destination(Destination::builder().to_addresses(to.as_str()).build())
            .content(content)
            .set_configuration_set_name(self.settings.configuration_set.clone())
            .set_email_tags(tag.ok().map(|tag| vec![tag]))
            .customize()
            .interceptor(tries.clone())
            .send()
            .await;
        match outcome {
            Ok(_) => SendOutcome::Accepted,
            Err(error) if tries.were_all_refused() => SendOutcome::Refused(reason(&error)),
            Err(error) => SendOutcome::Unknown(reason(&error)),
        }
    }
}

/// The outcome of each attempt to send one email. The SDK reports the last one only, but an email
/// whose first attempt timed out may arrive even if SES refuses the second.
#[derive(Debug, Default, Clone)]
struct Tries {
    sent: Arc<AtomicU32>,
    refused: Arc<AtomicU32>,
}

impl Tries {
    /// Only a 4xx answer is a refusal. If nothing was sent, nothing can arrive either.
    fn were_all_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed) == self.sent.load(Ordering::Relaxed)
    }
}

impl Intercept for Tries {
    fn name(&self) -> &'static str {
        "Tries"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().status().is_client_error() {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

fn reason(error: &SdkError<SendEmailError>) -> MailError {
    let reason = match error {
        SdkError::ServiceError(error) => error.err().meta().code().unwrap_or("no code").to_owned(),
        SdkError::ConstructionFailure(_) => "the request could not be made".to_owned(),
        SdkError::TimeoutError(_) => "timed out".to_owned(),
        SdkError::DispatchFailure(_) => "the connection failed".to_owned(),
        _ => "the answer could not be read".to_owned(),
    };
    MailError { reason }
}

fn message(subject: String, text: String, html: String) -> Result<Message, MailError> {
    let incomplete = || MailError { reason: "the mail lacks a part".to_owned() };
    let content = |data: String| {
        Content::builder().data(data).charset("UTF-8").build().map_err(|_| incomplete())
    };
    let body = Body::builder().text(content(text)?).html(content(html)?).build();
    // No mailbox answers it with a note that its owner is away (RFC 3834 §5).
    let header = MessageHeader::builder().name("Auto-Submitted").value("auto-generated");
    let header = header.build().map_err(|_| incomplete())?;
    Ok(Message::builder().subject(content(subject)?).body(body).headers(header).build())
}
