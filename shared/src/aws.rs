//! The configuration of the AWS SDK.

use aws_config::BehaviorVersion;
pub use aws_config::SdkConfig;

/// Region, credentials and endpoints, from the SDK's default sources.
pub async fn sdk_config() -> SdkConfig {
    aws_config::load_defaults(BehaviorVersion::v2026_01_12()).await
}
