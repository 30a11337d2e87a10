//! What operators watch: a line of CloudWatch's embedded metric format per request, and another for an
//! answer of 5xx, on standard output. It holds names, units, the function and its version, and no
//! personal data.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::{io, sync::OnceLock};

use metrics::{Unit, counter, describe_histogram, histogram};
use metrics_cloudwatch_embedded::{Builder, Collector};

use crate::Environment;

/// The namespace in CloudWatch.
pub const NAMESPACE: &str = "Registration";

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    Registrations,
    Resends,
    MailsAccepted,
    MailsRefused,
    MailsUnknown,
    Activations,
    CodesIncorrect,
    CodesExpired,
    CodesExhausted,
    GuessBudgetsSpent,
    LimitsHit,
    PasswordFailures,
    DatabaseUnavailable,
    MailUnavailable,
    InternalErrors,
    FailedRequests,
    ColdStarts,
    PurgedRows,
    SignIns,
    PasswordsChanged,
    AccountsDeleted,
    ImportedAccounts,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// How long SES took for a mail, whatever came of it.
    SesMilliseconds,
    /// From the mail to the activation: how much of the minute people need.
    ActivationSeconds,
}

impl Count {
    /// Its name in CloudWatch.
    pub fn name(self) -> &'static str {
        match self {
            Self::Registrations => "registrations",
            Self::Resends => "resends",
            Self::MailsAccepted => "mails_accepted",
            Self::MailsRefused => "mails_refused",
            Self::MailsUnknown => "mails_unknown",
            Self::Activations => "activations",
            Self::CodesIncorrect => "codes_incorrect",
            Self::CodesExpired => "codes_expired",
            Self::CodesExhausted => "codes_exhausted",
            Self::GuessBudgetsSpent => "guess_budgets_spent",
            Self::LimitsHit => "limits_hit",
            Self::PasswordFailures => "password_failures",
            Self::DatabaseUnavailable => "database_unavailable",
            Self::MailUnavailable => "mail_unavailable",
            Self::InternalErrors => "internal_errors",
            Self::FailedRequests => "failed_requests",
            Self::ColdStarts => "cold_starts",
            Self::PurgedRows => "purged_rows",
            Self::SignIns => "sign_ins",
            Self::PasswordsChanged => "passwords_changed",
            Self::AccountsDeleted => "accounts_deleted",
            Self::ImportedAccounts => "imported_accounts",
        }
    }
}

impl Measure {
    /// Its name in CloudWatch.
    pub fn name(self) -> &'static str {
        match self {
            Self::SesMilliseconds => "ses_milliseconds",
            Self::ActivationSeconds => "activation_seconds",
        }
    }
}

/// Counts one.
pub fn count(what: Count) {
    counter!(what.name()).increment(1);
}

/// Counts an answer of 5xx, by the version that gave it: the alarm that takes a deployment back must
/// not hear of the version before.
pub fn count_failed_request() {
    let version = VERSION.get().cloned().unwrap_or_default();
    counter!(Count::FailedRequests.name(), "version" => version).increment(1);
}

/// Counts so many.
pub fn count_many(what: Count, number: u64) {
    counter!(what.name()).increment(number);
}

/// Notes a value.
pub fn measure(what: Measure, value: f64) {
    histogram!(what.name()).record(value);
}

/// The version of the function that this process runs.
static VERSION: OnceLock<String> = OnceLock::new();

/// The metrics of this process.
#[derive(Clone, Copy)]
pub struct Metrics(&'static Collector);

impl Metrics {
    /// Starts counting, by the name that the function was deployed under: stages of one account
    /// must not mix. Until then, as in most tests, nothing is counted.
    pub fn start(environment: &Environment) -> Self {
        let function = environment.get("AWS_LAMBDA_FUNCTION_NAME").unwrap_or("none").to_owned();
        let version = environment.get("AWS_LAMBDA_FUNCTION_VERSION").unwrap_or("none");
        VERSION.get_or_init(|| version.to_owned());
        let collector = Builder::new()
            .cloudwatch_namespace(NAMESPACE)
            .with_dimension("function", function)
            .init()
            .expect("it has a namespace, and a process starts this once");
        describe_histogram!(Measure::SesMilliseconds.name(), Unit::Milliseconds, "");
        describe_histogram!(Measure::ActivationSeconds.name(), Unit::Seconds, "");
        count(Count::ColdStarts);
        Self(collector)
    }

    /// Prints what has been counted since the last time; nothing if that is nothing.
    pub fn flush(&self) {
        // Nobody could do anything about an output that is gone.
        let _ = self.0.flush(io::stdout().lock());
    }
}
