//! `cargo xtask sim`: the histories of the simulation, one told in full or many counted.
//!
//! The simulation is the test target `sim` of the crate `callboard-server`; here it is only built and told
//! which seeds are wanted.

use anyhow::Result;

use crate::checkout::Checkout;
use crate::command;

/// From so many histories on it pays to build with optimisation first: that takes minutes of a processor, and
/// a history without it a tenth of a second.
const OPTIMISED_FROM: u64 = 20_000;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Replays the history of one seed, and tells everything that happens in it
    #[arg(long, conflicts_with_all = ["count", "from"])]
    seed: Option<u64>,
    /// How many histories to carry out
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,
    /// The seed of the first of them
    #[arg(long, default_value_t = 0)]
    from: u64,
}

/// Carries out `cargo xtask sim`.
pub(crate) fn run(checkout: &Checkout, arguments: &Arguments) -> Result<()> {
    let is_long = arguments.seed.is_none() && arguments.count >= OPTIMISED_FROM;
    let config: &[&str] = if is_long { &["--config", "profile.dev.opt-level=2"] } else { &[] };
    let test = ["test", "--quiet", "--locked", "--package", "callboard-server", "--test", "sim"];
    let only = ["--", "--exact", "what_was_asked_for", "--nocapture"];
    let mut cargo = checkout.cargo(&[config, &test, &only].concat());
    match arguments.seed {
        Some(seed) => cargo.env("CALLBOARD_SIM_SEED", seed.to_string()),
        None => cargo
            .env("CALLBOARD_SIM_COUNT", arguments.count.to_string())
            .env("CALLBOARD_SIM_FROM", arguments.from.to_string()),
    };
    command::run(&mut cargo)
}
