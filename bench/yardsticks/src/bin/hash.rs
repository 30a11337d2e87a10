//! Hashes one password again and again, as the functions do, and prints how much processor time it
//! took, in milliseconds: taking the memory, the first hash, and each later one.
#![expect(clippy::print_stdout, reason = "the measurement reads it")]

use std::env;

use domain::password::{Hasher, Password};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

fn main() {
    let count = env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(10);
    let password = Password::from_typed("correct horse battery").expect("it is short enough");
    let (allocated, mut hasher) = timed(Hasher::allocate);
    let mut hash = || timed(|| hasher.hash(&password).expect("it is hashed")).0;
    let first = hash();
    let later: Vec<f64> = (0..count).map(|_| hash()).collect();
    println!("{}", json!({ "memory": allocated, "first": first, "later": later }));
}

fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let started = processor_ms();
    let result = work();
    (processor_ms() - started, result)
}

#[expect(clippy::cast_precision_loss, reason = "a double has room for it")]
fn processor_ms() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}
