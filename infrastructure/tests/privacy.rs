//! No header, no body, no address and no secret in a log, a metric or an environment.

use serde_json::{Value, json};

use crate::templates::{TEMPLATES, plain, resource, resources, text, yaml};

/// The fields of the access log. None holds the caller's text or address.
const LOGGED: [&str; 12] = [
    "requestId",
    "requestTime",
    "httpMethod",
    "resourcePath",
    "status",
    "integration.status",
    "responseLatency",
    "integration.latency",
    "responseLength",
    "tlsVersion",
    "waf.status",
    "protocol",
];

#[test]
fn the_access_log_holds_nothing_of_the_caller() {
    let format = plain(&resource("Api")["AccessLogSetting"]["Format"]);
    let mut fields: serde_json::Map<String, Value> = serde_json::from_str(&format).unwrap();
    assert_eq!(fields.remove("domain"), Some(json!("${DomainName}")), "our own");
    for (name, value) in fields {
        let variable = value.as_str().unwrap().strip_prefix("$context.").unwrap();
        assert!(LOGGED.contains(&variable), "{name} is {variable}");
    }
}

#[test]
fn the_execution_log_is_off() {
    let settings = resource("Api")["MethodSettings"].as_array().unwrap().clone();
    assert_eq!(settings[0]["ResourcePath"], "/*");
    for setting in settings {
        assert_eq!(setting["LoggingLevel"], "OFF");
        assert_eq!(setting["DataTraceEnabled"], false);
    }
    assert_eq!(resource("Api")["TracingEnabled"], Value::Null);
}

#[test]
fn no_template_asks_for_an_error_text_or_a_header() {
    for path in TEMPLATES {
        let text = text(path);
        for word in ["$context.error", "$context.authorizer", "$input", "method.request.header"] {
            assert!(!text.contains(word), "{path} names {word}");
        }
    }
}

#[test]
fn every_log_ends_and_is_encrypted() {
    for (name, log) in resources("AWS::Logs::LogGroup") {
        assert_eq!(plain(&log["RetentionInDays"]), "${LogRetentionDays}", "{name}");
        assert!(plain(&log["KmsKeyId"]).starts_with("${Key"), "{name}");
    }
    for (name, function) in resources("AWS::Serverless::Function") {
        let log = &function["LoggingConfig"]["LogGroup"];
        assert_eq!(log, &json!({ "Ref": format!("{name}Log") }), "{name} has a log of its own");
    }
}

#[test]
fn the_firewall_keeps_no_credentials_and_no_samples() {
    let firewall = yaml("infrastructure/firewall.yaml");
    let logging = &firewall["Resources"]["Logging"]["Properties"];
    for header in ["authorization", "cookie", "x-end-user-address"] {
        let redacted = json!({ "SingleHeader": { "Name": header } });
        assert!(logging["RedactedFields"].as_array().unwrap().contains(&redacted), "{header}");
    }
    assert_eq!(logging["LoggingFilter"]["DefaultBehavior"], "DROP");
    let text = text("infrastructure/firewall.yaml");
    assert!(!text.contains("SampledRequestsEnabled: true"));
    assert_eq!(
        text.matches("VisibilityConfig").count(),
        text.matches("SampledRequestsEnabled: false").count()
    );
}

#[test]
fn the_database_logs_no_values() {
    let database = yaml("infrastructure/database.yaml");
    let settings = &database["Resources"]["Settings"]["Properties"]["Parameters"];
    assert_eq!(settings["rds.force_ssl"], "1");
    assert_eq!(settings["log_statement"], "none");
    assert_eq!(settings["log_error_verbosity"], "terse");
    assert_eq!(settings["log_parameter_max_length"], "0");
    assert_eq!(settings["log_parameter_max_length_on_error"], "0");
}

#[test]
fn imports_are_ours_alone_and_gone_within_a_week() {
    let buckets = resources("AWS::S3::Bucket");
    assert_eq!(buckets.len(), 1, "another bucket needs its own story");
    let bucket = &buckets[0].1;
    let public = bucket["PublicAccessBlockConfiguration"].as_object().unwrap();
    assert_eq!(public.values().filter(|blocks| **blocks == true).count(), 4);
    let encryption = &bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0];
    let ours = json!({ "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": { "Fn::GetAtt": "Key.Arn" } });
    assert_eq!(encryption["ServerSideEncryptionByDefault"], ours);
    let rules = bucket["LifecycleConfiguration"]["Rules"].as_array().unwrap();
    assert_eq!((rules.len(), &rules[0]["ExpirationInDays"]), (1, &json!(7)));
    assert_eq!(rules[0]["Status"], "Enabled");
    // All objects, not only those with a prefix or a tag.
    assert_eq!(rules[0].as_object().unwrap().len(), 4);
    // With versioning, deleted objects would remain.
    assert_eq!(bucket["VersioningConfiguration"], Value::Null);

    let policy = resource("ImportsPolicy");
    assert_eq!(policy["Bucket"], json!({ "Ref": "Imports" }));
    // The policy denies unencrypted requests to every principal, and allows nothing.
    let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap();
    assert_eq!((statements.len(), &statements[0]["Effect"]), (1, &json!("Deny")));
    assert_eq!(statements[0]["Condition"], json!({ "Bool": { "aws:SecureTransport": "false" } }));
    assert_eq!(
        (&statements[0]["Principal"], &statements[0]["Action"]),
        (&json!("*"), &json!("s3:*"))
    );
    let everything =
        [json!({ "Fn::GetAtt": "Imports.Arn" }), json!({ "Fn::Sub": "${Imports.Arn}/*" })];
    assert_eq!(statements[0]["Resource"], json!(everything));
}

#[test]
fn no_mail_event_goes_anywhere_but_to_metrics() {
    for (name, destination) in resources("AWS::SES::ConfigurationSetEventDestination") {
        let destination = destination["EventDestination"].as_object().unwrap();
        assert!(destination.contains_key("CloudWatchDestination"), "{name}");
        for elsewhere in ["SnsDestination", "KinesisFirehoseDestination", "EventBridgeDestination"]
        {
            assert!(!destination.contains_key(elsewhere), "{name}");
        }
        // A tag that no email has, so there is only one time series.
        let dimensions = &destination["CloudWatchDestination"]["DimensionConfigurations"];
        assert_eq!(dimensions[0]["DimensionName"], "service", "{name}");
        assert_eq!(dimensions.as_array().unwrap().len(), 1, "{name}");
    }
}

#[test]
fn no_environment_variable_holds_a_secret() {
    for (function, properties) in resources("AWS::Serverless::Function") {
        let variables = &properties["Environment"]["Variables"];
        let Value::Object(variables) = variables else { continue };
        for (name, value) in variables {
            let text = plain(value);
            match name.as_str() {
                // On a developer's machine only; elsewhere the variable is absent.
                "SECRET_KEY" | "AWS_ENDPOINT_URL_SESV2" => {
                    let absent = json!({ "Ref": "AWS::NoValue" });
                    let local = json!(["IsLocal", "set by dev/sam-local.json", absent]);
                    assert_eq!(value["Fn::If"], local, "{function} {name}");
                }
                "SECRET_KEY_ARN" => assert_eq!(*value, json!({ "Ref": "SecretKey" })),
                // A user without a password.
                "DATABASE_URL" => {
                    let credentials = text.split_once("//").unwrap().1.split_once('@').unwrap().0;
                    assert!(!credentials.contains(':'), "{function}: {text}");
                    assert!(text.ends_with("?sslmode=require"), "{function}: {text}");
                }
                _ => {
                    // Limits on passwords are numbers.
                    let name = name.replace("PASSWORD_FAILURES", "").replace("PASSWORD_MIN", "");
                    let suspicious = ["SECRET", "PASSWORD", "TOKEN", "KEY"];
                    assert!(!suspicious.iter().any(|it| name.contains(it)), "{function} {name}");
                    assert!(!text.contains("{{resolve:"), "{function} {name}: {text}");
                }
            }
        }
    }
}
