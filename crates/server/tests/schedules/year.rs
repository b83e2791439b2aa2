//! A year of a thousand schedules, with changes, pauses, removals, restarts, clocks that are set and a
//! scheduler that dies between any two writes: afterwards every slot is accounted for once.

#![expect(clippy::print_stdout, reason = "how much happened says what the test is worth")]

use std::sync::Arc;
use std::time::Duration;

use callboard_server::db::Db;
use callboard_server::project::{ApplyOptions, Projects};
use callboard_server::trigger::{Eras, Rules, Scheduler, Start};
use futures_util::future::poll_immediate;
use serde_json::{Map, Value, json};
use tokio::sync::Notify;

use crate::accounts::{Account, seen_to};
use crate::chance::Chance;
use crate::cheap::Cheap;
use crate::hand::{Hand, moment};
use crate::support::store::Store;

const BEGIN: &str = "2026-01-01T00:00:00Z";
const END: &str = "2027-01-01T00:00:00Z";

const SECOND: i64 = 1_000;
const HOUR: i64 = 60 * 60 * SECOND;
const DAY: i64 = 24 * HOUR;

/// Looks at one moment before the test is called stuck: slots of many days may have to be made up for.
const ROUNDS_MAX: u64 = 2_000;

/// Schedules of one project: a change reads all of them.
const OF_A_PROJECT: usize = 10;

const SCHEDULES: usize = 1_000;
const CHANGES: u64 = 1_500;

/// Where files are kept in memory, on systems that have such a folder.
const MEMORY: &str = "/dev/shm";

// Processes die in this year, and machines do not: what is written is not synced to a disk, which would
// take most of the time.

#[test]
fn every_slot_of_a_year_is_accounted_for_on_sqlite() {
    let folder = tempfile::tempdir_in(MEMORY).or_else(|_| tempfile::tempdir()).unwrap();
    crate::support::store::on_sqlite(|mut store| {
        store.text = format!("sqlite:{}/callboard.db", folder.path().display());
        year(store)
    });
}

#[test]
fn every_slot_of_a_year_is_accounted_for_on_postgres() {
    crate::support::store::on_postgres(|store| async {
        let db = store.db().await;
        for setting in ["ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"] {
            db.query(setting, []).await.unwrap();
        }
        year(store).await;
    });
}

/// One schedule, and what was done to it.
struct Known {
    project: usize,
    name: String,
    id: i64,
    /// The trigger as a file writes it; none while it is removed.
    says: Option<Value>,
    /// What that comes to.
    rules: Option<(Rules, bool)>,
    account: Account,
}

struct World {
    db: Db,
    hand: Hand,
    chance: Chance,
    changed: Arc<Notify>,
    projects: Projects,
    cheap: Arc<Cheap>,
    scheduler: Scheduler,
    known: Vec<Known>,
    looks: u64,
    deaths: u64,
}

async fn year(store: Store) {
    let mut world = World::of(store.db().await, SCHEDULES).await;
    let end = moment(END).as_millis();
    let mut changes = world.plan(CHANGES, end);
    while world.hand.now() < end {
        let due = world.next_due().await.into_iter().chain(world.cheap.next_end());
        let next = due.chain(changes.last().copied()).min().unwrap_or(end).max(world.hand.now());
        world.hand.to(next.min(end));
        world.cheap.end_due().await;
        // A change may come before what is due at its moment has fired, or after.
        let is_changed = changes.last().is_some_and(|change| *change <= world.hand.now());
        if is_changed && world.chance.one_in(2) {
            world.look().await;
        }
        while changes.last().is_some_and(|change| *change <= world.hand.now()) {
            changes.pop();
            world.something_happens(end).await;
        }
        world.look().await;
    }
    world.close().await;
}

impl World {
    async fn of(db: Db, schedules: usize) -> Self {
        let (hand, chance, changed) = (Hand::at(BEGIN), Chance::of(2_026), Arc::new(Notify::new()));
        let eras = Arc::new(Eras::new(Arc::clone(&changed)));
        let projects = Projects::followed(db.clone(), hand.clock(), vec![eras]);
        let cheap = Cheap::of(&db, &hand, chance.apart(&[1]), true).await;
        let scheduler = scheduler(&db, &hand, &cheap, &changed);
        let (known, looks, deaths) = (Vec::new(), 0, 0);
        let mut world = Self { db, hand, chance, changed, projects, cheap, scheduler, known, looks, deaths };
        for project in 0..schedules.div_ceil(OF_A_PROJECT) {
            world.project(project).await;
        }
        world
    }

    /// Makes a project with its schedules.
    async fn project(&mut self, project: usize) {
        let mut known = Vec::new();
        for number in 0..OF_A_PROJECT {
            let (name, says) = (format!("t{number}"), Some(self.trigger()));
            let rules = says.as_ref().map(rules);
            known.push(Known { project, name, id: 0, says, rules, account: Account::default() });
        }
        let triggers = known.iter().map(|known| (known.name.clone(), known.says.clone().unwrap()));
        self.apply(&file(&format!("p{project}"), triggers.collect())).await;
        for mut known in known {
            let find = "SELECT part.id FROM part JOIN project ON project.id = part.project_id \
                        WHERE project.name = $1 AND part.path = $2";
            let path = format!("triggers/{}", known.name);
            let row = self.db.query_one(find, [format!("p{project}").into(), path.into()]).await.unwrap();
            known.id = row.int(0).unwrap();
            known.account.change(self.hand.now(), 0, known.rules.clone());
            self.known.push(known);
        }
    }

    /// The whole project, so that what was removed goes.
    async fn apply(&self, file: &Value) {
        let options = ApplyOptions { dry_run: false, prune: true };
        self.projects.apply_file(file.to_string().as_bytes(), options).await.unwrap();
    }

    /// A schedule: most fire once a week or once a month, and some once a day or for a few weeks hourly.
    fn trigger(&mut self) -> Value {
        let chance = &mut self.chance;
        // Many share their moments, as they do in life.
        let (minute, hour) = (chance.below(2) * 30, chance.below(8) * 3);
        let words = match chance.below(100) {
            0..4 => format!("{minute} {hour} * * *"),
            4..50 => format!("{minute} {hour} * * {}", chance.below(7)),
            50..80 => format!("{minute} {hour} {} * *", 1 + chance.below(28)),
            80..98 => format!("{minute} {hour} 1,15 * {}", chance.below(7)),
            _ => format!("{minute} */{} * * *", 2 + chance.below(4)),
        };
        let zone = *chance
            .pick(&["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
            .unwrap();
        let overlap = chance.weighed(&[(6, "allow"), (1, "skip"), (1, "queue"), (1, "stop_previous")]);
        let missed = chance.weighed(&[(2, "latest"), (1, "skip"), (1, "all")]);
        let spread = chance.weighed(&[(10, 0), (1, 600), (1, 7_200)]);
        let mut says = json!({ "workflow": "w", "schedule": words, "timezone": zone, "overlap": overlap,
            "missed": missed, "spread_s": spread });
        if words.contains('/') {
            // Many slots, for a while.
            let start = self.hand.now() + i64::try_from(chance.below(200)).unwrap() * DAY;
            says["start_at"] = json!(callboard_engine::time::Time::from_millis(start));
            says["end_at"] = json!(callboard_engine::time::Time::from_millis(start + 14 * DAY));
        }
        says
    }

    /// The moments at which something happens, the last first.
    fn plan(&mut self, changes: u64, end: i64) -> Vec<i64> {
        let begin = self.hand.now();
        let span = u64::try_from(end - begin).unwrap();
        let moments = (0..changes).map(|_| {
            let at = begin + i64::try_from(self.chance.below(span)).unwrap();
            // Half of them at a moment at which much is due.
            if self.chance.one_in(2) { at - at % (HOUR / 4) } else { at }
        });
        let mut moments: Vec<i64> = moments.collect();
        moments.sort_unstable_by(|one, other| other.cmp(one));
        moments
    }

    async fn next_due(&self) -> Option<i64> {
        let find = "SELECT MIN(look_at) FROM trigger_era WHERE look_at IS NOT NULL";
        self.db.query_one(find, []).await.unwrap().int_or_null(0).unwrap()
    }

    async fn something_happens(&mut self, end: i64) {
        let now = self.hand.now();
        match self.chance.below(100) {
            // The server is down for a while.
            0..4 => {
                let time = i64::try_from(self.chance.below(3 * DAY.unsigned_abs())).unwrap();
                self.hand.to((now + time).min(end));
                self.scheduler = scheduler(&self.db, &self.hand, &self.cheap, &self.changed);
            }
            // The clock is set back, or forward.
            4..7 => self.hand.to(now - i64::try_from(self.chance.below(3 * HOUR.unsigned_abs())).unwrap()),
            7..10 => {
                self.hand.to((now + i64::try_from(self.chance.below(DAY.unsigned_abs())).unwrap()).min(end))
            }
            _ => {
                let one = usize::try_from(self.chance.below(self.known.len() as u64)).unwrap();
                self.change(one).await;
            }
        }
    }

    /// Something is done to a schedule.
    async fn change(&mut self, one: usize) {
        let says = self.known[one].says.clone();
        let new = match (says, self.chance.below(10)) {
            (None, _) => Some(self.trigger()),
            (Some(_), 0) => None,
            (Some(mut says), 1..5) => {
                let is_paused = says["enabled"] == false;
                says["enabled"] = json!(is_paused);
                Some(says)
            }
            (Some(mut says), 5) => {
                says["overlap"] = json!(self.chance.pick(&["allow", "skip", "queue", "stop_previous"]));
                Some(says)
            }
            (Some(_), _) => Some(self.trigger()),
        };
        self.become_new(self.known[one].project, |at, says| if at == one { new.clone() } else { says }).await;
    }

    /// Makes a project's schedules what they become, by their places.
    async fn become_new(&mut self, project: usize, new: impl Fn(usize, Option<Value>) -> Option<Value>) {
        let (mut triggers, mut changes) = (Map::new(), Vec::new());
        for (at, known) in self.known.iter().enumerate().filter(|(_, known)| known.project == project) {
            let says = new(at, known.says.clone());
            triggers.extend(says.clone().map(|says| (known.name.clone(), says)));
            if says != known.says {
                changes.push((at, says, seen_to(&self.db, known.id).await));
            }
        }
        self.apply(&file(&format!("p{project}"), triggers)).await;
        for (at, says, seen_to) in changes {
            let (known, rules) = (&mut self.known[at], says.as_ref().map(rules));
            if rules != known.rules {
                known.account.change(self.hand.now(), seen_to, rules.clone());
            }
            (known.says, known.rules) = (says, rules);
        }
    }

    /// Looks until nothing is due and nobody has woken the scheduler. Now and then it dies in the middle of it.
    async fn look(&mut self) {
        let before = self.looks;
        loop {
            self.looks += 1;
            assert!(self.looks - before < ROUNDS_MAX, "{} never comes to rest", self.hand.now());
            if self.chance.one_in(25) {
                self.deaths += 1;
                let steps = self.chance.below(40);
                let scheduler = self.scheduler.clone();
                dies_after(steps, scheduler.look()).await;
                // What was handed over is written, as it is when a process dies.
                self.db.execute("DELETE FROM definition WHERE hash = ''", []).await.unwrap();
                self.scheduler = scheduler_again(&self.db, &self.hand, &self.cheap, &self.changed);
            }
            match self.scheduler.look().await {
                Ok(Duration::ZERO) => {}
                Ok(_) if poll_immediate(self.changed.notified()).await.is_some() => {}
                Ok(_) => return,
                // The database failed, and is there again.
                Err(error) => assert_eq!(error.code(), "database_unreachable", "{error}"),
            }
        }
    }

    /// Removes every schedule, lets what waits come to an end, and holds all of it to account.
    async fn close(mut self) {
        for project in 0..self.known.len().div_ceil(OF_A_PROJECT) {
            self.become_new(project, |_, _| None).await;
        }
        self.hand.to(self.hand.now() + DAY);
        self.look().await;
        self.look().await;
        let left = self.db.query("SELECT trigger_id FROM trigger_era", []).await.unwrap();
        assert_eq!(left.len(), 0, "eras are left");
        let (mut slots, mut fired) = (0, 0);
        for known in &self.known {
            let (own, own_fired) = known.account.hold(&self.db, known.id).await;
            slots += own;
            fired += own_fired;
        }
        let rows = self.db.query_one("SELECT COUNT(*) FROM trigger_slot", []).await.unwrap().int(0).unwrap();
        println!(
            "{slots} slots, {fired} fired, {rows} rows, {} looks, {} deaths, {} failures, {} refusals",
            self.looks,
            self.deaths,
            self.cheap.failed.load(std::sync::atomic::Ordering::Relaxed),
            self.cheap.refused.load(std::sync::atomic::Ordering::Relaxed),
        );
        assert!(fired > self.known.len() as u64 && fired < slots, "something of everything happened");
    }
}

/// A project with those triggers.
fn file(name: &str, triggers: Map<String, Value>) -> Value {
    json!({
        "project": name,
        "models": { "m": { "provider": "simulated" } },
        "teams": { "t": { "model": "m", "agents": { "a": { "role": "A" } } } },
        "workflows": { "w": { "team": "t", "stages": [{ "name": "S", "task": "T", "agents": ["a"] }] } },
        "triggers": triggers,
    })
}

/// The rules of a trigger that a file writes so, and whether it is paused.
fn rules(says: &Value) -> (Rules, bool) {
    let file = file("p", Map::from_iter([("one".to_owned(), says.clone())]));
    let project = callboard_engine::project::read(&file.to_string()).project.unwrap();
    let trigger = &project.triggers["one"];
    (Rules::of(&project, trigger).unwrap(), !trigger.enabled)
}

fn scheduler(db: &Db, hand: &Hand, cheap: &Arc<Cheap>, changed: &Arc<Notify>) -> Scheduler {
    let start: Arc<dyn Start> = Arc::<Cheap>::clone(cheap);
    Scheduler::new(db.clone(), hand.clock(), start, Arc::clone(changed))
}

/// A process that begins where another died a moment ago.
fn scheduler_again(db: &Db, hand: &Hand, cheap: &Arc<Cheap>, changed: &Arc<Notify>) -> Scheduler {
    scheduler(db, hand, cheap, changed)
}

/// Lets a future go on so many times, and drops it then.
async fn dies_after(steps: u64, future: impl Future) {
    let mut future = std::pin::pin!(future);
    let mut left = steps;
    std::future::poll_fn(|context| {
        if left == 0 || future.as_mut().poll(context).is_ready() {
            return std::task::Poll::Ready(());
        }
        left -= 1;
        std::task::Poll::Pending
    })
    .await;
}
