//! Compares the figures that have a target.

use bench::{median, paired_ratio};
use serde::Serialize;

use crate::{
    journeys::SIGN_UP,
    measurement::{Measured, Measurement},
};

/// The target ratio to the database time of the other commit.
const MAX_OF_BEFORE: f64 = 0.4;
/// The target ratio to the database time at the smallest size.
const MAX_GROWTH: f64 = 1.3;

#[derive(Debug, Serialize)]
pub(crate) struct Verdict {
    pub(crate) sums: Vec<Sum>,
    pub(crate) growth: Vec<Growth>,
}

/// Planning and execution time of a sign-up with activation that names the attempt.
#[derive(Debug, Serialize)]
pub(crate) struct Sum {
    pub(crate) size: u32,
    pub(crate) now_ms: f64,
    pub(crate) before_ms: Option<f64>,
    pub(crate) ratio: Option<f64>,
    pub(crate) holds: Option<bool>,
}

/// The largest size compared with the smallest, worst statement first.
#[derive(Debug, Serialize)]
pub(crate) struct Growth {
    pub(crate) side: &'static str,
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) statements: Vec<Grown>,
}

/// One statement of one kind of request.
#[derive(Debug, Serialize)]
pub(crate) struct Grown {
    pub(crate) request: &'static str,
    pub(crate) statement: String,
    pub(crate) ratio: f64,
}

impl Growth {
    pub(crate) fn holds(&self) -> bool {
        self.statements.first().is_none_or(|worst| worst.ratio <= MAX_GROWTH)
    }
}

impl Verdict {
    pub(crate) fn of(measurement: &Measurement) -> Self {
        let of_side = |side: &str| -> Vec<&Measured> {
            measurement.worlds.iter().filter(|world| world.side == side).collect()
        };
        let (now, before) = (of_side("now"), of_side("before"));
        let sums = now
            .iter()
            .map(|now| {
                let before = before.iter().find(|before| before.size == now.size);
                sum(now, before.copied())
            })
            .collect();
        let growth = [now, before].iter().filter_map(|worlds| growth(worlds)).collect();
        Self { sums, growth }
    }
}

fn sum(now: &Measured, before: Option<&Measured>) -> Sum {
    let sums = now.warm.sums_ms(&SIGN_UP);
    let sums_before = before.map(|before| before.warm.sums_ms(&SIGN_UP));
    let ratio = sums_before.as_ref().map(|before| paired_ratio(&sums, before));
    let holds = ratio.map(|ratio| ratio <= MAX_OF_BEFORE);
    let before_ms = sums_before.map(median);
    Sum { size: now.size, now_ms: median(sums), before_ms, ratio, holds }
}

fn growth(worlds: &[&Measured]) -> Option<Growth> {
    let (small, large) = (worlds.first()?, worlds.last()?);
    if small.size == large.size {
        return None;
    }
    let mut statements = Vec::new();
    for request in large.warm.requests() {
        let ran = large.warm.statements(request);
        // Excludes the check of an idle connection, which only some requests make.
        for statement in ran.into_iter().filter(|it| it.cost.calls > 0.5) {
            let ms = |world: &Measured| world.warm.calls_ms(request, &statement.text);
            let both = ms(large).into_iter().zip(ms(small)).filter_map(|(a, b)| a.zip(b));
            let (at_last, at_first): (Vec<_>, Vec<_>) = both.unzip();
            let ratio = paired_ratio(&at_last, &at_first);
            statements.push(Grown { request, statement: statement.name, ratio });
        }
    }
    statements.sort_by(|a, b| b.ratio.total_cmp(&a.ratio));
    Some(Growth { side: large.side, from: small.size, to: large.size, statements })
}
