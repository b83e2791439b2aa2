//! Runs as cheap as they can be: the first events of each are one append to the real journal, with the
//! claims of its slot, and nobody carries it out.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use callboard_server::db::{Db, Error, Value, Write};
use callboard_server::journal::{AppendError, Events, Journal, NewStream};
use callboard_server::trigger::{Firing, NotStarted, Start, Waited};

use crate::chance::Chance;
use crate::hand::Hand;

/// A played beginning and end of runs.
pub(crate) struct Cheap {
    db: Db,
    journal: Journal,
    hand: Hand,
    workflow: (i64, i64),
    /// When the runs that are going are to end. A run that is not in it has ended at once.
    ends: Mutex<BTreeMap<(i64, i64), ()>>,
    chance: Mutex<Chance>,
    troubled: bool,
    pub(crate) started: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) failed: AtomicU64,
}

/// What a run is like, by its trigger: the triggers that let runs overlap have runs that end at once.
const LONGEST_MS: u64 = 3 * 24 * 60 * 60 * 1000;

impl Cheap {
    /// Runs of a project and a workflow that are there for them alone.
    pub(crate) async fn of(db: &Db, hand: &Hand, chance: Chance, troubled: bool) -> Arc<Self> {
        let make = [
            Write::new(
                "INSERT INTO definition (hash, body) VALUES ('cheap', '{}') ON CONFLICT DO NOTHING",
                [],
            ),
            Write::new(
                "INSERT INTO project (name, created_at, changed_at) VALUES ('cheap', 0, 0) ON CONFLICT DO NOTHING",
                [],
            ),
            Write::new(
                "INSERT INTO part (project_id, path, created_at) \
                 SELECT id, 'workflows/cheap', 0 FROM project WHERE name = 'cheap' ON CONFLICT DO NOTHING",
                [],
            ),
        ];
        db.transaction(make).await.unwrap();
        let find = "SELECT part.project_id, part.id FROM part WHERE path = 'workflows/cheap'";
        let row = db.query_one(find, []).await.unwrap();
        Arc::new(Self {
            db: db.clone(),
            journal: Journal::open(db.clone()),
            hand: hand.clone(),
            workflow: (row.int(0).unwrap(), row.int(1).unwrap()),
            ends: Mutex::default(),
            chance: Mutex::new(chance),
            troubled,
            started: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        })
    }

    /// When the next run ends.
    pub(crate) fn next_end(&self) -> Option<i64> {
        self.ends.lock().unwrap().keys().next().map(|(at, _)| *at)
    }

    /// Ends the runs whose time has come.
    pub(crate) async fn end_due(&self) {
        let now = self.hand.now();
        loop {
            let next = self.ends.lock().unwrap().keys().next().copied().filter(|(at, _)| *at <= now);
            let Some((at, run)) = next else { return };
            self.ends.lock().unwrap().remove(&(at, run));
            self.end(run, "completed").await.unwrap();
        }
    }

    async fn end(&self, run: i64, status: &str) -> Result<u64, Error> {
        let end = "UPDATE run SET status = $2, ended_at = 0 WHERE id = $1 AND status = 'running'";
        self.db.execute(end, [run.into(), status.into()]).await
    }

    /// What goes wrong this time, and the time that the run takes.
    fn fate(&self, lasts: bool) -> (Trouble, i64) {
        let mut chance = self.chance.lock().unwrap();
        let trouble = match chance.below(200) {
            0 if self.troubled => Trouble::Refused,
            1 if self.troubled => Trouble::NotWritten,
            2 if self.troubled => Trouble::NotHeard,
            _ => Trouble::Nothing,
        };
        (trouble, if lasts { i64::try_from(chance.below(LONGEST_MS)).unwrap() } else { 0 })
    }
}

#[derive(PartialEq)]
enum Trouble {
    Nothing,
    /// The run cannot start.
    Refused,
    /// The database failed before anything was written.
    NotWritten,
    /// It was written, and the answer was lost.
    NotHeard,
}

impl Start for Cheap {
    fn prepare(&self, _: i64) -> Waited<'_, ()> {
        Box::pin(async {})
    }

    fn start(&self, firing: Firing, claims: Vec<Write>) -> Waited<'_, Result<i64, NotStarted>> {
        Box::pin(async move {
            let Firing { trigger, slot, .. } = firing;
            // One that waited fires later, and the clock may have gone back since it was due.
            assert!(slot.as_millis() <= self.hand.latest(), "trigger {trigger} fires before its time");
            // Only where runs must not overlap is it claimed that none is going.
            let lasts = claims.len() > 2;
            let (trouble, time) = self.fate(lasts);
            let lost = || NotStarted::Failed(Error::Unreachable("the simulation".into()));
            match trouble {
                Trouble::Refused => {
                    self.refused.fetch_add(1, Ordering::Relaxed);
                    return Err(NotStarted::Refused("The simulation refused it.".to_owned()));
                }
                Trouble::NotWritten => {
                    self.failed.fetch_add(1, Ordering::Relaxed);
                    return Err(lost());
                }
                Trouble::Nothing | Trouble::NotHeard => {}
            }
            let row = Write::new(
                "INSERT INTO run (id, project_id, workflow_id, definition, status, stop_requested, source, \
                 source_kind, trigger_id, input, created_at, model_calls, input_tokens, output_tokens, cost_nanos) \
                 VALUES ($1, $2, $3, 'cheap', $4, 0, '{}', 'schedule', $5, $6, $7, 0, 0, 0, 0)",
                [
                    Value::NewId,
                    self.workflow.0.into(),
                    self.workflow.1.into(),
                    if lasts { "running" } else { "completed" }.into(),
                    trigger.into(),
                    slot.as_millis().to_string().into(),
                    self.hand.now().into(),
                ],
            );
            let stream = NewStream {
                epoch: 1,
                events: Events { count: 1, json: "[{}]".into() },
                writes: std::iter::once(row).chain(claims).collect(),
            };
            let run = match self.journal.create(stream).await {
                Ok(run) => run.0,
                Err(AppendError::ClaimTaken { .. }) => return Err(NotStarted::Claimed),
                Err(AppendError::Failed(error)) => return Err(NotStarted::Failed(error)),
                Err(error) => panic!("{error}"),
            };
            self.started.fetch_add(1, Ordering::Relaxed);
            if lasts {
                self.ends.lock().unwrap().insert((self.hand.now() + time, run), ());
            }
            if trouble == Trouble::NotHeard {
                self.failed.fetch_add(1, Ordering::Relaxed);
                return Err(lost());
            }
            Ok(run)
        })
    }

    fn stop(&self, run: i64, _: i64) -> Waited<'_, Result<(), Error>> {
        Box::pin(async move { self.end(run, "stopped").await.map(drop) })
    }
}
