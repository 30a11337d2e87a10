//! The memory of a function's own process.

use shared::testing::{Event, FunctionProcess, Payload};

/// Sends many requests whose passwords are hashed at full cost, each from a network of its own: the
/// process stays within 45 MiB, of which Argon2 takes 19, and soon stops growing.
pub async fn stays_small(
    function: &mut FunctionProcess,
    status: u64,
    request: impl Fn(u32) -> Event,
) {
    const REQUESTS: u32 = 60;
    const SETTLED: u32 = 20;
    const MIB: u64 = 1 << 20;

    let mut settled = 0;
    for number in 0..REQUESTS {
        let mut event = request(number);
        event.source_ip = format!("10.0.{number}.1");
        let (answered, body) = function.send(&event, Payload::Rest).await;
        assert_eq!(answered, status, "{body}");
        if number < SETTLED {
            settled = function.peak_memory();
        }
    }
    let peak = function.peak_memory();
    assert!(peak <= 45 * MIB, "it needs {} KiB", peak / 1024);
    assert!(peak <= settled + MIB, "it has grown from {} to {} KiB", settled / 1024, peak / 1024);
}
