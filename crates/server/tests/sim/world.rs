//! Everything around the simulated process: its disk, its clock, what answers it, who asks it, and the fuse
//! that ends it. It outlives every process.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use callboard_engine::time::Time;
use callboard_server::clock::Played;
use callboard_server::db::{self, Fate, Fuse, Point};
use callboard_server::run::CallKey;
use tokio::sync::Notify;

use crate::chance::Chance;
use crate::clock::FakeClock;
use crate::coverage::Coverage;
use crate::disk::{Disk, kind};
use crate::effects::Seen;
use crate::people::Order;
use crate::plan::Faults;

pub(crate) struct World {
    pub(crate) path: PathBuf,
    pub(crate) clock: FakeClock,
    /// The chance of those who answer, each call with its own.
    pub(crate) answers: Chance,
    state: Mutex<State>,
    is_dead: AtomicBool,
    died: Notify,
}

pub(crate) struct State {
    pub(crate) chance: Chance,
    pub(crate) disk: Disk,
    pub(crate) seen: BTreeMap<CallKey, Seen>,
    pub(crate) orders: Vec<Order>,
    pub(crate) coverage: Coverage,
    /// What should not be.
    pub(crate) wrong: Vec<String>,
    /// The process, from 1.
    pub(crate) life: u32,
    /// Whether it is still going on with what the one before it left.
    pub(crate) recovers: bool,
    faults: Faults,
    /// Points until the process dies.
    left: Option<u64>,
    hash: DefaultHasher,
    tells: bool,
}

/// Where a process can die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    Read,
    BeforeCommit,
    AfterCommit,
    /// A call has just gone out.
    CallOut,
    /// Whoever was called has answered, and nobody has heard it yet.
    CallBack,
    /// Someone has just been told that what they asked is done.
    Told,
    /// Nothing goes on at all.
    Idle,
}

impl Window {
    pub(crate) const ALL: [Self; 7] = [
        Self::Read,
        Self::BeforeCommit,
        Self::AfterCommit,
        Self::CallOut,
        Self::CallBack,
        Self::Told,
        Self::Idle,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::BeforeCommit => "before_commit",
            Self::AfterCommit => "after_commit",
            Self::CallOut => "call_out",
            Self::CallBack => "call_back",
            Self::Told => "told",
            Self::Idle => "idle",
        }
    }
}

impl World {
    pub(crate) fn new(path: &Path, mut chance: Chance, tells: bool) -> Arc<Self> {
        let (answers, clock) = (Chance::of(chance.next()), FakeClock::new(Chance::of(chance.next())));
        let state = State {
            chance,
            disk: Disk::open(path),
            seen: BTreeMap::new(),
            orders: Vec::new(),
            coverage: Coverage::default(),
            wrong: Vec::new(),
            life: 0,
            recovers: false,
            faults: Faults::default(),
            left: None,
            hash: DefaultHasher::new(),
            tells,
        };
        let (is_dead, died) = (AtomicBool::new(false), Notify::new());
        Arc::new(Self { path: path.to_owned(), clock, answers, state: Mutex::new(state), is_dead, died })
    }

    /// What panicked while it had this says so as well, and what is wrong is still to be told.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A process begins to live. Nothing goes wrong yet.
    pub(crate) fn rise(&self) {
        self.is_dead.store(false, Ordering::SeqCst);
        self.state().life += 1;
        self.arm(Faults::default(), None);
        self.say(|| "a process begins".to_owned());
    }

    /// From here on things go wrong like that, and after so many points the process dies.
    pub(crate) fn arm(&self, faults: Faults, points: Option<u64>) {
        let mut state = self.state();
        (state.faults, state.left) = (faults, points);
    }

    /// Looks at the state, or changes it, where nothing is waited for.
    pub(crate) fn with<T>(&self, what: impl FnOnce(&mut State) -> T) -> T {
        what(&mut self.state())
    }

    /// Draws from the chance of what happens.
    pub(crate) fn chance<T>(&self, draw: impl FnOnce(&mut Chance) -> T) -> T {
        draw(&mut self.state().chance)
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.is_dead.load(Ordering::SeqCst)
    }

    /// Waits for the death of the process.
    pub(crate) async fn death(&self) {
        while !self.is_dead() {
            self.died.notified().await;
        }
    }

    /// Goes on only while the process lives. What is dead does nothing.
    pub(crate) async fn alive(&self) {
        if self.is_dead() {
            std::future::pending::<()>().await;
        }
    }

    /// The process gets to a point at which it may die.
    pub(crate) fn reach(&self, window: Window) -> bool {
        if self.is_dead() {
            return true;
        }
        let mut state = self.state();
        let is_last = state.left == Some(1);
        state.left = state.left.map(|left| left.saturating_sub(1));
        drop(state);
        if is_last {
            self.die(window);
        }
        is_last
    }

    pub(crate) fn die(&self, window: Window) {
        self.is_dead.store(true, Ordering::SeqCst);
        let mut state = self.state();
        state.coverage.count("crash", window.name());
        if state.recovers {
            state.coverage.count("crash while recovering", window.name());
        }
        drop(state);
        self.say(|| format!("the process dies: {}", window.name()));
        self.died.notify_one();
    }

    /// Ends the process, and the history with it.
    fn give_up(&self) {
        self.say(|| "the end of a run was deleted with it, so the rest cannot be judged".to_owned());
        self.with(|state| state.coverage.count("history", "given up"));
        self.is_dead.store(true, Ordering::SeqCst);
        self.died.notify_one();
    }

    /// Something that should not be.
    pub(crate) fn wrong(&self, what: String) {
        self.say(|| format!("WRONG: {what}"));
        self.state().wrong.push(what);
    }

    /// Something that happened. It is told where someone reads along, and counts for the hash in any case.
    pub(crate) fn say(&self, what: impl FnOnce() -> String) {
        let at = self.clock.since_beginning_ms();
        let what = what();
        let mut state = self.state();
        (at, &what).hash(&mut state.hash);
        if state.tells {
            tell(&format!("{:>10.3} s  process {}  {what}", at as f64 / 1000.0, state.life));
        }
    }

    /// The hash of everything that happened.
    pub(crate) fn hash(&self) -> u64 {
        self.state().hash.finish()
    }

    /// Looks at what the last commit changed.
    fn look(&self) {
        let mut guard = self.state();
        let state = &mut *guard;
        let (news, wrong) = state.disk.look(&mut state.coverage);
        state.coverage.count("write", "commit");
        drop(guard);
        self.say(|| format!("commit of {} entries", news.len()));
        for one in news {
            let mut state = self.state();
            (one.run, &one.text).hash(&mut state.hash);
            let tells = state.tells;
            drop(state);
            if tells {
                for event in one.events {
                    self.say(|| format!("  run {} event {} {}", one.run, event.seq, kind(&event)));
                }
            }
        }
        for what in wrong {
            self.wrong(what);
        }
    }
}

#[expect(clippy::print_stdout, reason = "a replayed history is read at the terminal")]
fn tell(line: &str) {
    println!("{line}");
}

impl Played for World {
    fn now(&self) -> Time {
        self.clock.now()
    }

    fn luck(&self) -> u64 {
        self.clock.luck()
    }
}

impl Fuse for World {
    fn pause(&self, point: Point) -> Duration {
        let ms = self.chance(|chance| match point {
            Point::Read if !chance.one_in(4) => 0,
            Point::Read => chance.between(1..=3),
            Point::Commit | Point::Committed if chance.one_in(8) => 0,
            Point::Commit | Point::Committed => chance.between(1..=12),
        });
        Duration::from_millis(ms)
    }

    fn fate(&self, point: Point) -> Fate {
        if self.is_dead() {
            return Fate::Die;
        }
        if point == Point::Committed {
            self.look();
            if self.with(|state| state.disk.is_blind) {
                self.give_up();
                return Fate::Die;
            }
        }
        let window = match point {
            Point::Read => Window::Read,
            Point::Commit => Window::BeforeCommit,
            Point::Committed => Window::AfterCommit,
        };
        // There are many reads for every write, and little is different after one.
        let counts = point != Point::Read || self.chance(|chance| chance.one_in(4));
        if counts && self.reach(window) {
            return Fate::Die;
        }
        let mut state = self.state();
        let (name, one_in) = match point {
            Point::Read => ("read", state.faults.read),
            Point::Commit => ("commit", state.faults.commit),
            Point::Committed => ("answer_lost", state.faults.answer),
        };
        if one_in == 0 || !state.chance.one_in(one_in) {
            return Fate::Go;
        }
        state.coverage.count("database failed", name);
        drop(state);
        self.say(|| format!("the database fails: {name}"));
        Fate::Fail(db::Error::Unreachable("the simulated database is away".into()))
    }
}
