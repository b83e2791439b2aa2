//! One history under one seed: processes one after the other on one file, until everything has ended.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Once, OnceLock};
use std::time::Duration;

use callboard_server::db::{Db, Fate, Fuse, Point};
use tokio::runtime::Builder;

use crate::chance::Chance;
use crate::coverage::Coverage;
use crate::plan::Plan;
use crate::process;
use crate::world::World;
use crate::{inherited, oracle};

/// What became of a history.
#[derive(Debug)]
pub(crate) struct Report {
    /// The hash of everything that happened, in its order.
    pub(crate) hash: u64,
    pub(crate) coverage: Coverage,
    /// What should not be; nothing where all is well.
    pub(crate) wrong: Vec<String>,
}

thread_local! {
    /// Panics on this thread: a task that panics takes nothing down with it, and would not be missed.
    static PANICS: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Carries out the history of a seed.
pub(crate) fn carry_out(seed: u64, tells: bool) -> Report {
    listen_for_panics();
    PANICS.set(Some(Vec::new()));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callboard.db");
    std::fs::write(&path, empty()).unwrap();
    let mut chance = Chance::of(seed);
    let plan = Plan::of(&mut chance);
    let world = World::new(&path, chance, tells);
    let ended = catch_unwind(AssertUnwindSafe(|| {
        for life in &plan.lives {
            process::live(&world, &plan, life);
            if world.with(|state| state.disk.is_blind || !state.wrong.is_empty()) {
                return;
            }
        }
        let wrong = oracle::judge(&world.state());
        for what in wrong {
            world.wrong(what);
        }
    }));
    let panics = PANICS.take().unwrap_or_default();
    if ended.is_err() && panics.is_empty() {
        world.wrong("something panicked".to_owned());
    }
    for panic in panics {
        world.wrong(format!("a panic: {panic}"));
    }
    report(&world)
}

fn report(world: &Arc<World>) -> Report {
    let hash = world.hash();
    let mut state = world.state();
    let mut coverage = std::mem::take(&mut state.coverage);
    coverage.count("history", "carried out");
    for kept in state.disk.runs.values() {
        coverage.count("run", kept.run.status().name());
        if let Some(error) = kept.run.error() {
            coverage.count("error", error.code.clone());
        }
    }
    inherited::seen(&state, &mut coverage);
    Report { hash, coverage, wrong: std::mem::take(&mut state.wrong) }
}

fn listen_for_panics() {
    static LISTENS: Once = Once::new();
    LISTENS.call_once(|| {
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let kept = PANICS.with_borrow_mut(|panics| match panics {
                Some(panics) => {
                    panics.push(panic.to_string());
                    true
                }
                None => false,
            });
            if !kept {
                told(panic);
            }
        }));
    });
}

/// The file of a database with all its tables and nothing in them: migrations have tests of their own.
fn empty() -> &'static [u8] {
    static EMPTY: OnceLock<Vec<u8>> = OnceLock::new();
    EMPTY.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("callboard.db");
        make(&path);
        std::fs::read(&path).unwrap()
    })
}

fn make(path: &Path) {
    struct Harmless;
    impl Fuse for Harmless {
        fn pause(&self, _: Point) -> Duration {
            Duration::ZERO
        }

        fn fate(&self, _: Point) -> Fate {
            Fate::Go
        }
    }
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let fuse: Arc<dyn Fuse> = Arc::new(Harmless);
    runtime.block_on(async { Db::open_inline(path, &fuse).unwrap().close().await });
}
