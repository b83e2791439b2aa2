//! Schedules with a played clock and played runs: what is decided, told as stories; a year of a thousand
//! schedules, in which every slot is accounted for; and two schedulers on one database.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../sim/chance.rs"]
#[expect(dead_code, reason = "the simulation of runs uses more of it")]
mod chance;
#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod cheap;
mod hand;

mod stories;

mod accounts;
mod year;

mod two;
