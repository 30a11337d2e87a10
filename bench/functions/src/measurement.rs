//! Starts each function again and again, in turns, and sends it requests.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use bench::{Progress, median};
use serde::Serialize;
use tokio::time::timeout;

use crate::{
    error::{BenchError, Outcome},
    kind::Kind,
    processor::{Share, Used},
    stage::{Stage, send},
};

/// Requests that a process answers before its memory is compared with that at the end.
const SETTLED: u32 = 100;
/// Requests of one kind between those of the others.
const BATCH: u32 = 10;

/// Starts and first requests of processes: medians.
#[derive(Debug, Serialize)]
pub(crate) struct Cold {
    pub(crate) kind: Kind,
    pub(crate) init_ms: f64,
    pub(crate) init_processor_ms: f64,
    pub(crate) first_ms: f64,
    pub(crate) first_processor_ms: f64,
    /// The part of the start that gets the memory of the hash from Linux, which clears it.
    pub(crate) memory_ms: f64,
    /// The processor time of the rest of the start beside that of `hello`, in the same round.
    pub(crate) init_ratio: f64,
}

/// Many requests of one kind to one process: medians, for one request.
#[derive(Debug, Serialize)]
pub(crate) struct Warm {
    pub(crate) kind: Kind,
    pub(crate) ms: f64,
    pub(crate) processor_ms: f64,
    pub(crate) beside_hash_ms: f64,
    /// The peak memory of its function's process, which also answered the function's other
    /// requests, in MiB: after a hundred requests of each kind, and at the end.
    pub(crate) settled_mib: f64,
    pub(crate) peak_mib: f64,
}

struct Start {
    init_ms: f64,
    init: Used,
    first_ms: f64,
    first: Used,
}

/// Starts every function `rounds` times, with this share of a processor.
pub(crate) async fn cold(
    stage: &mut Stage,
    share: Option<&Share>,
    rounds: usize,
) -> Outcome<Vec<Cold>> {
    let label =
        if share.is_some() { "cold starts, a quarter of a processor" } else { "cold starts" };
    let mut progress = Progress::start(label, rounds * Kind::STARTED.len());
    let mut starts: Vec<Vec<Start>> = Kind::STARTED.map(|_| Vec::new()).into();
    for _ in 0..rounds {
        for (kind, starts) in Kind::STARTED.into_iter().zip(&mut starts) {
            starts.push(start(stage, share, kind).await?);
            progress.advance(1);
        }
    }
    let of =
        |starts: &[Start], number: fn(&Start) -> f64| median(starts.iter().map(number).collect());
    let ratios = |of_one: &[Start]| {
        of_one
            .iter()
            .zip(&starts[0])
            .map(|(start, hello)| start.init.beside_hash_ms / hello.init.beside_hash_ms)
            .collect()
    };
    Ok(Kind::STARTED
        .into_iter()
        .zip(&starts)
        .map(|(kind, starts)| Cold {
            kind,
            init_ms: of(starts, |start| start.init_ms),
            init_processor_ms: of(starts, |start| start.init.all_ms),
            first_ms: of(starts, |start| start.first_ms),
            first_processor_ms: of(starts, |start| start.first.all_ms),
            memory_ms: of(starts, |start| start.init.all_ms - start.init.beside_hash_ms),
            init_ratio: median(ratios(starts)),
        })
        .collect())
}

async fn start(stage: &mut Stage, share: Option<&Share>, kind: Kind) -> Outcome<Start> {
    const DEADLINE: Duration = Duration::from_secs(30);
    let events = stage.events(kind, 1).await?;
    if let Some(share) = share {
        share.enter();
    }
    let started = Instant::now();
    let mut function = stage.start(kind).await;
    if let Some(share) = share {
        share.leave();
    }
    timeout(DEADLINE, function.ready()).await.map_err(|_| BenchError::Silent(kind.function()))?;
    let (init_ms, init) = (ms_since(started), Used::by(function.id()));
    let sent = Instant::now();
    send(&mut function, kind, &events[0]).await?;
    let (first_ms, first) = (ms_since(sent), Used::by(function.id()).since(init));
    Ok(Start { init_ms, init, first_ms, first })
}

/// Sends `count` requests of each kind, all of a function to one process.
pub(crate) async fn warm(stage: &mut Stage, count: u32) -> Outcome<Vec<Warm>> {
    let rounds = count / BATCH;
    let mut progress = Progress::start("warm requests", rounds as usize * Kind::REPEATED.len());
    let mut functions = HashMap::new();
    let mut series: Vec<Series> = Kind::REPEATED.map(|_| Series::default()).into();
    for round in 1..=rounds {
        for (kind, series) in Kind::REPEATED.into_iter().zip(&mut series) {
            if !functions.contains_key(kind.function()) {
                functions.insert(kind.function(), stage.start(kind).await);
            }
            let function = functions.get_mut(kind.function()).expect("it was started above");
            let events = stage.events(kind, BATCH).await?;
            let (before, sent) = (Used::by(function.id()), Instant::now());
            for event in &events {
                send(function, kind, event).await?;
            }
            let (ms, used) = (ms_since(sent), Used::by(function.id()).since(before));
            series.add(ms, used);
            series.peak_mib = mebibytes(function.peak_memory());
            if round * BATCH <= SETTLED {
                series.settled_mib = series.peak_mib;
            }
            progress.advance(1);
        }
    }
    let measured = Kind::REPEATED.into_iter().zip(series);
    Ok(measured.map(|(kind, series)| series.median(kind)).collect())
}

/// Batches of one kind of request: means of each, for one request.
#[derive(Default)]
struct Series {
    ms: Vec<f64>,
    processor_ms: Vec<f64>,
    beside_hash_ms: Vec<f64>,
    settled_mib: f64,
    peak_mib: f64,
}

impl Series {
    fn add(&mut self, ms: f64, used: Used) {
        let count = f64::from(BATCH);
        self.ms.push(ms / count);
        self.processor_ms.push(used.all_ms / count);
        self.beside_hash_ms.push(used.beside_hash_ms / count);
    }

    fn median(self, kind: Kind) -> Warm {
        Warm {
            kind,
            ms: median(self.ms),
            processor_ms: median(self.processor_ms),
            beside_hash_ms: median(self.beside_hash_ms),
            settled_mib: self.settled_mib,
            peak_mib: self.peak_mib,
        }
    }
}

fn ms_since(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "a double has room for any memory")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
