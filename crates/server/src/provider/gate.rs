//! What holds back calls to a model until its limits allow them.
//!
//! Callers pass in the order in which they came. One that goes away gives up its place, and one that
//! is through makes room by dropping its [`Pass`]. Nothing is refused here: whoever waits too long
//! decides that itself.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use callboard_engine::definition::Model;
use tokio::sync::Notify;
use tokio::time::Instant;

/// The stretch that `per_minute` counts over.
const MINUTE: Duration = Duration::from_secs(60);

/// The gate of one model configuration.
#[derive(Debug)]
pub struct Gate {
    /// Held by the one that is next; the others queue for it, and tokio's lock is fair.
    front: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    /// Told when there may be room. Only the one in front listens.
    room: Notify,
}

#[derive(Debug)]
struct State {
    going: u32,
    at_once: u32,
    per_minute: Option<u32>,
    /// When the calls of the last minute went through, oldest first. Never longer than `per_minute`.
    passed: VecDeque<Instant>,
}

/// Why the one in front has to wait.
enum Wait {
    Room,
    Until(Instant),
}

impl Gate {
    /// A gate with a model's limits.
    pub fn new(model: &Model) -> Self {
        Self {
            front: tokio::sync::Mutex::new(()),
            state: Mutex::new(State {
                going: 0,
                at_once: model.max_at_once.max(1),
                per_minute: model.per_minute,
                passed: VecDeque::new(),
            }),
            room: Notify::new(),
        }
    }

    /// Goes through at once, where no one waits and the limits allow it.
    pub fn try_pass(self: &Arc<Self>) -> Option<Pass> {
        let _front = self.front.try_lock().ok()?;
        self.state().take(Instant::now()).ok()?;
        Some(Pass { gate: Arc::clone(self) })
    }

    /// Waits for its turn and goes through. Dropping the future gives the place up.
    pub async fn pass(self: &Arc<Self>) -> Pass {
        let _front = self.front.lock().await;
        loop {
            let taken = self.state().take(Instant::now());
            match taken {
                Ok(()) => return Pass { gate: Arc::clone(self) },
                Err(Wait::Room) => self.room.notified().await,
                // New limits may shorten the wait, so they are listened for here as well.
                // Both mean to look again, so their order means nothing.
                Err(Wait::Until(moment)) => {
                    tokio::select! {
                        biased;
                        () = tokio::time::sleep_until(moment) => {}
                        () = self.room.notified() => {}
                    }
                }
            }
        }
    }

    /// Takes on the limits of a newer configuration. Calls that are going go on.
    fn follow(&self, model: &Model) {
        let mut state = self.state();
        let at_once = model.max_at_once.max(1);
        if state.at_once != at_once || state.per_minute != model.per_minute {
            state.at_once = at_once;
            state.per_minute = model.per_minute;
            drop(state);
            self.room.notify_one();
        }
    }

    /// The state is whole between any two statements, so a panic elsewhere does not spoil it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes a place, or says what is in the way.
    fn take(&mut self, now: Instant) -> Result<(), Wait> {
        if self.going >= self.at_once {
            return Err(Wait::Room);
        }
        if let Some(per_minute) = self.per_minute {
            let per_minute = per_minute.max(1) as usize;
            while self.passed.front().is_some_and(|passed| now.duration_since(*passed) >= MINUTE) {
                self.passed.pop_front();
            }
            // After the limit was lowered there may be more than it allows: wait until enough are old.
            if let Some(over) = self.passed.len().checked_sub(per_minute)
                && let Some(passed) = self.passed.get(over)
            {
                return Err(Wait::Until(*passed + MINUTE));
            }
            self.passed.push_back(now);
        }
        self.going += 1;
        Ok(())
    }
}

/// A call that is through the gate. Dropping it makes room for the next.
#[derive(Debug)]
pub struct Pass {
    gate: Arc<Gate>,
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.gate.state().going -= 1;
        self.gate.room.notify_one();
    }
}

/// The gates of a process, one per model configuration, by a name that the caller chooses.
#[derive(Debug, Default)]
pub struct Gates {
    gates: Mutex<HashMap<String, Arc<Gate>>>,
}

impl Gates {
    /// The gate of that name, with the limits that the model has now.
    pub fn of(&self, name: &str, model: &Model) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gate) = gates.get(name) {
            gate.follow(model);
            return Arc::clone(gate);
        }
        let gate = Arc::new(Gate::new(model));
        gates.insert(name.to_owned(), Arc::clone(&gate));
        gate
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use callboard_engine::definition::ProviderKind;
    use futures_util::FutureExt;
    use futures_util::future::BoxFuture;

    fn model(max_at_once: u32, per_minute: Option<u32>) -> Model {
        Model {
            provider: ProviderKind::Simulated,
            model: "simulated".into(),
            base_url: None,
            api_key: None,
            parameters: serde_json::Map::new(),
            price: None,
            timeout_s: Model::TIMEOUT_S,
            retry_for_s: Model::RETRY_FOR_S,
            tools: true,
            context_tokens: Model::CONTEXT_TOKENS,
            max_at_once,
            per_minute,
            fallback: None,
            script: Vec::new(),
        }
    }

    fn waiter(gate: &Arc<Gate>) -> BoxFuture<'static, Pass> {
        let gate = Arc::clone(gate);
        async move { gate.pass().await }.boxed()
    }

    #[tokio::test]
    async fn calls_pass_in_the_order_in_which_they_came() {
        let gate = Arc::new(Gate::new(&model(1, None)));
        let going = gate.pass().await;
        let (mut second, mut third) = (waiter(&gate), waiter(&gate));
        assert!((&mut second).now_or_never().is_none());
        assert!((&mut third).now_or_never().is_none());
        assert!(gate.try_pass().is_none());
        drop(going);
        assert!((&mut third).now_or_never().is_none(), "the third is behind the second");
        let second = second.now_or_never().unwrap();
        assert!((&mut third).now_or_never().is_none());
        drop(second);
        assert!(third.now_or_never().is_some());
        assert!(gate.try_pass().is_some());
    }

    #[tokio::test]
    async fn a_waiter_that_goes_away_gives_up_its_place() {
        let gate = Arc::new(Gate::new(&model(1, None)));
        let going = gate.pass().await;
        let (mut second, mut third) = (waiter(&gate), waiter(&gate));
        assert!((&mut second).now_or_never().is_none());
        assert!((&mut third).now_or_never().is_none());
        drop(going);
        // The second was told that there is room, and goes away before it looks.
        drop(second);
        assert!(third.now_or_never().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn no_minute_has_more_calls_than_allowed() {
        let gate = Arc::new(Gate::new(&model(50, Some(2))));
        let started = Instant::now();
        let mut passed = Vec::new();
        for _ in 0..5 {
            drop(gate.pass().await);
            passed.push(started.elapsed().as_secs());
        }
        assert_eq!(passed, [0, 0, 60, 60, 120]);
    }

    #[tokio::test(start_paused = true)]
    async fn newer_limits_let_waiters_through() {
        let gates = Gates::default();
        let gate = gates.of("main", &model(1, Some(1)));
        let going = gate.pass().await;
        let mut second = waiter(&gate);
        assert!((&mut second).now_or_never().is_none());
        let same = gates.of("main", &model(2, None));
        assert!(Arc::ptr_eq(&gate, &same));
        assert!(second.now_or_never().is_some());
        drop(going);
    }
}
