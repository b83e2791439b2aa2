//! Schedules as people write them, with what was worked out by hand.
//!
//! Nothing in here knows how the crate works inside: text goes in, and moments and sentences come out.

mod clocks;
mod cron;
mod english;
mod minutes;
mod moments;
mod properties;
mod refusals;
