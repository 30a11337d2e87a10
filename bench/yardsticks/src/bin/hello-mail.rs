//! A function that sends an email with each request and does nothing else. What it costs more than
//! `hello` is the cost of the AWS SDK.

use aws_sdk_sesv2::{
    Client,
    types::{Body, Content, Destination, EmailContent, Message},
};
use lambda_http::{Error, Request, run, service_fn};
use shared::{aws::sdk_config, process::Environment};

/// About as long as that of our emails.
const HTML: &str = include_str!("../../../../shared/templates/email.html");

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let client = Client::new(&sdk_config(&Environment::of_process()));
    let client = &client;
    run(service_fn(async move |_: Request| {
        let content = |text: &str| Content::builder().data(text).build();
        let body = Body::builder().text(content("Hello, world!")?).html(content(HTML)?).build();
        let message = Message::builder().subject(content("Hello, world!")?).body(body).build();
        client
            .send_email()
            .from_email_address("no-reply@registration.example")
            .destination(Destination::builder().to_addresses("ada@example.com").build())
            .content(EmailContent::builder().simple(message).build())
            .send()
            .await?;
        Ok::<_, Error>("Hello, world!")
    }))
    .await
}
