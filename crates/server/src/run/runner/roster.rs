//! Which runs have not ended, and how each is reached: those that work have a task, those that wait for
//! a person, a place or a limit have none and are woken by what ends the wait.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use callboard_api::run::RunIds;
use callboard_engine::command::{Command, Refused};
use callboard_engine::run::Run;
use callboard_engine::time::Time;
use tokio::sync::{Notify, mpsc, oneshot};

use super::feed::Feed;
use super::{Held, Runner};

/// Orders that wait for a run's task: a run gets few, from people and from runs that it started.
const ORDERS_MAX: usize = 16;

/// Something asked of a run, and where to answer.
pub(super) struct Order {
    pub(super) command: Command,
    /// None where nobody waits for the answer.
    pub(super) reply: Option<Reply>,
}

/// Where an order is answered: with the run that it led to, which is on disk.
pub(super) type Reply = oneshot::Sender<Result<Box<(RunIds, Run)>, Refused>>;

/// Where orders for a run are heard. Boxed, since a channel holds room for 32 from the beginning, and
/// most runs get no order at all.
pub(super) type Ear = mpsc::Receiver<Box<Order>>;

/// The runs that have not ended.
#[derive(Default)]
pub(super) struct Roster {
    runs: Mutex<Runs>,
    /// When runs that have no task are to look at the clock, the soonest first.
    alarms: Mutex<BTreeSet<(Time, i64)>>,
    pub(super) alarm_set: Notify,
}

#[derive(Default)]
struct Runs {
    by_id: HashMap<i64, Place>,
    /// Counts tasks, so that one that ends late takes no other off the list.
    tasks: u64,
}

/// How a run is reached.
enum Place {
    /// It has a task.
    Working { task: u64, orders: mpsc::Sender<Box<Order>>, feed: Feed },
    /// It has none.
    Parked { held: Held, feed: Feed },
}

/// A task's place on the list. It is given up however the task ends, by a bug too: whoever follows the
/// run would wait for ever otherwise.
pub(super) struct Listed {
    roster: Arc<Roster>,
    id: i64,
    task: u64,
}

/// A run that was without a task and gets one.
pub(super) struct Woken {
    pub(super) held: Held,
    pub(super) feed: Feed,
    pub(super) ear: Ear,
    pub(super) listed: Listed,
}

/// The way to a run.
pub(super) enum Way {
    /// To its task, and to nobody else.
    Task(mpsc::Sender<Box<Order>>),
    /// To a task that is to be begun now.
    Wake(mpsc::Sender<Box<Order>>, Box<Woken>),
    /// There is none.
    None,
}

impl Roster {
    fn runs(&self) -> std::sync::MutexGuard<'_, Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lists a run that has a task from now on.
    pub(super) fn list(self: &Arc<Self>, held: Held, feed: Feed) -> (Ear, Listed) {
        let (ear, listed, _) = self.begin(&mut self.runs(), held, feed);
        (ear, listed)
    }

    fn begin(
        self: &Arc<Self>,
        runs: &mut Runs,
        held: Held,
        feed: Feed,
    ) -> (Ear, Listed, mpsc::Sender<Box<Order>>) {
        let (orders, ear) = mpsc::channel(ORDERS_MAX);
        runs.tasks += 1;
        let task = runs.tasks;
        runs.by_id.insert(held.id, Place::Working { task, orders: orders.clone(), feed });
        (ear, Listed { roster: Arc::clone(self), id: held.id, task }, orders)
    }

    /// The way to a run. Where it has no task, the caller begins the one that is answered.
    pub(super) fn way(self: &Arc<Self>, id: i64) -> Way {
        let mut runs = self.runs();
        let (held, feed) = match runs.by_id.get(&id) {
            Some(Place::Working { orders, .. }) => return Way::Task(orders.clone()),
            Some(Place::Parked { held, feed }) => (*held, feed.clone()),
            None => return Way::None,
        };
        let (ear, listed, orders) = self.begin(&mut runs, held, feed.clone());
        Way::Wake(orders, Box::new(Woken { held, feed, ear, listed }))
    }

    /// Lists a run that has no task from now on, unless an order came meanwhile. It is woken at `until`.
    pub(super) fn park(&self, held: Held, feed: &Feed, ear: Option<&Ear>, until: Option<Time>) -> bool {
        let mut runs = self.runs();
        if ear.is_some_and(|ear| !ear.is_empty()) {
            return false;
        }
        runs.by_id.insert(held.id, Place::Parked { held, feed: feed.clone() });
        drop(runs);
        if let Some(until) = until {
            self.alarms.lock().unwrap_or_else(PoisonError::into_inner).insert((until, held.id));
            self.alarm_set.notify_one();
        }
        true
    }

    /// Where a run says what goes on.
    pub(super) fn feed(&self, id: i64) -> Option<Feed> {
        match self.runs().by_id.get(&id)? {
            Place::Working { feed, .. } | Place::Parked { feed, .. } => Some(feed.clone()),
        }
    }

    /// How many runs have a task.
    pub(super) fn working(&self) -> usize {
        let is_working = |place: &&Place| matches!(place, Place::Working { .. });
        self.runs().by_id.values().filter(is_working).count()
    }

    /// Forgets all runs.
    pub(super) fn clear(&self) {
        self.runs().by_id.clear();
    }

    /// The runs whose alarm is due, and when the next one is.
    fn due(&self, now: Time) -> (Vec<i64>, Option<Time>) {
        let mut alarms = self.alarms.lock().unwrap_or_else(PoisonError::into_inner);
        let later = alarms.split_off(&(now.plus_millis(1), i64::MIN));
        let due = std::mem::replace(&mut *alarms, later);
        (due.into_iter().map(|(_, id)| id).collect(), alarms.first().map(|(at, _)| *at))
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        let mut runs = self.roster.runs();
        let is_ours = |place: &Place| matches!(place, Place::Working { task, .. } if *task == self.task);
        if runs.by_id.get(&self.id).is_some_and(is_ours) {
            runs.by_id.remove(&self.id);
        }
    }
}

/// The longest that the clock is not looked at: it may be set meanwhile.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Wakes runs whose time has come, for as long as the server runs.
pub(super) async fn keep_time(runner: Runner) {
    loop {
        let now = runner.0.clock.now();
        let (due, next) = runner.0.roster.due(now);
        for id in due {
            runner.order(id, Command::Look);
        }
        let wait =
            next.map_or(LOOK_EVERY, |next| Duration::from_millis(next.millis_since(now)).min(LOOK_EVERY));
        // Both mean to look again, so the order means nothing; said, it is the same at every replay.
        tokio::select! {
            biased;
            () = tokio::time::sleep(wait) => {}
            () = runner.0.roster.alarm_set.notified() => {}
        }
    }
}
