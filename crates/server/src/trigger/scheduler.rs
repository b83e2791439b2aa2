//! The scheduler: looks at what is due, has it decided, and writes what was decided. It decides nothing and
//! keeps nothing: all that counts is in the rows of eras and slots, so a process that begins knows what one
//! that died knew, and two that look at once cannot both see to a slot.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use callboard_api::trigger::SlotStatus;
use callboard_engine::project::Overlap;
use callboard_engine::time::Time;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::decide::{self, Era, Seen, Step, Stretch};
use super::rules::{Slot, Slots};
use super::start::{Firing, NotStarted, Start};
use super::store::{self, Ahead, Due, Fresh, Waiting};
use super::{decide::Pause, eras};
use crate::clock::Clock;
use crate::db::{Db, Error, Unit, Write, WriteError};
use crate::project::{ProjectError, Projects};

/// How often it looks where nothing is due: changes of other processes are seen after that time, and one
/// look reads three short ranges of indexes.
const LOOK_EVERY_MS: u64 = 1_000;

/// How long before their moments slots are made ready: longer than the time from one look to the next, and
/// enough to read the projects of a few hundred.
const READY_AHEAD_MS: u64 = 3_000;

/// How often it looks while a slot waits for the run before it.
const LOOK_WAITING_MS: u64 = 200;

/// What one look does for one era, before the others have their turn again.
const STEPS_MAX: usize = 16;

/// Looks at schedules and fires their slots. Clones are the same.
#[derive(Clone)]
pub struct Scheduler(Arc<Inner>);

struct Inner {
    db: Db,
    clock: Clock,
    start: Arc<dyn Start>,
    changed: Arc<Notify>,
    /// Since when it looks, in milliseconds. It goes back with the clock: what comes after is not behind it.
    since: AtomicI64,
    /// Up to when slots were made ready.
    ready_until: AtomicI64,
}

/// What came of the work at one era.
enum Settled {
    /// Nothing more is due.
    Done,
    /// There is more to do, or to try again, soon.
    More,
}

impl Scheduler {
    /// A scheduler that looks from now on. It hears of changes there.
    pub fn new(db: Db, clock: Clock, start: Arc<dyn Start>, changed: Arc<Notify>) -> Self {
        let now = clock.now().as_millis();
        let (since, ready_until) = (AtomicI64::new(now), AtomicI64::new(now));
        Self(Arc::new(Inner { db, clock, start, changed, since, ready_until }))
    }

    /// Begins the eras of triggers that a version before kept without firing them.
    pub(crate) async fn begin(&self, projects: &Projects) -> Result<(), Error> {
        for id in store::unbegun(&self.0.db).await? {
            let stored = match projects.load(id).await {
                Ok(stored) => stored,
                Err(ProjectError::Database(error @ (Error::Unreachable(_) | Error::Closed))) => {
                    return Err(error);
                }
                Err(error) => {
                    tracing::warn!("the triggers of project {id} do not fire: {error}");
                    continue;
                }
            };
            let mut writes = vec![store::begun(id)];
            writes.extend(eras::begun(&stored.project, stored.revision, self.0.clock.now()));
            match self.0.db.transaction(writes).await {
                Ok(_) | Err(WriteError::NotTaken { .. }) => {}
                Err(WriteError::Failed(error)) => return Err(error),
            }
        }
        Ok(())
    }

    /// Fires what is due, for ever.
    pub async fn keep(self) {
        let mut is_failing = false;
        loop {
            let rest = match self.look().await {
                Ok(rest) => {
                    is_failing = false;
                    rest
                }
                Err(error) => {
                    if !is_failing {
                        tracing::warn!("schedules are looked at again when the database is back: {error}");
                    }
                    is_failing = true;
                    Duration::from_millis(LOOK_EVERY_MS)
                }
            };
            // A change may have made something due.
            let _: Result<(), _> = tokio::time::timeout(rest, self.0.changed.notified()).await;
        }
    }

    /// Fires what is due now, and says how long nothing will be.
    pub async fn look(&self) -> Result<Duration, Error> {
        let now = self.0.clock.now();
        self.0.since.fetch_min(now.as_millis(), Ordering::Relaxed);
        // Most looks find nothing, so both are asked for at once, and the costlier question only where it matters.
        let until = now.plus_millis(READY_AHEAD_MS);
        let (some_wait, eras) =
            tokio::try_join!(store::some_wait(&self.0.db), store::due(&self.0.db, until))?;
        let waiting = if some_wait { self.look_at_waiting().await } else { Ok(()) };
        let (mut due, mut next, mut soon) = (Vec::new(), now.plus_millis(LOOK_EVERY_MS), Vec::new());
        for found in eras {
            if found.look <= now {
                due.push(found);
            } else {
                next = next.min(found.look);
                soon.push((found.era.trigger_id, found.look));
            }
        }
        self.make_ready(now, soon);
        // Where so many are due at once, others may be as well.
        let (mut is_done, mut failed) = (due.len() < store::ERAS_MAX, waiting.err());
        let mut work = JoinSet::new();
        for (fresh, eras) in by_trigger(due) {
            let scheduler = self.clone();
            work.spawn(async move { scheduler.settle_in_order(fresh, eras).await });
        }
        while let Some(settled) = work.join_next().await {
            match settled {
                Ok(Ok(Settled::Done)) => {}
                Ok(Ok(Settled::More)) => is_done = false,
                // The others have their turn all the same.
                Ok(Err(error)) => failed = Some(error),
                Err(died) => tracing::error!("a schedule could not be looked at: {died}"),
            }
        }
        if let Some(failed) = failed {
            return Err(failed);
        }
        // One that begins to wait now wakes the scheduler by itself.
        if some_wait {
            next = next.min(now.plus_millis(LOOK_WAITING_MS));
        }
        let rest = if is_done { next.millis_since(self.0.clock.now()) } else { 0 };
        Ok(Duration::from_millis(rest))
    }

    /// Has what is due soon read beforehand, beside the work on what is due now.
    fn make_ready(&self, now: Time, soon: Vec<(i64, Time)>) {
        let until = now.plus_millis(READY_AHEAD_MS).as_millis();
        let from = self.0.ready_until.swap(until, Ordering::Relaxed).min(until);
        let triggers: Vec<i64> = soon
            .into_iter()
            .filter(|(_, look)| look.as_millis() > from)
            .map(|(trigger, _)| trigger)
            .collect();
        if triggers.is_empty() {
            return;
        }
        let start = Arc::clone(&self.0.start);
        tokio::spawn(async move {
            for trigger in triggers {
                start.prepare(trigger).await;
            }
        });
    }

    /// The slots of a pause that no row counts yet.
    pub(crate) async fn uncounted(&self, trigger: i64) -> Result<Option<Stretch>, Error> {
        let Some(era) = store::lasting(&self.0.db, trigger).await? else { return Ok(None) };
        let Ok(slots) = era.rules.slots() else { return Ok(None) };
        Ok(decide::uncounted(&era, &slots, self.0.clock.now()))
    }

    /// Does what is next for the eras of one trigger, the earlier one first: its slots came before.
    async fn settle_in_order(&self, fresh: Fresh, eras: Vec<Era>) -> Result<Settled, Error> {
        let mut fresh = Some(fresh);
        for era in eras {
            if let Settled::More = self.settle(era, fresh.take()).await? {
                return Ok(Settled::More);
            }
        }
        Ok(Settled::Done)
    }

    /// Does what is next for an era, until nothing is due. What was read with it is good for the first step:
    /// it changes what comes after.
    async fn settle(&self, mut era: Era, mut fresh: Option<Fresh>) -> Result<Settled, Error> {
        let slots = match era.rules.slots() {
            Ok(slots) => slots,
            // It was understood once, by a version that read it otherwise.
            Err(refused) => {
                tracing::warn!("trigger {} does not fire: {}", era.trigger_id, refused.reason);
                self.write(&era, vec![store::rested(&era, None)]).await?;
                return Ok(Settled::Done);
            }
        };
        let mut planned = None;
        for _ in 0..STEPS_MAX {
            let fresh = fresh.take();
            let seen = self.seen(&era, fresh).await?;
            let reached = match decide::step(&era, &slots, &seen) {
                Step::Rest(look) => {
                    if planned != Some(look) {
                        self.write(&era, vec![store::rested(&era, look)]).await?;
                    }
                    return Ok(Settled::Done);
                }
                Step::End => {
                    self.write(&era, vec![store::ended(&era)]).await?;
                    return Ok(Settled::Done);
                }
                Step::Pass(stretch) => self.pass(&era, &slots, &stretch).await?.then_some(stretch.last),
                Step::Wait(slot) => self.wait(&era, &slots, &slot, seen.waiting).await?.then_some(slot.at),
                Step::Fire(slot) => {
                    let revision = fresh.and_then(|fresh| fresh.revision);
                    self.fire(&era, &slots, &slot, revision).await?.then_some(slot.at)
                }
            };
            if let Some(reached) = reached {
                let look = decide::next(&era, &slots, reached).1;
                // What is not due before then need not be asked about: that is written down already.
                if era.pause.is_none() && look.is_none_or(|look| look > self.0.clock.now()) {
                    return Ok(Settled::Done);
                }
                (era.reached, planned) = (reached, Some(look));
            } else {
                // Others were there first, or a change came in between.
                let Some(found) = store::find(&self.0.db, era.trigger_id, era.number).await? else {
                    return Ok(Settled::Done);
                };
                (era, planned) = (found, None);
            }
        }
        Ok(Settled::More)
    }

    async fn seen(&self, era: &Era, fresh: Option<Fresh>) -> Result<Seen, Error> {
        let counts = era.rules.overlap != Overlap::Allow && era.pause.is_none();
        let Ahead { going, waiting } = match fresh {
            _ if !counts => Ahead::default(),
            Some(fresh) => fresh.ahead,
            None => store::ahead(&self.0.db, era.trigger_id).await?,
        };
        let looking_since = Time::from_millis(self.0.since.load(Ordering::Relaxed));
        Ok(Seen { now: self.0.clock.now(), looking_since, going, waiting })
    }

    /// Starts the run of a slot; says whether the slot has been seen to.
    async fn fire(
        &self,
        era: &Era,
        slots: &Slots,
        slot: &Slot,
        revision: Option<i64>,
    ) -> Result<bool, Error> {
        let trigger = era.trigger_id;
        let mut claims = vec![
            store::moved(era, slot.at, decide::next(era, slots, slot.at)),
            store::fired(trigger, slot.at, slot.note.as_deref()),
        ];
        if era.rules.overlap != Overlap::Allow {
            claims.extend([store::held(trigger), store::nothing_goes(trigger)]);
        }
        match self.0.start.start(Firing { trigger, slot: slot.at, revision }, claims).await {
            Ok(_) => Ok(true),
            Err(NotStarted::Claimed) => Ok(false),
            Err(NotStarted::Failed(error)) => Err(error),
            Err(NotStarted::Refused(reason)) => {
                let (first, last, count) = (slot.at, slot.at, 1);
                let stretch = Stretch { status: SlotStatus::Skipped, first, last, count, reason };
                self.pass(era, slots, &stretch).await
            }
        }
    }

    /// Lets a slot wait, in the place of the one that does; says whether it has been seen to.
    async fn wait(
        &self,
        era: &Era,
        slots: &Slots,
        slot: &Slot,
        displaced: Option<Time>,
    ) -> Result<bool, Error> {
        let trigger = era.trigger_id;
        let mut writes = vec![
            store::moved(era, slot.at, decide::next(era, slots, slot.at)),
            store::waits_still(trigger, displaced),
        ];
        let claims = writes.len();
        writes.extend(store::waits_now(trigger, slot.at, slot.note.as_deref()));
        if let Some(at) = displaced {
            let (status, reason) = (SlotStatus::Skipped, store::DISPLACED.to_owned());
            let stretch = Stretch { status, first: at, last: at, count: 1, reason };
            writes.extend(self.0.start.alert(trigger, &stretch).await?);
        }
        let is_written = self.write_over(era, writes, claims).await?;
        // The run before it is stopped, or has ended meanwhile.
        self.0.changed.notify_one();
        Ok(is_written)
    }

    /// Writes slots down that do not fire; says whether they have been seen to.
    async fn pass(&self, era: &Era, slots: &Slots, stretch: &Stretch) -> Result<bool, Error> {
        let moved = store::moved(era, stretch.last, decide::next(era, slots, stretch.last));
        let mut writes = vec![moved, store::passed(era.trigger_id, stretch)];
        writes.extend(self.0.start.alert(era.trigger_id, stretch).await?);
        self.write(era, writes).await
    }

    /// Writes together, or not at all where the first claim is not met.
    async fn write(&self, era: &Era, writes: Vec<Write>) -> Result<bool, Error> {
        self.write_over(era, writes, 1).await
    }

    /// The same where so many claims in front say that nothing came in between.
    async fn write_over(&self, era: &Era, writes: Vec<Write>, claims: usize) -> Result<bool, Error> {
        let unit = Unit { order: Some(era.trigger_id), ..Unit::new(writes) };
        match self.0.db.write(unit).await {
            Ok(_) => Ok(true),
            Err(WriteError::NotTaken { index, .. }) if index < claims => Ok(false),
            Err(WriteError::NotTaken { index, .. }) => {
                let message = format!("write {index} for a slot of trigger {} was refused", era.trigger_id);
                Err(Error::Failed(message.into()))
            }
            Err(WriteError::Failed(error)) => Err(error),
        }
    }

    /// Sees to slots that wait for the run before them.
    async fn look_at_waiting(&self) -> Result<(), Error> {
        for waiting in store::waiting(&self.0.db).await? {
            let Waiting { trigger_id, at, era } = waiting;
            match &era {
                None => {
                    let reason = "The trigger was removed, or is no schedule any more, before the run ahead of it ended.";
                    self.give_up(trigger_id, at, SlotStatus::Skipped, reason).await?;
                }
                Some(Era { pause: Some(Pause { since, .. }), .. }) => {
                    let reason =
                        format!("The trigger was paused at {since}, before the run ahead of it ended.");
                    self.give_up(trigger_id, at, SlotStatus::Paused, &reason).await?;
                }
                Some(era) => self.fire_waiting(era, at).await?,
            }
        }
        Ok(())
    }

    async fn fire_waiting(&self, era: &Era, at: Time) -> Result<(), Error> {
        let trigger = era.trigger_id;
        let going = store::going(&self.0.db, trigger).await?;
        if !going.is_empty() {
            let stops = era.rules.overlap == Overlap::StopPrevious;
            for (run, _) in going.into_iter().filter(|(_, is_stopping)| stops && !is_stopping) {
                self.0.start.stop(run, trigger).await?;
            }
            return Ok(());
        }
        let claims = vec![store::held(trigger), store::waited(trigger, at), store::nothing_goes(trigger)];
        match self.0.start.start(Firing { trigger, slot: at, revision: None }, claims).await {
            Ok(_) | Err(NotStarted::Claimed) => Ok(()),
            Err(NotStarted::Failed(error)) => Err(error),
            Err(NotStarted::Refused(reason)) => self.give_up(trigger, at, SlotStatus::Skipped, &reason).await,
        }
    }

    async fn give_up(&self, trigger: i64, at: Time, status: SlotStatus, reason: &str) -> Result<(), Error> {
        let stretch = Stretch { status, first: at, last: at, count: 1, reason: reason.to_owned() };
        let mut writes = vec![store::given_up(trigger, at, status, reason)];
        writes.extend(self.0.start.alert(trigger, &stretch).await?);
        match self.0.db.transaction(writes).await {
            // Another process has seen to it.
            Ok(_) | Err(WriteError::NotTaken { .. }) => Ok(()),
            Err(WriteError::Failed(error)) => Err(error),
        }
    }
}

/// Eras by their trigger, each trigger's in their order.
fn by_trigger(due: Vec<Due>) -> impl Iterator<Item = (Fresh, Vec<Era>)> {
    let mut triggers: BTreeMap<i64, (Fresh, Vec<Era>)> = BTreeMap::new();
    for Due { era, fresh, .. } in due {
        triggers.entry(era.trigger_id).or_insert((fresh, Vec::new())).1.push(era);
    }
    triggers.into_values().map(|(fresh, mut eras)| {
        eras.sort_by_key(|era| era.number);
        (fresh, eras)
    })
}
