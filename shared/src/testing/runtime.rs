//! The Lambda runtime API on the wire, and a real function binary behind it.

use std::{
    collections::HashMap,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;
use tokio::{
    io::BufReader,
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    sync::{Mutex as AsyncMutex, mpsc},
};

use super::{
    Event, Payload,
    exchange::{read_request, write_answer},
};

/// A function's own process, served by a runtime API of ours.
pub struct FunctionProcess {
    events: mpsc::UnboundedSender<Vec<u8>>,
    answers: mpsc::UnboundedReceiver<Result<Value, Value>>,
    child: Child,
}

impl FunctionProcess {
    /// Starts a function's binary with nothing but these variables.
    pub async fn start(binary: &str, variables: &HashMap<String, String>) -> Self {
        Self::start_printing(Stdio::piped, binary, variables).await
    }

    /// The same, and drops what it prints: it would fill a pipe after some hundred requests, and wait.
    pub async fn start_unheard(binary: &str, variables: &HashMap<String, String>) -> Self {
        Self::start_printing(Stdio::null, binary, variables).await
    }

    async fn start_printing(
        to: fn() -> Stdio,
        binary: &str,
        variables: &HashMap<String, String>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let (events, next) = mpsc::unbounded_channel();
        let (answer, answers) = mpsc::unbounded_channel();
        let next = Arc::new(AsyncMutex::new(next));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&next), answer.clone()));
            }
        });
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
        Self { events, answers, child }
    }

    /// Sends one request through, and gives the status and the body of the answer.
    pub async fn send(&mut self, event: &Event, payload: Payload) -> (u64, String) {
        let answer = self.invoke(&event.document(payload)).await.expect("no request fails");
        let body = answer["body"].as_str().unwrap_or_default().to_owned();
        (answer["statusCode"].as_u64().unwrap_or_default(), body)
    }

    /// Sends one event through: the answer, or the error with which the invocation failed.
    pub async fn invoke(&mut self, event: &Value) -> Result<Value, Value> {
        self.invoke_with(event.to_string().into_bytes()).await
    }

    /// The same with these very bytes.
    pub async fn invoke_with(&mut self, event: Vec<u8>) -> Result<Value, Value> {
        self.events.send(event).expect("the API is there");
        tokio::select! {
            answer = self.answers.recv() => answer.expect("the function answers"),
            status = self.child.wait() => panic!("the function has ended: {status:?}"),
        }
    }

    /// The most memory that the process has had so far, in bytes.
    pub fn peak_memory(&self) -> u64 {
        let id = self.child.id().expect("it runs");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("Linux tells");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")).expect("a size");
        kibibytes.parse::<u64>().expect("a number") * 1024
    }

    /// Ends the function, and gives everything that it has printed.
    pub async fn output(mut self) -> String {
        self.child.start_kill().expect("it runs");
        let output = self.child.wait_with_output().await.expect("it has ended");
        [output.stdout, output.stderr]
            .map(|text| String::from_utf8_lossy(&text).into_owned())
            .concat()
    }

    /// Waits until the function ends by itself: its exit code, and what it has printed.
    pub async fn ends(self) -> (Option<i32>, String) {
        let output = self.child.wait_with_output().await.expect("it has ended");
        let text =
            [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        (output.status.code(), text.concat())
    }
}

async fn serve(
    stream: TcpStream,
    next: Arc<AsyncMutex<mpsc::UnboundedReceiver<Vec<u8>>>>,
    answer: mpsc::UnboundedSender<Result<Value, Value>>,
) {
    let number = Arc::new(Mutex::new(0));
    let mut stream = BufReader::new(stream);
    while let Some(request) = read_request(&mut stream).await {
        let (status, headers, body) = if request.method == "GET" {
            let Some(event) = next.lock().await.recv().await else { return };
            let number = {
                let mut number = number.lock().unwrap_or_else(PoisonError::into_inner);
                *number += 1;
                *number
            };
            let headers = format!(
                "lambda-runtime-aws-request-id: request-{number}\r\n\
                 lambda-runtime-deadline-ms: 4102444800000\r\n\
                 lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-west-1:123456789012:function:f\r\n\
                 content-type: application/json\r\n"
            );
            (200, headers, event)
        } else {
            let document = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
            if request.path.ends_with("/response") {
                let _ = answer.send(Ok(document));
            } else if request.path.ends_with("/error") {
                let _ = answer.send(Err(document));
            }
            (202, String::new(), b"{}".to_vec())
        };
        if write_answer(&mut stream, status, &headers, &body).await.is_none() {
            return;
        }
    }
}
