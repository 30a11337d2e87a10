//! The figures that have a target.

use serde::Serialize;

use crate::{kind::Kind, measurement::Warm, report::Results};

const MB: f64 = 1e6;

/// One figure beside its target, which is the most that it may be.
#[derive(Debug, Serialize)]
pub(crate) struct Target {
    pub(crate) what: String,
    pub(crate) measured: f64,
    pub(crate) most: f64,
    pub(crate) unit: &'static str,
    pub(crate) holds: bool,
}

fn target(what: impl Into<String>, measured: f64, most: f64, unit: &'static str) -> Target {
    Target { what: what.into(), measured, most, unit, holds: measured <= most }
}

pub(crate) fn judge(results: &Results) -> Vec<Target> {
    let Results { hashes, cold, warm, warm_with_cheap_hashes: cheap, packages_bytes, .. } = results;
    let mut targets = vec![
        target("a hash, beside the C reference for AVX2", hashes.reference_ratio, 1.05, "×"),
        target("the first hash, beside later ones", hashes.first_ratio, 1.1, "×"),
    ];
    let start = |kind: Kind| cold.iter().find(|cold| cold.kind == kind);
    if let (Some(hello), Some(connected)) = (start(Kind::Hello), start(Kind::HelloDatabase)) {
        let connection = connected.init_ratio - hello.init_ratio;
        for (kind, most) in [
            (Kind::Register, 3.0 + connection),
            (Kind::Activate, 3.0 + connection),
            (Kind::Page, 1.2),
        ] {
            let what = format!("start of {}, beside hello-world", kind.function());
            targets.extend(start(kind).map(|start| target(what, start.init_ratio, most, "×")));
        }
    }
    let (statement_ms, mail_ms) =
        (client_ms(cheap, Kind::HelloDatabase), client_ms(cheap, Kind::HelloMail));
    for warm in cheap.iter().filter(|warm| !warm.kind.is_yardstick()) {
        let (statements, mails) = warm.kind.statements_and_mails();
        let rest = warm.beside_hash_ms - statements * statement_ms - mails * mail_ms;
        targets.push(target(
            format!("{}, beyond hash and clients", warm.kind.request()),
            rest,
            0.5,
            "ms",
        ));
    }
    let mut known = Vec::new();
    for warm in warm.iter().rev().filter(|warm| !warm.kind.is_yardstick()) {
        let function = warm.kind.function();
        if !known.contains(&function) {
            known.push(function);
            targets.push(target(format!("peak memory of {function}"), warm.peak_mib, 45.0, "MiB"));
            let growth = warm.peak_mib - warm.settled_mib;
            targets.push(target("its growth after a hundred requests", growth, 1.0, "MiB"));
        }
    }
    for &(function, bytes) in packages_bytes {
        let most = if function == "site" { 1.5 } else { 4.0 };
        targets.push(target(format!("package of {function}"), f64::from(bytes) / MB, most, "MB"));
    }
    targets
}

/// What one call of a client costs: the difference between a function that makes it, and one that does nothing.
fn client_ms(warm: &[Warm], caller: Kind) -> f64 {
    let of =
        |kind| warm.iter().find(|warm| warm.kind == kind).map_or(0.0, |warm| warm.beside_hash_ms);
    of(caller) - of(Kind::Hello)
}
