//! What a seed decides before anything happens: the project, its workflows, and how often its process dies.

use std::sync::Arc;

use callboard_engine::definition::{Definition, Model};
use callboard_engine::project::{self, Project};
use callboard_server::workflow::Frozen;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::chance::Chance;
use crate::workflows;

/// The project of every simulation, as the workflows name it.
pub(crate) const PROJECT: &str = "p";

/// One in so many of these fails, where they fail at all; 0 is never.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    pub(crate) read: u64,
    pub(crate) commit: u64,
    /// The commit is made, and its answer lost.
    pub(crate) answer: u64,
}

/// How a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// At its so-manieth point, or when nothing goes on any more.
    Crash(u64),
    /// In order.
    ShutDown,
    /// Not before all is done.
    Done,
}

/// What one process will be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    pub(crate) end: End,
    pub(crate) faults: Faults,
    /// How often someone does something meanwhile.
    pub(crate) deeds: u64,
    /// How the machine's clock is set after it.
    pub(crate) clock_step_ms: i64,
}

/// What one history will be.
pub(crate) struct Plan {
    pub(crate) workflows: Vec<Frozen>,
    pub(crate) lives: Vec<Life>,
    /// Whether the project's money of a day is limited, which it then always is.
    pub(crate) day: bool,
}

impl Plan {
    pub(crate) fn of(chance: &mut Chance) -> Self {
        let count = 1 + chance.below(2);
        let workflows = (0..count).map(|number| workflow(chance, number)).collect();
        let crashes = chance.weighed(&[(2, 0), (6, 1), (8, 2), (6, 3), (4, 5), (2, 9), (1, STORM)]);
        let fails = chance.one_in(3);
        let mut lives: Vec<Life> = (0..crashes).map(|_| life(chance, fails)).collect();
        if crashes == STORM {
            for life in lives.iter_mut().skip(1) {
                life.end = End::Crash(chance.between(8..=20));
            }
        }
        lives.push(Life { end: End::Done, ..life(chance, false) });
        Self { workflows, lives, day: chance.one_in(2) }
    }
}

/// Crashes one after the other, each before much can be done: more than a run may have without a step
/// forward.
const STORM: u64 = 16;

fn life(chance: &mut Chance, fails: bool) -> Life {
    // Many processes die early: what is interesting happens when others have just begun.
    let points = chance.weighed(&[(3, 12), (4, 60), (3, 250)]);
    let end = if chance.one_in(8) { End::ShutDown } else { End::Crash(1 + chance.below(points)) };
    let faults = if fails { Faults { read: 60, commit: 25, answer: 60 } } else { Faults::default() };
    // Mostly a restart takes some seconds; a machine may be off for days, and its clock be set back.
    let clock_step_ms =
        chance.weighed(&[(20, 2_000), (4, 60_000), (1, 40 * 3_600_000), (2, -5_000), (1, -3_600_000)]);
    Life { end, faults, deeds: chance.between(3..=14), clock_step_ms }
}

/// A workflow as the engine's own histories have them: everything that a definition can say.
fn workflow(chance: &mut Chance, number: u64) -> Frozen {
    let mut seed = [0; 32];
    for part in seed.chunks_mut(8) {
        part.copy_from_slice(&chance.next().to_le_bytes());
    }
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let mut definition = workflows::definition().new_tree(&mut runner).unwrap().current();
    definition.name = format!("w{number}");
    definition.workflow.max_running = chance.one_in(4).then(|| 1 + chance.below(2) as u32);
    let (at_once, per_minute) = (1 + chance.below(3) as u32, chance.one_in(6).then_some(20));
    let gated = |models: &mut indexmap::IndexMap<String, Model>| {
        for model in models.values_mut() {
            (model.max_at_once, model.per_minute) = (at_once, per_minute);
        }
    };
    gated(&mut definition.models);
    definition.callable.values_mut().for_each(|callable| gated(&mut callable.models));
    Frozen::new(written_and_read(&definition)).unwrap()
}

/// The definition as it is read from a database, which is what runs go by after a restart.
fn written_and_read(definition: &Definition) -> Definition {
    serde_json::from_str(&serde_json::to_string(definition).unwrap()).unwrap()
}

/// A project file that says what all runs together may use.
pub(crate) fn project(max_running: Option<u64>, day_usd: Option<f64>) -> Arc<Project> {
    let running = max_running.map_or_else(String::new, |max| format!("max_running: {max}\n"));
    let day = day_usd.map_or_else(String::new, |usd| format!("limits: {{ cost_usd_per_day: {usd} }}\n"));
    let file = format!(
        "project: {PROJECT}\n{running}{day}\
         models: {{ main: {{ provider: openai, model: m, api_key: {{ env: NONE }}, price: {{ input: 1, output: 10 }} }} }}\n\
         teams: {{ t: {{ model: main, agents: {{ a: {{ role: A }} }} }} }}\n\
         workflows: {{ w: {{ team: t, stages: [{{ id: s, name: S, task: Go., agents: [a] }}] }} }}\n"
    );
    let reading = project::read(&file);
    assert_eq!(reading.mistakes, []);
    Arc::new(reading.project.unwrap())
}
