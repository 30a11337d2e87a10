//! The surroundings of the functions, as in production: PostgreSQL and SES behind TLS.

use std::{collections::HashMap, sync::Arc, time::Duration};

use serde_json::{Value, json};
use shared::{
    storage::{Connector, migrate},
    testing::{
        Authority, Certificate, Event, FunctionProcess, Payload, SentMail, TestDatabase, in_role,
    },
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_postgres::Config;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
};
use tools::Postgres;
use world::{PASSWORD, World, basic, sign_up_body};

use crate::{
    binaries::Binaries,
    error::{BenchError, Outcome},
    kind::Kind,
};

/// Longer than a request can take: a function itself gives up after five seconds.
const DEADLINE: Duration = Duration::from_secs(30);

/// The functions' surroundings, and people who use them.
pub(crate) struct Stage {
    binaries: Binaries,
    world: World,
    authority: Authority,
    database_url: String,
    ses_url: String,
    people: u32,
    /// Prepares what other requests need. It is not measured.
    register: FunctionProcess,
    /// A person with an account, and their session.
    owner: (String, String),
    _server: Postgres,
}

impl Stage {
    pub(crate) async fn set(binaries: Binaries) -> Outcome<Self> {
        let authority = Authority::default();
        let shown = authority.certifies("127.0.0.1");
        let server = Postgres::temporary_with_tls(&shown.certificate, &shown.key)?;
        let config: Config = server.url("postgres").parse().expect("our own URL");
        migrate(&Connector::in_the_clear(config.clone())).await.expect("our own migrations");
        let database = TestDatabase::connect(config).await;
        let socket = database.url();
        // People who wait for a busy machine still have their minute.
        let world = World::on(database, &socket, None, &[("CODE_LIFETIME_SECONDS", "3600")]).await;
        let port = server.tls_port().expect("it has one");
        let database_url = format!("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=require");
        let ses_url = behind_tls(world.ses.url(), &shown).await?;
        let mut stage = Self {
            register: FunctionProcess::start_unheard(&binaries.path("hello"), &HashMap::new())
                .await,
            binaries,
            world,
            authority,
            database_url,
            ses_url,
            people: 0,
            owner: (String::new(), String::new()),
            _server: server,
        };
        stage.register = stage.start(Kind::Register).await;
        stage.has_an_account().await?;
        Ok(stage)
    }

    /// Starts the function of this kind of request.
    pub(crate) async fn start(&self, kind: Kind) -> FunctionProcess {
        let binary = self.binaries.path(kind.function());
        FunctionProcess::start_unheard(&binary, &self.variables(kind)).await
    }

    fn variables(&self, kind: Kind) -> HashMap<String, String> {
        let role = if kind == Kind::Purge { "maintain" } else { kind.function() };
        let role = if kind == Kind::HelloDatabase { "activate" } else { role };
        let mut variables = self.world.variables_with_aws(role);
        let authority = self.authority.file().to_string_lossy().into_owned();
        let url = in_role(&self.database_url, role);
        for (name, value) in [
            ("DATABASE_URL", url.as_str()),
            ("DATABASE_CA_FILE", &authority),
            ("AWS_ENDPOINT_URL_SESV2", &self.ses_url),
            // The authorities that the AWS SDK trusts.
            ("SSL_CERT_FILE", &authority),
            ("OPERATE_COMMANDS", "purge"),
        ] {
            variables.insert(name.to_owned(), value.to_owned());
        }
        variables
    }

    /// The next events of this kind, each of another person, with everything done that must
    /// precede them.
    pub(crate) async fn events(&mut self, kind: Kind, count: u32) -> Outcome<Vec<Value>> {
        let mut events = Vec::new();
        for _ in 0..count {
            events.push(self.event(kind).await?);
        }
        // Its emails have been read, and would only fill its memory.
        self.world.ses.take_mails();
        Ok(events)
    }

    async fn event(&mut self, kind: Kind) -> Outcome<Value> {
        let (owner, session) = &self.owner;
        let event =
            match kind {
                Kind::Hello | Kind::HelloDatabase | Kind::Page => Event::new("GET", "/"),
                Kind::Health => Event::new("GET", "/health"),
                Kind::Register => self.next_person().1,
                Kind::Activate => self.activation().await?,
                Kind::SignIn => Event::new("POST", "/login")
                    .json(&json!({ "email": owner, "password": PASSWORD })),
                Kind::OwnAccount => Event::new("GET", "/users/me")
                    .header("authorization", &format!("Bearer {session}")),
                Kind::Purge => return Ok(json!({ "command": "purge" })),
            };
        Ok(event.document(Payload::Rest))
    }

    /// Somebody with their own address and network, so that no limit is reached, and their sign-up.
    fn next_person(&mut self) -> (String, Event) {
        self.people += 1;
        let [_, b, c, d] = self.people.to_be_bytes();
        let email = format!("person{}@example.com", self.people);
        let mut event = Event::new("POST", "/register").json(&sign_up_body(&email, PASSWORD));
        event.source_ip = format!("10.{b}.{c}.{d}");
        (email, event)
    }

    /// Signs up a person, and returns their activation.
    async fn activation(&mut self) -> Outcome<Event> {
        let (email, sign_up) = self.next_person();
        let answer =
            send(&mut self.register, Kind::Register, &sign_up.document(Payload::Rest)).await?;
        let body: Value =
            serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap_or_default();
        let code = self
            .world
            .mails_to(&email)
            .last()
            .and_then(SentMail::code)
            .expect("an email with a code");
        let activation = json!({ "code": code, "registration": body["registration"] });
        let mut event = Event::new("POST", "/activate").json(&activation);
        event.source_ip = sign_up.source_ip;
        Ok(event.header("authorization", &basic(&email, PASSWORD)))
    }

    async fn has_an_account(&mut self) -> Outcome<()> {
        let activation = self.activation().await?.document(Payload::Rest);
        let email = format!("person{}@example.com", self.people);
        send(&mut self.start(Kind::Activate).await, Kind::Activate, &activation).await?;
        self.owner.0 = email;
        let sign_in = self.event(Kind::SignIn).await?;
        let answer = send(&mut self.start(Kind::SignIn).await, Kind::SignIn, &sign_in).await?;
        let body: Value =
            serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap_or_default();
        body["access_token"].as_str().unwrap_or_default().clone_into(&mut self.owner.1);
        Ok(())
    }
}

/// Sends one event, and returns its right answer.
pub(crate) async fn send(
    function: &mut FunctionProcess,
    kind: Kind,
    event: &Value,
) -> Outcome<Value> {
    let answer = timeout(DEADLINE, function.invoke(event)).await;
    let answer = answer.map_err(|_| BenchError::Silent(kind.request()))?;
    let answer = answer.unwrap_or_else(|error| error);
    let Some(expected) = kind.status() else { return Ok(answer) };
    if answer["statusCode"].as_u64() != Some(expected) {
        let answer = answer.to_string();
        return Err(BenchError::Answer { request: kind.request(), expected, answer });
    }
    Ok(answer)
}

/// Serves this URL with TLS as well, and returns the new URL.
async fn behind_tls(url: &str, shown: &Certificate) -> Outcome<String> {
    let plain = url.trim_start_matches("http://").to_owned();
    let certificate = CertificateDer::from_pem_slice(shown.certificate.as_bytes()).expect("PEM");
    let key = PrivateKeyDer::from_pem_slice(shown.key.as_bytes()).expect("PEM");
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has suites")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("they belong together");
    let tls = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(BenchError::at("listen"))?;
    let address = listener.local_addr().map_err(BenchError::at("listen"))?;
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (tls, plain) = (tls.clone(), plain.clone());
            tokio::spawn(async move {
                let mut client = tls.accept(client).await?;
                let mut server = TcpStream::connect(plain).await?;
                copy_bidirectional(&mut client, &mut server).await
            });
        }
    });
    Ok(format!("https://{address}"))
}
