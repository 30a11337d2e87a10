//! A fake SES on the wire: accepts emails, or fails as SES and networks fail.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use hyper::{Request, body::Bytes};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{
    credentials,
    exchange::{HangUp, Reply, serve, silence, whole},
};

/// How it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Accepts every email.
    Accepts,
    /// Answers with this status and error code.
    Fails(u16, &'static str),
    /// Takes the request and never answers.
    IsSilent,
    /// Takes the request and closes the connection.
    HangsUp,
    /// Takes the request and answers after its mood has changed.
    Holds,
}

/// An email that it was asked to send.
#[derive(Debug, Clone)]
pub struct SentMail {
    /// The recipient.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Text part.
    pub text: String,
    /// HTML part.
    pub html: String,
    /// The whole request.
    pub request: Value,
}

/// A fake SES of one test.
#[derive(Clone)]
pub struct FakeSes {
    state: Arc<watch::Sender<State>>,
    url: String,
}

struct State {
    /// One for each coming request; the last one stays.
    moods: VecDeque<Mood>,
    accepted: Vec<SentMail>,
    attempted: Vec<SentMail>,
}

impl FakeSes {
    /// Starts one on a free port.
    pub async fn start() -> Self {
        let state =
            State { moods: [Mood::Accepts].into(), accepted: Vec::new(), attempted: Vec::new() };
        let state = Arc::new(watch::Sender::new(state));
        let served = Arc::clone(&state);
        let address = serve(move |request| reply(Arc::clone(&served), request)).await;
        Self { state, url: format!("http://{address}") }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sets how it answers from now on.
    pub fn is_in_mood(&self, mood: Mood) {
        self.is_in_moods(&[mood]);
    }

    /// Sets how it answers each coming request; the last mood stays.
    pub fn is_in_moods(&self, moods: &[Mood]) {
        self.state.send_modify(|state| state.moods = moods.iter().copied().collect());
    }

    /// Every email that it accepted, the oldest first.
    pub fn mails(&self) -> Vec<SentMail> {
        self.state.borrow().accepted.clone()
    }

    /// The same, and forgets them, because `bench` sends thousands.
    pub fn take_mails(&self) -> Vec<SentMail> {
        let mut mails = Vec::new();
        self.state.send_modify(|state| {
            state.attempted.clear();
            mails = std::mem::take(&mut state.accepted);
        });
        mails
    }

    /// Every email that it was asked to send, retries included: each may have arrived, whatever
    /// it answered.
    pub fn attempted(&self) -> Vec<SentMail> {
        self.state.borrow().attempted.clone()
    }

    /// The codes in the emails that it was asked to send.
    pub fn codes(&self) -> HashSet<String> {
        self.state.borrow().attempted.iter().filter_map(SentMail::code).collect()
    }

    /// How often it was asked, retries included.
    pub fn asked(&self) -> usize {
        self.state.borrow().attempted.len()
    }

    /// Waits until it was asked this often.
    pub async fn was_asked(&self, times: usize) {
        let mut state = self.state.subscribe();
        let _ = state.wait_for(|state| state.attempted.len() >= times).await;
    }

    /// The SDK's configuration, as the environment would give it.
    pub fn sdk_config(&self) -> SdkConfig {
        sdk_config_for(&self.url)
    }
}

/// The SDK's configuration for the fake at this URL.
pub(super) fn sdk_config_for(url: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials()))
        .endpoint_url(url)
        .build()
}

impl State {
    fn takes(&mut self, mail: &SentMail) -> Mood {
        let mood = self.moods[0];
        if self.moods.len() > 1 {
            self.moods.pop_front();
        }
        if mood == Mood::Accepts {
            self.accepted.push(mail.clone());
        }
        mood
    }
}

async fn reply(state: Arc<watch::Sender<State>>, request: Request<Bytes>) -> Result<Reply, HangUp> {
    let mail = SentMail::of(serde_json::from_slice(request.body()).map_err(|_| HangUp)?);
    state.send_modify(|state| state.attempted.push(mail.clone()));
    let mut moods = state.subscribe();
    let _ = moods.wait_for(|state| state.moods[0] != Mood::Holds).await;
    let mut mood = Mood::Accepts;
    state.send_modify(|state| mood = state.takes(&mail));
    let json = ("content-type", "application/json");
    match mood {
        Mood::Accepts => Ok(whole(200, &[json], json!({ "MessageId": "0100" }).to_string())),
        Mood::Fails(status, code) => {
            let body = json!({ "message": code }).to_string();
            Ok(whole(status, &[json, ("x-amzn-errortype", code)], body))
        }
        Mood::IsSilent => Err(silence().await),
        Mood::HangsUp | Mood::Holds => Err(HangUp),
    }
}

impl SentMail {
    fn of(request: Value) -> Self {
        let text = |pointer: &str| {
            request.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        Self {
            to: text("/Destination/ToAddresses/0"),
            subject: text("/Content/Simple/Subject/Data"),
            text: text("/Content/Simple/Body/Text/Data"),
            html: text("/Content/Simple/Body/Html/Data"),
            request,
        }
    }

    /// The code in its subject, as a person reads it; `None` for a note.
    pub fn code(&self) -> Option<String> {
        let code = self.subject.split(' ').next()?;
        code.bytes().all(|byte| byte.is_ascii_digit()).then(|| code.to_owned())
    }

    /// The token of its link to this page.
    pub fn token(&self, page: &str) -> Option<String> {
        let (_, after) = self.text.split_once(&format!("{page}#token="))?;
        after.split(|c: char| c == '&' || c.is_whitespace()).next().map(str::to_owned)
    }
}
