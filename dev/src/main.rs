//! `cargo dev`: the whole stack on one machine.

fn main() {}
