//! SES: hands our mails off, and tells whether it took them.

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
    types::{Body, Content, Destination, EmailContent, Message, MessageTag},
};

use domain::email::Email;
use process::metrics::{self, Count, Measure};

use crate::aws::SdkConfig;
pub use mail::{Links, Mail};

/// The mail service. Made once per function instance, used by every request it serves.
pub struct Mailer {
    client: Client,
    settings: MailerSettings,
}

/// How our mails leave.
#[derive(Debug, Clone)]
pub struct MailerSettings {
    /// Who they come from, an identity that SES knows.
    pub from: String,
    /// The configuration set, when there is one.
    pub configuration_set: Option<String>,
}

/// What is known of a mail once SES was asked to send it.
#[derive(Debug)]
pub enum SendOutcome {
    /// SES has it.
    Accepted,
    /// SES said no: it is not on its way.
    Refused(MailError),
    /// It may arrive or not.
    Unknown(MailError),
}

/// A mail was not accepted.
#[derive(Debug, thiserror::Error)]
#[error("SES did not accept the mail ({reason})")]
pub struct MailError {
    /// SES's error code, or how far the request came. Nothing that names the recipient: SES's
    /// own messages do, so they are left out.
    reason: String,
}

impl Mailer {
    /// A client for SES with deadlines of our own.
    pub fn new(sdk: &SdkConfig, settings: MailerSettings) -> Self {
        // In all at most five seconds. The second attempt is for a connection that died while
        // the function was frozen; should it deliver twice, both mails carry the same code.
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

    /// Hands a mail off, and tells operators how that went.
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
            .from_email_address(&self.settings.from)
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

/// What came of each try of one mail. The SDK tells of the last one only, but a mail whose first
/// try timed out may arrive, even if SES refuses the second.
#[derive(Debug, Default, Clone)]
struct Tries {
    sent: Arc<AtomicU32>,
    refused: Arc<AtomicU32>,
}

impl Tries {
    /// Only an answer with a 4xx is a refusal. Without any try, too, nothing is on its way.
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
    let content = |data: String| {
        Content::builder()
            .data(data)
            .charset("UTF-8")
            .build()
            .map_err(|_| MailError { reason: "the mail has no content".to_owned() })
    };
    let body = Body::builder().text(content(text)?).html(content(html)?).build();
    Ok(Message::builder().subject(content(subject)?).body(body).build())
}
