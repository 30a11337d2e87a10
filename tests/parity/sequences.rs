//! Two observers, one of a known and one of an unknown address, play all short sequences of calls.

use std::{
    pin::Pin,
    slice::Iter,
    sync::{Arc, Mutex},
};

use shared::testing::Mood;
use world::{Person, World};

use crate::{
    observer::{CALLS, Call, compare, has_owner},
    states::States,
};

/// A world to play in.
#[derive(Debug, Clone, Copy)]
struct Setting {
    mood: Mood,
    cooldown: &'static str,
    /// The account of the known address is disabled.
    is_disabled: bool,
    /// What observers may do, and how many calls follow the first sign-up.
    calls: &'static [Call],
    length: usize,
}

const REFUSES: Mood = Mood::Fails(400, "MessageRejected");

/// Signing up, resending and guessing depend on each other most, so these sequences are longer.
const SETTINGS: [Setting; 5] = [
    setting(Mood::Accepts, "0", false, CALLS.split_at(7).0, 4),
    setting(REFUSES, "30", false, CALLS.split_at(7).0, 4),
    setting(Mood::Accepts, "0", false, &CALLS, 3),
    setting(REFUSES, "30", false, &CALLS, 2),
    setting(Mood::Accepts, "30", true, &CALLS, 2),
];

const fn setting(
    mood: Mood,
    cooldown: &'static str,
    is_disabled: bool,
    calls: &'static [Call],
    length: usize,
) -> Setting {
    Setting { mood, cooldown, is_disabled, calls, length }
}

/// One more than the processors of a small machine: a pair waits half of its time for PostgreSQL.
const PAIRS: usize = 3;

/// What pairs of observers share of a setting.
struct Progress {
    /// The first calls that no pair has taken yet.
    firsts: Mutex<Iter<'static, Call>>,
    states: States,
}

/// Pairs of observers share the work, each in a world of its own.
pub(crate) async fn none_tells_them_apart() {
    let progress = Arc::new(SETTINGS.map(|setting| Progress {
        firsts: Mutex::new(setting.calls.iter()),
        states: States::default(),
    }));
    let pairs = [(); PAIRS].map(|()| {
        let progress = Arc::clone(&progress);
        tokio::spawn(async move {
            for (setting, progress) in SETTINGS.iter().zip(&*progress) {
                play_what_is_left(setting, progress).await;
            }
        })
    });
    for pair in pairs {
        pair.await.expect("no sequence tells them apart");
    }
}

async fn play_what_is_left(setting: &Setting, progress: &Progress) {
    let take = || progress.firsts.lock().expect("no panic can come between").next().copied();
    let Some(first) = take() else { return };
    let world = World::on_the_wire(&[("RESEND_COOLDOWN_SECONDS", setting.cooldown)]).await;
    has_owner(&world, "known@example.com").await;
    if setting.is_disabled {
        world.disables("known@example.com").await;
    }
    let known = world.person("known@example.com");
    let unknown = world.person("unknown@example.com").from_ip("192.0.2.2");
    let mut observers = [known, unknown];
    compare(&mut observers, Call::Register, "at first").await;
    world.ses.is_in_mood(setting.mood);

    world.keeps("at_first").await;
    let game = Game { setting, states: &progress.states, world: &world, observers };
    let mut next = Some(first);
    while let Some(call) = next {
        game.play(vec![call]).await;
        world.goes_back_to("at_first").await;
        next = take();
    }
}

struct Game<'a> {
    setting: &'a Setting,
    states: &'a States,
    world: &'a World,
    observers: [Person<'a>; 2],
}

impl Game<'_> {
    /// Plays the last of these calls, and whatever may follow it. The database goes back to where
    /// it was after each call that follows, so sequences share their beginnings.
    fn play(&self, calls: Vec<Call>) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            let call = *calls.last().expect("a call");
            compare(&mut self.observers.clone(), call, &format!("after {calls:?}")).await;
            let left = self.setting.length - calls.len();
            // Several sequences lead to one state: what may follow is the same.
            if left == 0 || !self.states.are_new_with(self.world, left).await {
                return;
            }
            let here = format!("after_{}", calls.len());
            self.world.keeps(&here).await;
            for next in self.setting.calls {
                self.play([calls.as_slice(), &[*next]].concat()).await;
                self.world.goes_back_to(&here).await;
            }
        })
    }
}
