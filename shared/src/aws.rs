//! The configuration of the AWS SDK.

pub use aws_config::SdkConfig;
use aws_config::{BehaviorVersion, Region, environment::EnvironmentVariableCredentialsProvider};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use process::Environment;

/// Region, credentials and endpoints, from the variables that Lambda sets. The SDK's own loader
/// would also link and prepare what looks for them in files, containers and instances.
pub fn sdk_config(environment: &Environment) -> SdkConfig {
    let region = environment.get("AWS_REGION").map(|region| Region::new(region.to_owned()));
    let credentials = EnvironmentVariableCredentialsProvider::new();
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(region)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .service_config(Variables(environment.clone()))
        .build()
}

/// Settings of single services, such as `AWS_ENDPOINT_URL_SESV2`.
#[derive(Debug)]
struct Variables(Environment);

impl LoadServiceConfig for Variables {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().replace(' ', "_").to_uppercase();
        let of_service = format!("{}_{service}", key.env());
        self.0.get(&of_service).or_else(|| self.0.get(key.env())).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_has_an_endpoint_of_its_own_or_that_of_all() {
        let endpoint = |service: &str| {
            let variables = [
                ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://secrets"),
                ("AWS_ENDPOINT_URL", "http://all"),
            ];
            let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let key = ServiceConfigKey::builder().service_id(service).env("AWS_ENDPOINT_URL");
            let key = key.profile("endpoint_url").build().unwrap();
            let config = sdk_config(&Environment::of(&variables.into()));
            config.service_config().and_then(|found| found.load_config(key))
        };
        assert_eq!(endpoint("Secrets Manager").as_deref(), Some("http://secrets"));
        assert_eq!(endpoint("SESv2").as_deref(), Some("http://all"));
    }
}
