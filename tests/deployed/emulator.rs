//! A built function under Lambda's own Runtime Interface Emulator, as the SAM CLI brings it.

use std::{collections::HashMap, path::Path, process::Stdio, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};
use tools::{Ending, Leash, free_port};

/// A function that waits for events.
pub(crate) struct Emulator {
    port: u16,
    _leash: Leash,
}

impl Emulator {
    /// Starts a `bootstrap` with nothing but these variables.
    pub(crate) async fn start(
        emulator: &Path,
        bootstrap: &Path,
        variables: &HashMap<String, String>,
    ) -> Self {
        let (port, runtime_port) = (free_port().expect("a port"), free_port().expect("a port"));
        let mut command = Leash::command(emulator, &Ending::default());
        command
            .args(["--runtime-interface-emulator-address", &format!("127.0.0.1:{port}")])
            .args(["--runtime-api-address", &format!("127.0.0.1:{runtime_port}")])
            .arg(bootstrap)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .envs(variables)
            .stderr(Stdio::null());
        let leash = Leash::start(command).expect("the emulator starts");
        let patience = async {
            while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(Duration::from_secs(20), patience).await.expect("the emulator listens");
        Self { port, _leash: leash }
    }

    /// Invokes the function: what it answers, whatever that is.
    pub(crate) async fn invoke(&self, event: &Value) -> Value {
        let body = event.to_string();
        let head = format!(
            "POST /2015-03-31/functions/function/invocations HTTP/1.1\r\nhost: 127.0.0.1\r\n\
             content-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let exchange = async {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(body.as_bytes()).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.map(|_| answer)
        };
        let answer = timeout(Duration::from_secs(30), exchange).await.expect("it answers in time");
        let answer = answer.expect("the emulator answers");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }
}
