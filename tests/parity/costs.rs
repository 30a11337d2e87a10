//! What each request costs.

use std::collections::BTreeMap;

use serde_json::json;
use shared::domain::password::hashes_computed;
use world::World;

use crate::observer::{Call, has_owner, play};

/// Prints what requests cost, and holds the figures.
#[expect(clippy::print_stdout, reason = "docs/performance.md quotes this table")]
pub(crate) async fn the_cost_of_each_request() {
    let world = World::on_the_wire(&[]).await;
    has_owner(&world, "known@example.com").await;
    // Whose owner has chosen no password yet.
    world.imports(json!([{ "email": "imported@example.com" }])).await;
    // Connections are there before the first request.
    let mut costs: BTreeMap<&str, [(u64, u64, u64); 3]> = BTreeMap::new();
    let emails = ["known@example.com", "unknown@example.com", "imported@example.com"];
    for (column, email) in emails.into_iter().enumerate() {
        let mut person = world.person(email);
        for (name, call) in [
            ("1 register", Call::Register),
            ("1 register, with an Idempotency-Key", Call::RegisterWithKey),
            ("2 activate, named, wrong code", Call::GuessNamed),
            ("3 activate, unnamed, wrong code", Call::GuessUnnamed),
            ("4 activate, named, wrong password", Call::WrongPasswordNamed),
            ("5 activate, unnamed, wrong password", Call::WrongPasswordUnnamed),
            ("6 resend, named", Call::ResendNamed),
            ("7 resend, unnamed", Call::ResendUnnamed),
            ("8 login, named, and GET /users/me", Call::SignInNamed),
            ("8 login, unnamed, and GET /users/me", Call::SignInUnnamed),
            ("8 login, named, wrong password", Call::SignInWrongNamed),
            ("8 login, unnamed, wrong password", Call::SignInWrongUnnamed),
            ("9 password/forgot", Call::ForgetPassword),
        ] {
            if [Call::ResendNamed, Call::ResendUnnamed].contains(&call) {
                world.time_passes(31.0).await;
            }
            let (before, hashes) = (world.traffic(), hashes_computed());
            play(&mut person, call).await;
            let after = world.traffic();
            costs.entry(name).or_default()[column] = (
                after.statements - before.statements,
                after.round_trips - before.round_trips,
                hashes_computed() - hashes,
            );
            assert_eq!(after.named, 0, "a named statement pins a connection of RDS Proxy");
        }
    }
    println!("{:38} statements  round trips  hashes", "request");
    for (name, [known, unknown, imported]) in &costs {
        println!("{:38} {:10}  {:11}  {:6}", &name[2..], known.0, known.1, known.2);
        assert_eq!([known, imported], [unknown; 2], "{name}");
    }
    let all: Vec<_> = costs.values().map(|[known, ..]| *known).collect();
    let core =
        [(3, 3, 1), (3, 3, 1), (2, 2, 1), (2, 2, 2), (1, 1, 1), (1, 1, 2), (3, 3, 1), (3, 3, 2)];
    // In the order of their names.
    let accounts = [(3, 3, 1), (1, 1, 1), (3, 3, 2), (1, 1, 2), (2, 2, 0)];
    assert_eq!(all, [core.as_slice(), &accounts].concat());
}
