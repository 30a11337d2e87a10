//! A fake of the Lambda runtime API on the wire, and a real function binary that it invokes.

use std::{
    collections::HashMap,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use hyper::{Method, Request, body::Bytes};
use serde_json::Value;
use tokio::{
    process::{Child, Command},
    sync::{Mutex, Notify, mpsc},
};

use super::{
    Event, Payload,
    exchange::{HangUp, Reply, serve, whole},
};

/// A function's own process, invoked through our runtime API.
pub struct FunctionProcess {
    events: mpsc::UnboundedSender<Vec<u8>>,
    answers: mpsc::UnboundedReceiver<Result<Value, Value>>,
    api: Arc<RuntimeApi>,
    child: Child,
}

/// The other end of the channels: what the function talks to.
struct RuntimeApi {
    events: Mutex<mpsc::UnboundedReceiver<Vec<u8>>>,
    answers: mpsc::UnboundedSender<Result<Value, Value>>,
    invocations: AtomicU64,
    asked: Notify,
}

impl FunctionProcess {
    /// Starts a function's binary with these variables only.
    pub async fn start(binary: &str, variables: &HashMap<String, String>) -> Self {
        Self::start_printing(Stdio::piped, binary, variables).await
    }

    /// The same, without keeping its output: after some hundred requests it would fill the pipe and block.
    pub async fn start_unheard(binary: &str, variables: &HashMap<String, String>) -> Self {
        Self::start_printing(Stdio::null, binary, variables).await
    }

    async fn start_printing(
        to: fn() -> Stdio,
        binary: &str,
        variables: &HashMap<String, String>,
    ) -> Self {
        let (events, next) = mpsc::unbounded_channel();
        let (answer, answers) = mpsc::unbounded_channel();
        let invocations = AtomicU64::new(1);
        let (events_of_api, asked) = (Mutex::new(next), Notify::new());
        let api = RuntimeApi { events: events_of_api, answers: answer, invocations, asked };
        let api = Arc::new(api);
        let served = Arc::clone(&api);
        let address = serve(move |request| Arc::clone(&served).reply(request)).await.to_string();
        let child = Command::new(binary)
            .env_clear()
            .envs(variables)
            .envs([
                ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
                ("AWS_LAMBDA_FUNCTION_NAME", "function"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024"),
            ])
            .stdout(to())
            .stderr(to())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        Self { events, answers, api, child }
    }

    /// Waits until the function has started and asks for its first event.
    pub async fn ready(&self) {
        self.api.asked.notified().await;
    }

    /// Sends one request, and returns the status and the body of the answer.
    pub async fn send(&mut self, event: &Event, payload: Payload) -> (u64, String) {
        let answer = self.invoke(&event.document(payload)).await.expect("no request fails");
        let body = answer["body"].as_str().unwrap_or_default().to_owned();
        (answer["statusCode"].as_u64().unwrap_or_default(), body)
    }

    /// Sends one event, and returns the answer or the error of the invocation.
    pub async fn invoke(&mut self, event: &Value) -> Result<Value, Value> {
        self.invoke_with(event.to_string().into_bytes()).await
    }

    /// The same with exactly these bytes, which need not be UTF-8.
    pub async fn invoke_with(&mut self, event: Vec<u8>) -> Result<Value, Value> {
        self.events.send(event).expect("the API is there");
        tokio::select! {
            answer = self.answers.recv() => answer.expect("the function answers"),
            status = self.child.wait() => panic!("the function has ended: {status:?}"),
        }
    }

    /// The id of the process.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// The peak memory of the process so far, in bytes.
    pub fn peak_memory(&self) -> u64 {
        let id = self.id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("Linux tells");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")).expect("a size");
        kibibytes.parse::<u64>().expect("a number") * 1024
    }

    /// Ends the function, and returns everything that it printed.
    pub async fn output(mut self) -> String {
        self.child.start_kill().expect("it runs");
        let output = self.child.wait_with_output().await.expect("it has ended");
        [output.stdout, output.stderr]
            .map(|text| String::from_utf8_lossy(&text).into_owned())
            .concat()
    }

    /// Waits until the function ends by itself, and returns its exit code and what it printed.
    pub async fn ends(self) -> (Option<i32>, String) {
        let output = self.child.wait_with_output().await.expect("it has ended");
        let text =
            [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        (output.status.code(), text.concat())
    }
}

impl RuntimeApi {
    async fn reply(self: Arc<Self>, request: Request<Bytes>) -> Result<Reply, HangUp> {
        if request.method() == Method::GET {
            self.asked.notify_one();
            let event = self.events.lock().await.recv().await.ok_or(HangUp)?;
            let id = format!("request-{}", self.invocations.fetch_add(1, Ordering::Relaxed));
            let function = "arn:aws:lambda:eu-west-1:123456789012:function:f";
            let headers = [
                ("lambda-runtime-aws-request-id", id.as_str()),
                ("lambda-runtime-deadline-ms", "4102444800000"),
                ("lambda-runtime-invoked-function-arn", function),
                ("content-type", "application/json"),
            ];
            return Ok(whole(200, &headers, event));
        }
        let document = serde_json::from_slice(request.body()).unwrap_or(Value::Null);
        if request.uri().path().ends_with("/response") {
            let _ = self.answers.send(Ok(document));
        } else if request.uri().path().ends_with("/error") {
            let _ = self.answers.send(Err(document));
        }
        Ok(whole(202, &[], "{}"))
    }
}
