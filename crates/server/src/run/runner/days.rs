//! Money that all runs of a project share: what they spent today, and what is set aside for calls under
//! way. The database keeps the account; what is here is the latest that was read of it.
//!
//! What is set aside is a claim in the transaction of the intent that it is for, so that calls of many
//! runs, of several processes too, never add up to more than the limit.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use callboard_engine::command::Day;
use callboard_engine::event::{Event, Fact};
use callboard_engine::money::Usd;
use callboard_engine::time::Time;

use super::Held;
use crate::clock::Clock;
use crate::db::{Db, Error, Value, Write};
use crate::project::Allowances;

/// The accounts of the projects that limit what is spent in a day.
pub(super) struct Days {
    db: Db,
    allowances: Allowances,
    clock: Clock,
    kept: Mutex<HashMap<i64, Account>>,
    /// Counts the questions to the database.
    asked: AtomicU64,
    /// The runs that wait for room, by project.
    waiting: Mutex<HashMap<i64, BTreeSet<i64>>>,
}

/// What a project may spend on a day, and how much of that is left.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) date: String,
    pub(super) day: Day,
    pub(super) ends: Option<Time>,
    /// Which question to the database it answers: a later one has seen all that an earlier one has.
    asked: u64,
}

impl Days {
    pub(super) fn new(db: Db, allowances: Allowances, clock: Clock) -> Self {
        Self {
            db,
            allowances,
            clock,
            kept: Mutex::default(),
            asked: AtomicU64::new(0),
            waiting: Mutex::default(),
        }
    }

    /// What a project may still spend today, as far as is known here; nothing where that is not limited.
    pub(super) async fn today(&self, project: i64) -> Result<Option<Account>, Error> {
        let allowance = self.allowances.of(project).await?;
        let Some(limit) = allowance.day_limit else { return Ok(None) };
        let date = allowance.day(self.clock.now());
        let kept =
            self.kept().get(&project).filter(|kept| kept.date == date && kept.day.limit == limit).cloned();
        match kept {
            Some(kept) => Ok(Some(kept)),
            None => self.read(project).await,
        }
    }

    /// The same, as the database has it now.
    pub(super) async fn read(&self, project: i64) -> Result<Option<Account>, Error> {
        let allowance = self.allowances.of(project).await?;
        let Some(limit) = allowance.day_limit else { return Ok(None) };
        let now = self.clock.now();
        let date = allowance.day(now);
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let find = "SELECT spent, reserved FROM run_day WHERE project_id = $1 AND day = $2";
        let row = self.db.query_optional(find, [project.into(), date.as_str().into()]).await?;
        let nanos = |column| row.as_ref().map_or(Ok(0), |row| row.uint(column));
        let day = Day { limit, spent: Usd::from_nanos(nanos(0)?), reserved: Usd::from_nanos(nanos(1)?) };
        let account = Account { date, day, ends: allowance.day_ends(now), asked };
        let mut kept = self.kept();
        if kept.get(&project).is_none_or(|kept| kept.asked < asked) {
            kept.insert(project, account.clone());
        }
        Ok(Some(account))
    }

    /// The same after the account was written. Where it cannot be read now, it is read before it is
    /// needed: what was written stands, whatever becomes of this.
    pub(super) async fn read_again(&self, project: i64) {
        if let Err(error) = self.read(project).await {
            tracing::debug!(project, %error, "the account of project {project} was not read: {error}");
            self.kept().remove(&project);
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<i64, Account>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A run waits for room in its project's day.
    pub(super) fn wait(&self, project: i64, run: i64) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.entry(project).or_default().insert(run);
    }

    /// The runs that wait for room in a project's day; they are no longer listed as waiting.
    pub(super) fn take_waiting(&self, project: i64) -> BTreeSet<i64> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.remove(&project).unwrap_or_default()
    }
}

/// What of some events has to do with money, as it is written with them.
#[derive(Default)]
pub(super) struct Booked {
    pub(super) writes: Vec<Write>,
    /// Whether something that was set aside is free again.
    pub(super) settles: bool,
}

/// What books events on the account of their project's day. The claims are refused where there is no
/// room left. Where the day is no longer limited, nothing is set aside, and what was is still settled.
pub(super) fn book(held: Held, account: Option<&Account>, events: &[Event]) -> Booked {
    let mut booked = Booked::default();
    for event in events {
        match booking(&event.fact) {
            Some(Booking::Reserve { call, attempt, amount }) => {
                let claim = |account: &Account| reserve(held, &account.date, (call, attempt), amount);
                booked.writes.extend(account.map(claim).into_iter().flatten());
            }
            Some(Booking::Settle(calls)) => {
                for (call, attempt, cost) in calls {
                    booked.writes.extend(settle(held, (call, attempt), cost));
                    booked.settles = true;
                }
            }
            None => {}
        }
    }
    booked
}

enum Booking {
    Reserve { call: u64, attempt: u32, amount: Usd },
    Settle(Vec<(u64, u32, Usd)>),
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all other events have nothing to do with money")]
fn booking(fact: &Fact) -> Option<Booking> {
    match fact {
        Fact::ModelCallStarted { call, attempt, reserved_usd: Some(amount), .. } => {
            Some(Booking::Reserve { call: *call, attempt: *attempt, amount: *amount })
        }
        Fact::ModelCallFinished { call, attempt, usage, .. } => {
            Some(Booking::Settle(vec![(*call, *attempt, usage.cost_usd)]))
        }
        Fact::ModelCallFailed { call, attempt, cost_usd, .. } => {
            Some(Booking::Settle(vec![(*call, *attempt, cost_usd.unwrap_or_default())]))
        }
        Fact::RunRecovered { in_flight } => {
            let lost =
                in_flight.iter().filter_map(|lost| Some((lost.call, lost.attempt, lost.reserved_usd?)));
            Some(Booking::Settle(lost.collect()))
        }
        _ => None,
    }
}

fn reserve(held: Held, date: &str, (call, attempt): (u64, u32), amount: Usd) -> [Write; 3] {
    let (project, date): (Value, Value) = (held.project_id.into(), date.into());
    let nanos: Value = amount.as_nanos().into();
    [
        Write::new(
            "INSERT INTO run_day (project_id, day, spent, reserved) VALUES ($1, $2, 0, 0) \
             ON CONFLICT (project_id, day) DO NOTHING",
            [project.clone(), date.clone()],
        ),
        Write::claim(
            "UPDATE run_day SET reserved = reserved + $3 WHERE project_id = $1 AND day = $2 \
             AND spent + reserved + $3 <= (SELECT day_limit FROM project WHERE id = $1)",
            [project.clone(), date.clone(), nanos.clone()],
        ),
        Write::new(
            "INSERT INTO run_reservation (run_id, call, attempt, project_id, day, nanos) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            [held.id.into(), call.into(), attempt.into(), project, date, nanos],
        ),
    ]
}

/// A call that nothing was set aside for changes nothing here.
fn settle(held: Held, (call, attempt): (u64, u32), cost: Usd) -> [Write; 2] {
    let key: [Value; 3] = [held.id.into(), call.into(), attempt.into()];
    [
        Write::new(
            "UPDATE run_day SET spent = spent + $4, reserved = reserved - \
             (SELECT nanos FROM run_reservation WHERE run_id = $1 AND call = $2 AND attempt = $3) \
             WHERE EXISTS (SELECT 1 FROM run_reservation AS kept WHERE kept.run_id = $1 AND kept.call = $2 \
             AND kept.attempt = $3 AND kept.project_id = run_day.project_id AND kept.day = run_day.day)",
            key.clone().into_iter().chain([cost.as_nanos().into()]).collect::<Vec<_>>(),
        ),
        Write::new("DELETE FROM run_reservation WHERE run_id = $1 AND call = $2 AND attempt = $3", key),
    ]
}
