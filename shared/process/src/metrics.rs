//! Metrics, on standard output in CloudWatch's embedded metric format: a line per request, and another
//! for a 5xx. A line has names, units, the function and its version, and no personal data.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::{io, sync::OnceLock};

use metrics::{Unit, counter, describe_histogram, histogram};
use metrics_cloudwatch_embedded::{Builder, Collector};
use strum::{IntoStaticStr, VariantArray};

use crate::Environment;

/// The namespace in CloudWatch.
pub const NAMESPACE: &str = "Registration";

#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Measure {
    /// How long SES took for an email, accepted or not.
    SesMilliseconds,
    /// The age of a code when it activates its account: how much of the minute people need.
    ActivationSeconds,
}

impl Count {
    /// Its name in CloudWatch.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl Measure {
    /// Its name in CloudWatch.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Counts one.
pub fn count(what: Count) {
    counter!(what.name()).increment(1);
}

/// Counts a 5xx under the version that answered it: the alarm that rolls back a deployment must not
/// see the failures of the previous version.
pub fn count_failed_request() {
    let version = VERSION.get().cloned().unwrap_or_default();
    counter!(Count::FailedRequests.name(), "version" => version).increment(1);
}

/// Counts several at once.
pub fn count_many(what: Count, number: u64) {
    counter!(what.name()).increment(number);
}

/// Records a value.
pub fn measure(what: Measure, value: f64) {
    histogram!(what.name()).record(value);
}

/// The version of the function that this process runs.
static VERSION: OnceLock<String> = OnceLock::new();

/// The metrics of this process.
#[derive(Clone, Copy)]
pub struct Metrics(&'static Collector);

impl Metrics {
    /// Starts counting, under the function's deployed name: stages in one AWS account must not
    /// mix. Before this call, as in most tests, nothing is counted.
    pub fn start(environment: &Environment) -> Self {
        let function = environment.get("AWS_LAMBDA_FUNCTION_NAME").unwrap_or("none").to_owned();
        let version = environment.get("AWS_LAMBDA_FUNCTION_VERSION").unwrap_or("none");
        VERSION.get_or_init(|| version.to_owned());
        let collector = Builder::new()
            .cloudwatch_namespace(NAMESPACE)
            .with_dimension("function", function)
            .init()
            .expect("it has a namespace, and a process calls this once");
        describe_histogram!(Measure::SesMilliseconds.name(), Unit::Milliseconds, "");
        describe_histogram!(Measure::ActivationSeconds.name(), Unit::Seconds, "");
        count(Count::ColdStarts);
        Self(collector)
    }

    /// Prints what was counted since the last call, if anything.
    pub fn flush(&self) {
        // If standard output is closed, there is nothing to do about it.
        let _ = self.0.flush(io::stdout().lock());
    }
}
