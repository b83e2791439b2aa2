//! The real runner, engine, journal and store on a real database file, simulated under a seed: models, tools,
//! people and the clock are played, and the process dies between any two writes, several times in each
//! history, also while it goes on with what the one before it left.
//!
//! Everything runs on one thread in simulated time, so the same seed gives the same history, byte for byte:
//! `cargo xtask sim --seed N` replays it and tells it. What must hold is checked after every commit
//! ([`disk`]), at every call that goes out ([`effects`]), and at the end ([`oracle`]).

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a simulation that cannot go on fails")]

mod chance;
mod clock;
mod coverage;

/// Workflows at random, as the engine's own histories have them.
#[path = "../../../engine/tests/histories/workflows.rs"]
mod workflows;

/// What a history has begun and not ended, by its events alone.
#[expect(dead_code, reason = "the engine's histories also compare it with what a run says that it is owed")]
#[path = "../../../engine/tests/histories/begun.rs"]
mod begun;

mod plan;

mod disk;
mod rows;

mod answers;
mod effects;

mod people;
mod process;
mod reruns;
mod world;

mod history;
mod inherited;
mod oracle;

mod failing;
mod seeds;

mod many;

use crate::history::carry_out;
use crate::many::{Many, asked_for};

/// Histories of an ordinary test run: all that can happen happens in so many, and they take less time
/// than most people look away.
const HISTORIES: u64 = 300;

#[test]
fn nothing_is_lost_or_done_twice_whenever_the_process_dies() {
    let many = Many::carry_out(0..HISTORIES, false);
    many.assert_well();
    many.assert_covered();
}

#[test]
fn seeds_that_found_something_find_it_no_more() {
    for (seed, found) in seeds::FOUND {
        let again = Many::carry_out(*seed..seed + 1, false);
        assert!(again.is_well(), "{found}\n{}", again.told());
    }
}

#[test]
fn the_same_seed_gives_the_same_history() {
    for seed in 0..12 {
        let (first, second) = (carry_out(seed, false), carry_out(seed, false));
        assert_eq!(first.hash, second.hash, "seed {seed}");
    }
}

/// `cargo xtask sim` asks for this one by variables of the environment. Without them there is nothing to do.
#[test]
fn what_was_asked_for() {
    if let Some(asked) = asked_for() {
        let many = Many::carry_out(asked.seeds, true);
        many.summary();
        many.assert_well();
    }
}
