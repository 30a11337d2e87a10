//! `cargo dev`: the whole stack on one machine, until Ctrl-C.
#![expect(clippy::print_stdout, reason = "output for the person at the terminal")]

mod admin;
mod arguments;
mod banner;
mod line;
mod operate;
mod output;
mod settings;
mod stack;

use std::{env, process::ExitCode, sync::mpsc, thread, time::Duration};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use arguments::{Arguments, USAGE};
use banner::banner;
use settings::Settings;
use stack::{DevError, Stack};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let outcome = if let [command, event] = arguments.as_slice()
        && command == "operate"
    {
        operate::run(event).map(|answer| println!("{answer:#}"))
    } else if let Some(arguments) = Arguments::read(&arguments) {
        run(arguments)
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

fn run(arguments: Arguments) -> Result<(), DevError> {
    let (ready, signalled) = listen_to_signals()?;
    let settings = Settings::read(arguments)?;
    let mut stack = Stack::start(&settings, arguments)?;
    // From here on, a signal stops the stack in order.
    drop(ready);
    stack.show_requests();
    println!("{}", banner(&settings, &stack));

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
