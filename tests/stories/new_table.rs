//! A table that a later migration adds: the world that the stories are told with knows it at once.

use world::World;

const MOMENTS: &str = "SELECT concat_ws(' ', extract(epoch FROM now() - at)::int,
                              extract(epoch FROM now() - several[1])::int,
                              extract(epoch FROM now() - several[2])::int,
                              extract(epoch FROM now()::timestamp - zoneless)::int,
                              never, none, array_ndims(empty))
                         FROM visits";

/// A table with all that can contain moments, whose name and columns are in no list.
async fn world_with_another_table() -> World {
    let world = World::new().await;
    let table = "CREATE TABLE visits (at timestamptz, several timestamptz[], never timestamptz,
                                      none timestamptz[], empty timestamptz[],
                                      zoneless timestamp);
                 INSERT INTO visits
                 VALUES (now(), ARRAY[now(), now() - interval '1 minute'], NULL, NULL, '{}', now())";
    world.database.execute(table).await;
    world
}

#[tokio::test]
async fn time_passes_for_it() {
    let world = world_with_another_table().await;
    world.time_passes(60.0).await;
    let moments: String = world.database.row(MOMENTS).await.get(0);
    assert_eq!(moments, "60 60 120 60");
    world.time_passes(-60.0).await;
    let moments: String = world.database.row(MOMENTS).await.get(0);
    assert_eq!(moments, "0 0 60 0");
}

#[tokio::test]
async fn its_rows_are_seen_and_come_back() {
    let world = world_with_another_table().await;
    world.keeps("before").await;
    let rows = world.all_rows().await;
    world.database.execute("DELETE FROM visits; INSERT INTO visits VALUES (now())").await;
    world.database.execute("INSERT INTO visits VALUES (NULL)").await;
    assert_ne!(world.all_rows().await, rows);
    world.goes_back_to("before").await;
    assert_eq!(world.all_rows().await, rows);
}
