//! SES on the wire: takes mails, or fails as SES and networks fail.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use serde_json::{Value, json};
use tokio::{
    io::BufReader,
    net::{TcpListener, TcpStream},
    sync::watch,
};

use super::{
    credentials,
    exchange::{read_request, write_answer},
};

/// How it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Takes every mail.
    Accepts,
    /// Answers with this status and error code.
    Fails(u16, &'static str),
    /// Takes the request and never answers.
    IsSilent,
    /// Takes the request and closes the connection.
    HangsUp,
    /// Takes the request, and answers when its mood has changed.
    Holds,
}

/// A mail that it took, or was asked to take.
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
    /// One for each request to come; the last one stays.
    moods: VecDeque<Mood>,
    accepted: Vec<SentMail>,
    attempted: Vec<SentMail>,
}

impl FakeSes {
    /// Starts one on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let state =
            State { moods: [Mood::Accepts].into(), accepted: Vec::new(), attempted: Vec::new() };
        let ses = Self { state: Arc::new(watch::Sender::new(state)), url };
        let state = Arc::clone(&ses.state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&state)));
            }
        });
        ses
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on it answers like this.
    pub fn is_in_mood(&self, mood: Mood) {
        self.is_in_moods(&[mood]);
    }

    /// It answers each request to come like this; the last mood stays.
    pub fn is_in_moods(&self, moods: &[Mood]) {
        self.state.send_modify(|state| state.moods = moods.iter().copied().collect());
    }

    /// Every mail that it took, the oldest first.
    pub fn mails(&self) -> Vec<SentMail> {
        self.state.borrow().accepted.clone()
    }

    /// The same, and forgets them: `bench` sends thousands.
    pub fn take_mails(&self) -> Vec<SentMail> {
        let mut mails = Vec::new();
        self.state.send_modify(|state| {
            state.attempted.clear();
            mails = std::mem::take(&mut state.accepted);
        });
        mails
    }

    /// Every mail that it was asked to take, retries included: whatever it answered, it may
    /// have arrived.
    pub fn attempted(&self) -> Vec<SentMail> {
        self.state.borrow().attempted.clone()
    }

    /// Every code in a mail that it was asked to take.
    pub fn codes(&self) -> HashSet<String> {
        self.state.borrow().attempted.iter().filter_map(SentMail::code).collect()
    }

    /// How often it was asked to send, retries included.
    pub fn asked(&self) -> usize {
        self.state.borrow().attempted.len()
    }

    /// Waits until it was asked so often.
    pub async fn was_asked(&self, times: usize) {
        let mut state = self.state.subscribe();
        let _ = state.wait_for(|state| state.attempted.len() >= times).await;
    }

    /// The SDK's configuration, as the environment would give it.
    pub async fn sdk_config(&self) -> SdkConfig {
        sdk_config_for(&self.url).await
    }
}

/// The SDK's configuration for a fake that listens there.
pub(super) async fn sdk_config_for(url: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(credentials())
        .endpoint_url(url)
        .load()
        .await
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

/// Serves one connection: requests with a length, one after the other.
async fn serve(stream: TcpStream, state: Arc<watch::Sender<State>>) {
    let mut stream = BufReader::new(stream);
    while let Some(body) = read_body(&mut stream).await {
        let mail = SentMail::of(body);
        state.send_modify(|state| state.attempted.push(mail.clone()));
        let mut moods = state.subscribe();
        let _ = moods.wait_for(|state| state.moods[0] != Mood::Holds).await;
        let mut mood = Mood::Accepts;
        state.send_modify(|state| mood = state.takes(&mail));
        let (status, headers, body) = match mood {
            Mood::Accepts => (200, String::new(), json!({ "MessageId": "0100" })),
            Mood::Fails(status, code) => {
                (status, format!("x-amzn-errortype: {code}\r\n"), json!({ "message": code }))
            }
            Mood::IsSilent => return tokio::time::sleep(Duration::from_mins(1)).await,
            Mood::HangsUp | Mood::Holds => return,
        };
        let headers = format!("content-type: application/json\r\n{headers}");
        if write_answer(&mut stream, status, &headers, &body.to_string()).await.is_none() {
            return;
        }
    }
}

async fn read_body(stream: &mut BufReader<TcpStream>) -> Option<Value> {
    serde_json::from_slice(&read_request(stream).await?.body).ok()
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

    /// The code in its subject, as a person would read it; nothing in a note.
    pub fn code(&self) -> Option<String> {
        let code = self.subject.split(' ').next()?;
        code.bytes().all(|byte| byte.is_ascii_digit()).then(|| code.to_owned())
    }
}
