//! A stranger has signed up for two addresses. Then something happens to one of them.

use serde_json::json;
use world::World;

use crate::{
    HASHES,
    observer::Call,
    stranger::{ADDRESSES, Stranger, owner, owners_sign_up},
};

const HASH: &str =
    "$argon2id$v=19$m=8,t=1,p=1$JLp8McsdTjipVbP++sjMXQ$PBpXzb4r9F2hCFdpWiJdGvHwrZIiwZCwfT++2NH27lk";

#[tokio::test]
async fn a_stranger_who_signed_up_before_cannot_see_an_import() {
    let _uncounted = HASHES.read().await;
    for hash in [None, Some(HASH)] {
        let world = World::on_the_wire(&[]).await;
        let stranger = Stranger::signs_up(&world).await;
        let user = json!({ "email": ADDRESSES[0], "password_hash": hash });
        assert_eq!(world.imports(json!([user])).await["imported"], 1);
        stranger.sees_the_same_for_three_days().await;
    }
}

#[tokio::test]
async fn a_stranger_who_signed_up_before_cannot_see_that_the_owner_activates() {
    let _uncounted = HASHES.read().await;
    for hours in [0, 12] {
        let world = World::on_the_wire(&[]).await;
        let mut stranger = Stranger::signs_up(&world).await;
        stranger.waits(hours).await;
        let [owner, _] = owners_sign_up(&world).await;
        owner.activates_with(&owner.mailed_code()).await.is(200);
        stranger.sees_the_same_for_three_days().await;
    }
}

#[tokio::test]
async fn a_stranger_who_signed_up_meanwhile_cannot_see_that_the_owner_activates() {
    let _uncounted = HASHES.read().await;
    let world = World::on_the_wire(&[]).await;
    let [owner, _] = owners_sign_up(&world).await;
    let code = owner.mailed_code();
    let stranger = Stranger::signs_up(&world).await;
    owner.activates_with(&code).await.is(200);
    stranger.sees_the_same_for_three_days().await;
}

#[tokio::test]
async fn a_stranger_who_signed_up_before_cannot_see_that_the_account_is_disabled() {
    let _uncounted = HASHES.read().await;
    let world = World::on_the_wire(&[]).await;
    let admin = world.admin("admin@example.com").await;
    let mut stranger = Stranger::signs_up(&world).await;
    stranger.waits(12).await;
    let owners = owners_sign_up(&world).await;
    for owner in &owners {
        owner.activates_with(&owner.mailed_code()).await.is(200);
    }
    stranger.waits(1).await;
    let path = format!("/users/{}", owners[0].registration.as_deref().expect("an account"));
    let disabled = admin.calls("PATCH", &path, Some(&json!({ "disabled": true }))).await;
    assert_eq!(disabled.is(200)["disabled"], true);
    stranger.sees_the_same_for_three_days().await;
}

#[tokio::test]
async fn a_stranger_who_signs_up_later_cannot_see_whether_there_is_an_account() {
    let _uncounted = HASHES.read().await;
    let world = World::on_the_wire(&[]).await;
    let mut owner = owner(&world, 0);
    owner.signs_up().await.is(202);
    owner.activates_with(&owner.mailed_code()).await.is(200);
    world.time_passes(2.0 * 3600.0).await;
    Stranger::signs_up(&world).await.sees_the_same_for_three_days().await;
}

/// While old attempts are purged, the owner's before or after the stranger's.
#[tokio::test]
async fn a_stranger_who_asks_every_hour_cannot_see_that_the_owner_activates() {
    let _uncounted = HASHES.read().await;
    for is_mailed_again in [false, true] {
        let world = World::on_the_wire(&[]).await;
        let mut stranger = Stranger::signs_up(&world).await;
        for hour in 0..72 {
            if hour == 12 {
                let [owner, _] = owners_sign_up(&world).await;
                owner.activates_with(&owner.mailed_code()).await.is(200);
            }
            if hour == 20 && is_mailed_again {
                stranger.is_mailed_again().await;
            }
            if hour % 3 == 0 {
                world.purges().await;
            }
            stranger
                .plays_each_of(&[Call::SignInUnnamed, Call::ResendUnnamed, Call::GuessUnnamed])
                .await;
            stranger.waits(1).await;
        }
        assert_eq!(world.count("accounts").await, 1, "only the account is left");
    }
}
