//! `cargo dev`: the whole stack on one machine, until Ctrl-C.
#![expect(clippy::print_stdout, reason = "output for the person at the terminal")]

mod operate;
mod settings;
mod stack;

use std::{env, net::Ipv4Addr, process::ExitCode, sync::mpsc, thread, time::Duration};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use settings::Settings;
use stack::{DevError, Stack};

const USAGE: &str = "usage: cargo dev [--fresh] [--bind ADDRESS]
       cargo dev operate EVENT
  --fresh         deletes the data of earlier runs
  --bind ADDRESS  makes mailbox and database listen on another IPv4 address of this machine than
                  127.0.0.1, so that containers can reach them (0.0.0.0: on every address)
  operate EVENT   runs an operator's command, such as '{\"command\": \"purge\"}', on the database of a
                  running `cargo dev`, and prints the answer; with -, reads the event from standard
                  input, for long events";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let outcome = if let [command, event] = arguments.as_slice()
        && command == "operate"
    {
        operate::run(event).map(|answer| println!("{answer:#}"))
    } else if let Some((is_fresh, bind)) = read(&arguments) {
        run(is_fresh, bind)
    } else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\ncargo dev: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether to forget the data, and where to listen.
fn read(arguments: &[String]) -> Option<(bool, Ipv4Addr)> {
    let (mut is_fresh, mut bind) = (false, Ipv4Addr::LOCALHOST);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--fresh" => is_fresh = true,
            "--bind" => bind = arguments.next()?.parse().ok()?,
            _ => return None,
        }
    }
    Some((is_fresh, bind))
}

fn run(is_fresh: bool, bind: Ipv4Addr) -> Result<(), DevError> {
    let (ready, signalled) = listen_to_signals()?;
    let settings = Settings::read(bind)?;
    let mut stack = Stack::start(&settings, is_fresh)?;
    // From here on, a signal stops the stack in order.
    drop(ready);
    println!("{}", settings.banner(stack.database_url(), &stack.mailbox_url()));

    let ended = loop {
        if signalled.recv_timeout(Duration::from_millis(200)).is_ok() {
            break None;
        }
        if let Some(part) = stack.ended_part() {
            break Some(part);
        }
    };
    println!("\nstopping …");
    drop(stack);
    match ended {
        None => {
            println!("stopped");
            Ok(())
        }
        Some(part) => Err(DevError::Ended(part)),
    }
}

/// Handles Ctrl-C and other signals to end. Until the caller drops the sender, a signal ends this
/// process at once, and every leashed process with it. Later, the signal arrives on the receiver.
fn listen_to_signals() -> Result<(mpsc::Sender<()>, mpsc::Receiver<()>), DevError> {
    let (ready, starting) = mpsc::channel::<()>();
    let (tell, signalled) = mpsc::channel();
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(DevError::Signals)?;
    thread::spawn(move || {
        for signal in signals.forever() {
            let is_starting = matches!(starting.try_recv(), Err(mpsc::TryRecvError::Empty));
            if is_starting || tell.send(()).is_err() {
                std::process::exit(128 + signal);
            }
        }
    });
    Ok((ready, signalled))
}
