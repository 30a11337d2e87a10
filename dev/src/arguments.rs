//! The arguments of `cargo dev`.

use std::net::Ipv4Addr;

pub(crate) const USAGE: &str = "usage: cargo dev [--fresh] [--admin] [--verbose] [--bind ADDRESS]
       cargo dev operate EVENT
  --fresh         deletes the data of earlier runs
  --admin         shows the database in pgAdmin as well (the first time it installs 600 MB)
  --verbose       prints everything that the functions and cargo-lambda print, not only a line for
                  each request, warnings and errors
  --bind ADDRESS  listens on another IPv4 address of this machine than 127.0.0.1 (0.0.0.0: on every
                  address), for a phone in the same network, or for containers
  operate EVENT   runs an operator's command, such as '{\"command\": \"purge\"}', on the database of a
                  running `cargo dev`, and prints the answer; with -, reads the event from standard
                  input, for long events";

/// How to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// Forget the data of earlier runs.
    pub(crate) is_fresh: bool,
    /// Start pgAdmin as well.
    pub(crate) has_admin: bool,
    /// Show everything that the functions print.
    pub(crate) is_verbose: bool,
    /// Where functions, mailbox and database listen.
    pub(crate) bind: Ipv4Addr,
}

impl Default for Arguments {
    fn default() -> Self {
        let bind = Ipv4Addr::LOCALHOST;
        Self { is_fresh: false, has_admin: false, is_verbose: false, bind }
    }
}

impl Arguments {
    /// Reads them; `None` if there is something wrong with them.
    pub(crate) fn read(arguments: &[String]) -> Option<Self> {
        let mut read = Self::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--fresh" => read.is_fresh = true,
                "--admin" => read.has_admin = true,
                "--verbose" => read.is_verbose = true,
                "--bind" => read.bind = arguments.next()?.parse().ok()?,
                _ => return None,
            }
        }
        Some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Arguments> {
        let arguments: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
        Arguments::read(&arguments)
    }

    #[test]
    fn arguments_come_in_any_order() {
        let bind = Ipv4Addr::UNSPECIFIED;
        assert_eq!(read(""), Some(Arguments::default()));
        assert_eq!(read("--bind 0.0.0.0"), Some(Arguments { bind, ..Arguments::default() }));
        let all = Arguments { is_fresh: true, has_admin: true, is_verbose: true, bind };
        assert_eq!(read("--verbose --bind 0.0.0.0 --fresh --admin"), Some(all));
        for wrong in ["--frsh", "--bind", "--bind everywhere", "--bind ::1", "operate"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
