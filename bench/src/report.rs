//! Prints the results: a table, then the figures that have a target.
#![expect(clippy::print_stdout, reason = "the table is the command's output")]

use bench::median;

use crate::{
    cost::Cost,
    ledger::{Ledger, Statement},
    measurement::{Measured, Measurement},
    verdict::{Growth, Verdict},
};

pub(crate) fn print(measurement: &Measurement, verdict: &Verdict) {
    println!("\nEach statement: per call, medians of {} rounds", measurement.rounds);
    for request in measurement.worlds[0].warm.requests() {
        print_request(request, &measurement.worlds, |world| &world.warm);
    }
    println!(
        "\nThe first call on a fresh connection: medians of {} processes",
        measurement.cold_starts
    );
    for request in measurement.worlds[0].cold.requests() {
        print_request(request, &measurement.worlds, |world| &world.cold);
        for world in &measurement.worlds {
            let ms = |ledger: &Ledger| median(ledger.sums_ms(&[request]));
            let (first, later) = (ms(&world.cold), ms(&world.warm));
            println!("  {}: first {first:.2} ms, later {later:.2} ms", world.label());
        }
    }
    println!("\nPurge");
    for world in &measurement.worlds {
        print_purge(world);
    }
    print_verdict(verdict);
    if !measurement.has_huge_pages {
        println!(
            "PostgreSQL had no huge pages, which RDS gives it. Large databases look dearer than there: \
             run this as root, or allow them as bench/README.md says."
        );
    }
}

fn print_request(request: &str, worlds: &[Measured], ledger: fn(&Measured) -> &Ledger) {
    println!(
        "\n{request:47} calls  plan ms  exec ms  sum ms      hit    read   dirty    WAL B    FPI"
    );
    let mut sides: Vec<&str> = worlds.iter().map(|world| world.side).collect();
    sides.dedup();
    for side in sides {
        let of_side: Vec<_> = worlds
            .iter()
            .filter(|world| world.side == side)
            .map(|world| (world.label(), ledger(world).statements(request)))
            .collect();
        // In the order of the largest database, then statements that ran only in others.
        let mut texts: Vec<&Statement> = Vec::new();
        for statement in of_side.iter().rev().flat_map(|(_, statements)| statements) {
            if texts.iter().all(|known| known.text != statement.text) {
                texts.push(statement);
            }
        }
        for known in texts {
            println!("  {}", known.name);
            for (label, statements) in &of_side {
                if let Some(found) = statements.iter().find(|it| it.text == known.text) {
                    print_cost(label, found.cost);
                }
            }
        }
    }
}

fn print_cost(label: &str, cost: Cost) {
    let calls = cost.calls;
    let cost = cost.per_call();
    println!(
        "    {label:43} {calls:5.2} {:8.3} {:8.3} {:7.3} {:8.1} {:7.1} {:7.1} {:8.0} {:6.2}",
        cost.planning_ms,
        cost.execution_ms,
        cost.database_ms(),
        cost.blocks_hit,
        cost.blocks_read,
        cost.blocks_dirtied,
        cost.wal_bytes,
        cost.wal_full_pages,
    );
}

fn print_purge(world: &Measured) {
    let purged = &world.purged;
    let rate = |rows: f64, ms: f64| if ms > 0.0 { rows / ms * 1000.0 } else { 0.0 };
    println!(
        "  {}: {} rows in {:.0} ms, {:.0} rows/s",
        world.label(),
        purged.rows,
        purged.database_ms,
        rate(purged.rows, purged.database_ms)
    );
    for table in &purged.tables {
        let speed = table.database_ms.map(|ms| format!("{:.0} rows/s", rate(table.rows, ms)));
        let speed = speed.unwrap_or_else(|| "no statement names it".to_owned());
        println!("    {:18} {:6} rows  {speed}", table.table, table.rows);
    }
}

fn print_verdict(verdict: &Verdict) {
    println!("\nA named sign-up with activation, planning + execution:");
    for sum in &verdict.sums {
        let before = sum.before_ms.map(|ms| format!(", before {ms:.2} ms")).unwrap_or_default();
        println!("  {:>10} accounts: now {:.2} ms{before}", sum.size, sum.now_ms);
        if let (Some(ratio), Some(it)) = (sum.ratio, sum.holds) {
            println!("    ratio {ratio:.2}, target ≤ 0.40: {}", holds(it));
        }
    }
    for growth in &verdict.growth {
        print_growth(growth);
    }
}

fn print_growth(growth: &Growth) {
    let Growth { side, from, to, statements } = growth;
    let Some(worst) = statements.first() else { return };
    println!(
        "Largest ratio of {to} to {from} accounts ({side}): {:.2}, {} of “{}”, target ≤ 1.30: {}",
        worst.ratio,
        worst.statement,
        worst.request,
        holds(growth.holds())
    );
    for other in statements.iter().skip(1).take_while(|it| it.ratio > 1.3).take(9) {
        println!("    then {:.2}, {} of “{}”", other.ratio, other.statement, other.request);
    }
}

fn holds(it: bool) -> &'static str {
    if it { "holds" } else { "does not hold" }
}
