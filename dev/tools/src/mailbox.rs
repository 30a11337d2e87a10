//! A local SES v2: accepts emails and shows them on a web page.

use std::{
    fs::{self, File},
    io,
    net::Ipv4Addr,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use crate::{Ending, Leash, ToolError, dev_folder, free_port, install, leash, reached};

/// A running mailbox. It ends when this is dropped.
#[derive(Debug)]
pub struct Mailbox {
    leash: Leash,
    address: Ipv4Addr,
    port: u16,
}

impl Mailbox {
    /// Starts a mailbox on this address and port, and waits until it answers.
    pub fn start(address: Ipv4Addr, port: u16) -> Result<Self, ToolError> {
        let program = install::mailbox()?;
        let mut command = Leash::command("node", &Ending::default());
        command.arg(program).args(["--host", &address.to_string(), "--port", &port.to_string()]);
        let log = dev_folder().join(format!("mailbox-{port}.log"));
        command.stderr(File::create(&log).map_err(ToolError::at("write", &log))?);
        let mut mailbox = Self { leash: Leash::start(command)?, address, port };
        let answers = mailbox.wait_until_it_answers(&log);
        // Useful only during the start; later the web page shows the same.
        let _ = fs::remove_file(&log);
        answers.map(|()| mailbox)
    }

    /// Starts a mailbox on a free port, for a test.
    pub fn temporary() -> Result<Self, ToolError> {
        let failed =
            |source: io::Error| ToolError::Io { doing: "cannot find a port".into(), source };
        // Another program may take the port before the mailbox does, so try twice.
        let first = Self::start(Ipv4Addr::LOCALHOST, free_port().map_err(failed)?);
        if first.is_ok() {
            first
        } else {
            Self::start(Ipv4Addr::LOCALHOST, free_port().map_err(failed)?)
        }
    }

    /// The endpoint for the AWS SDK, and the web page.
    pub fn url(&self) -> String {
        format!("http://{}:{}", reached(self.address), self.port)
    }

    /// Whether it has ended unexpectedly.
    pub fn has_ended(&mut self) -> bool {
        self.leash.ended().is_some()
    }

    fn wait_until_it_answers(&mut self, log: &Path) -> Result<(), ToolError> {
        const PATIENCE: Duration = Duration::from_secs(30);
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if self.leash.ended().is_some() {
                let said = leash::last_words(log);
                return Err(ToolError::Failed { doing: "starting the mailbox".into(), said });
            }
            let answer = minreq::get(self.url() + "/store").with_timeout(2).send();
            if answer.is_ok_and(|answer| answer.status_code == 200) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        let said = leash::last_words(log);
        Err(ToolError::Silent { what: "the mailbox", seconds: PATIENCE.as_secs(), said })
    }
}
