//! The whole measurement: fill, warm up, rounds, cold starts, purge.

use std::{cmp::Reverse, rc::Rc};

use bench::Progress;

use crate::{
    arguments::{Counts, Plan},
    binaries::Binaries,
    error::Outcome,
    fill::{fill, warm_cache},
    journeys::{self, PARTS},
    ledger::Ledger,
    purge::{Purged, purge},
    server::Server,
    world::{Recording, World},
};

/// PostgreSQL plans the statements of an SQL function at its first call on a connection. Statements
/// of other commits may get their final plan only at the sixth.
const WARM_UP: Counts = Counts { sign_ups: 6, others: 6 };

pub(crate) struct Measurement {
    pub(crate) rounds: usize,
    pub(crate) cold_starts: usize,
    /// Whether PostgreSQL had memory as on RDS.
    pub(crate) has_huge_pages: bool,
    /// By side, each in ascending order of size.
    pub(crate) worlds: Vec<Measured>,
}

/// The measurements in one database.
pub(crate) struct Measured {
    pub(crate) side: &'static str,
    pub(crate) size: u32,
    pub(crate) warm: Ledger,
    pub(crate) cold: Ledger,
    pub(crate) purged: Purged,
}

impl Measured {
    /// For the table.
    pub(crate) fn label(&self) -> String {
        format!("{} at {}", self.side, self.size)
    }
}

pub(crate) async fn measure(plan: &Plan) -> Outcome<Measurement> {
    let building = Progress::start("build the functions", 1);
    let mut sides = vec![("now", Binaries::build()?)];
    if let Some(folder) = &plan.beside {
        sides.push(("before", Binaries::of(folder.clone())?));
    }
    drop(building);
    let server = Rc::new(Server::start(sides.len()).await?);
    let mut worlds = Vec::new();
    for (side, binaries) in &sides {
        for size in &plan.sizes {
            let mut world = World::new(&server, (side, binaries), *size).await?;
            fill(&mut world).await?;
            worlds.push(world);
        }
    }
    // The largest first, so that it does not evict the others from the cache.
    worlds.sort_by_key(|world: &World| Reverse(world.size));
    for world in &worlds {
        warm_cache(world).await?;
    }
    // `now` before `before`, as in the report.
    worlds.sort_by_key(|world| (Reverse(world.side), world.size));
    warm_up(&mut worlds).await?;
    run_rounds(&mut worlds, plan).await?;
    start_cold(&mut worlds, plan).await?;
    let mut progress = Progress::start("purge", worlds.len());
    let mut measured = Vec::new();
    for world in worlds {
        let purged = purge(&world).await?;
        progress.advance(1);
        let World { side, size, warm, cold, .. } = world;
        measured.push(Measured { side, size, warm, cold, purged });
    }
    Ok(Measurement {
        rounds: plan.rounds,
        cold_starts: plan.cold_starts,
        has_huge_pages: server.has_huge_pages,
        worlds: measured,
    })
}

async fn warm_up(worlds: &mut [World]) -> Outcome<()> {
    let mut progress = Progress::start("warm up", worlds.len());
    for world in worlds {
        world.recording = Recording::Off;
        for number in 0..PARTS {
            journeys::round(world, WARM_UP, number).await?;
        }
        world.recording = Recording::Warm;
        progress.advance(1);
    }
    Ok(())
}

/// Every database takes its turn in every round, so a slowdown of the machine affects all of them.
async fn run_rounds(worlds: &mut [World], plan: &Plan) -> Outcome<()> {
    let mut progress = Progress::start("measure", plan.rounds * worlds.len());
    for number in 0..plan.rounds {
        for world in worlds.iter_mut() {
            world.checkpoint().await?;
            journeys::round(world, plan.round, number).await?;
            progress.advance(1);
        }
        worlds.rotate_left(1);
    }
    // Restores their order.
    let turned = plan.rounds % worlds.len();
    worlds.rotate_right(turned);
    Ok(())
}

async fn start_cold(worlds: &mut [World], plan: &Plan) -> Outcome<()> {
    let mut progress = Progress::start("start cold", plan.cold_starts * worlds.len());
    for _ in 0..plan.cold_starts {
        for world in worlds.iter_mut() {
            world.recording = Recording::Cold;
            world.checkpoint().await?;
            journeys::first_requests(world).await?;
            progress.advance(1);
        }
    }
    Ok(())
}
