//! One run's task: what is owed is done, what came of it is decided, and what was decided is on
//! disk before anything acts on it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use callboard_engine::command::{Command, Refused};
use callboard_engine::decide::decide;
use callboard_engine::event::Event;
use callboard_engine::run::{Pending, Run};
use callboard_engine::time::Time;
use futures_util::FutureExt;
use futures_util::future::{AbortHandle, BoxFuture};
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::{mpsc, oneshot};

use super::calls::{Ear, Outgoing};
use super::feed::{Feed, Live};
use super::told::Told;
use super::{Held, Inner, Order, RunnerError, damaged, events, text};
use crate::db;
use crate::journal::{Append, AppendError, Events, Position, StreamId};
use crate::run::store;

/// Commands that are decided together where several are ready: the answers of agents that go at
/// once, for the most part.
const COMMANDS_AT_ONCE_MAX: usize = 16;

/// The first wait for a database that does not answer.
const DATABASE_WAIT_FIRST: Duration = Duration::from_millis(100);

/// The longest one. Until the database is back, answers that were paid for wait here.
const DATABASE_WAIT_MAX: Duration = Duration::from_secs(5);

/// A run, and the place from which it is driven.
pub(super) struct Seat {
    pub(super) held: Held,
    pub(super) run: Run,
    pub(super) ear: mpsc::Receiver<Box<Order>>,
    pub(super) feed: Feed,
}

/// A run's task.
pub(super) struct Drive {
    inner: Arc<Inner>,
    seat: Seat,
    /// What the outside was asked for and has not given yet.
    at_work: FuturesUnordered<BoxFuture<'static, Command>>,
    /// The same, by call and attempt, with the way to cut each off.
    begun: HashMap<(u64, u32), AbortHandle>,
    /// What came of it while something else was waited for.
    done: VecDeque<Command>,
}

/// What a task does next.
struct Next {
    commands: Vec<Command>,
    /// Where to answer, if a person gave the command.
    reply: Option<oneshot::Sender<Result<(), Refused>>>,
}

impl Drive {
    pub(super) fn new(inner: Arc<Inner>, seat: Seat) -> Self {
        Self { inner, seat, at_work: FuturesUnordered::new(), begun: HashMap::new(), done: VecDeque::new() }
    }

    /// Carries the run out, to its end or until another process owns it.
    pub(super) async fn carry_out(mut self, first: Option<Command>) {
        let id = self.seat.held.id;
        match self.go(first).await {
            Ok(()) => tracing::debug!(run = id, status = self.seat.run.status().name(), "run {id} ended"),
            Err(error) => {
                if let RunnerError::TakenOver(_) = error {
                    tracing::info!(run = id, "{error}");
                } else {
                    tracing::error!(run = id, %error, "run {id} cannot go on: {error}");
                }
                self.seat.feed.give_up(error);
            }
        }
    }

    async fn go(&mut self, first: Option<Command>) -> Result<(), RunnerError> {
        if let Some(command) = first
            && let Err(refused) = Box::pin(self.decide(&[command])).await?
        {
            tracing::debug!(run = self.seat.held.id, %refused, "nothing to do first: {refused}");
        }
        loop {
            if self.seat.run.status().is_final() {
                return Ok(());
            }
            self.begin_work();
            let next = self.next().await;
            // Boxed, since a run waits for models far longer than it decides, and a decision under way is
            // large.
            let answer = Box::pin(self.decide(&next.commands)).await?;
            if let Some(reply) = next.reply {
                // Whoever gave the order may have gone.
                let _ = reply.send(answer);
            }
        }
    }

    /// Begins what is owed and has not begun, and cuts off what is no longer wanted.
    fn begin_work(&mut self) {
        let mut begun = Vec::new();
        for pending in self.seat.run.pending() {
            match pending {
                Pending::Place => {}
                Pending::Abort { call, attempt } => {
                    if let Some(abort) = self.begun.get(&(call, attempt)) {
                        abort.abort();
                    }
                }
                Pending::Wait { call, attempt, until, .. } => {
                    if !self.begun.contains_key(&(call, attempt)) {
                        begun.push(self.wait(call, attempt, until));
                    }
                }
                Pending::CallModel(owed) => {
                    if !self.begun.contains_key(&(owed.call, owed.attempt))
                        && let Some(request) = self.seat.run.request(owed.call)
                    {
                        begun.push(self.call(Outgoing {
                            call: owed.call,
                            attempt: owed.attempt,
                            agent: owed.agent.into(),
                            question: self.inner.models.ask(
                                self.seat.held.project_id,
                                self.seat.run.definition(),
                                &owed,
                                &request,
                            ),
                            feed: self.seat.feed.clone(),
                        }));
                    }
                }
            }
        }
        for (key, abort, work) in begun {
            self.begun.insert(key, abort);
            self.at_work.push(work);
        }
    }

    fn call(&self, outgoing: Outgoing) -> ((u64, u32), AbortHandle, BoxFuture<'static, Command>) {
        let key = (outgoing.call, outgoing.attempt);
        let (abort, ear) = AbortHandle::new_pair();
        let inner = Arc::clone(&self.inner);
        let work = async move { inner.models.make(outgoing, Ear(ear)).await };
        (key, abort, work.boxed())
    }

    fn wait(
        &self,
        call: u64,
        attempt: u32,
        until: Time,
    ) -> ((u64, u32), AbortHandle, BoxFuture<'static, Command>) {
        let wait = Duration::from_millis(until.millis_since(self.inner.clock.now()));
        let (abort, _) = AbortHandle::new_pair();
        let work = tokio::time::sleep(wait).map(move |()| Command::Retry { call, attempt });
        ((call, attempt), abort, work.boxed())
    }

    /// Waits for news: an order, or work that was done, and whatever else is done by then.
    async fn next(&mut self) -> Next {
        if self.done.is_empty() {
            tokio::select! {
                Some(order) = self.seat.ear.recv() => {
                    return Next { commands: vec![order.command], reply: Some(order.reply) };
                }
                Some(command) = self.at_work.next() => self.done.push_back(command),
            }
        }
        while self.done.len() < COMMANDS_AT_ONCE_MAX
            && let Some(Some(command)) = self.at_work.next().now_or_never()
        {
            self.done.push_back(command);
        }
        let commands: Vec<_> = self.done.drain(..self.done.len().min(COMMANDS_AT_ONCE_MAX)).collect();
        for command in &commands {
            self.begun.remove(&key(command));
        }
        Next { commands, reply: None }
    }

    /// Decides commands and writes what follows from them, in one append. Where the history has moved
    /// on, what came between is read and everything is decided again.
    async fn decide(&mut self, commands: &[Command]) -> Result<Result<(), Refused>, RunnerError> {
        let mut wait = None;
        loop {
            let (run, events, answer) = self.decided(commands);
            if events.is_empty() {
                self.seat.run = run;
                return Ok(answer);
            }
            let Err(error) = self.write(run, events).await else { return Ok(answer) };
            let settled = if let RunnerError::Append(AppendError::Conflict(position)) = error {
                self.catch_up(position).await
            } else {
                Err(error)
            };
            match settled {
                Ok(()) => {}
                Err(error) if error.database().is_some_and(|error| *error != db::Error::Closed) => {
                    self.wait_for_database(&error, &mut wait).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Writes events, and goes on from the run that they lead to. What is at work is heard meanwhile:
    /// a model that speaks must not find that nobody listens because a database is slow.
    async fn write(&mut self, run: Run, events: Vec<Event>) -> Result<(), RunnerError> {
        let json = text(self.seat.held.id, &events)?;
        let written = self.seat.append(&self.inner, &run, events.len(), Arc::clone(&json));
        meanwhile(&mut self.at_work, &mut self.done, written).await?;
        self.seat.run = run;
        self.seat.feed.say(|| Live::Events(Told::new(events, json)));
        Ok(())
    }

    /// Waits a while, longer each time. It is not known whether the events were written: the history
    /// says, as soon as it can be read.
    async fn wait_for_database(
        &mut self,
        error: &RunnerError,
        wait: &mut Option<Duration>,
    ) -> Result<(), RunnerError> {
        let id = self.seat.held.id;
        if wait.is_none() {
            tracing::warn!(run = id, %error, "run {id} waits for the database: {error}");
            self.seat.feed.say(|| Live::Waiting { why: error.to_string().into() });
        }
        let length = wait.map_or(DATABASE_WAIT_FIRST, |wait| (wait * 2).min(DATABASE_WAIT_MAX));
        *wait = Some(length);
        meanwhile(&mut self.at_work, &mut self.done, tokio::time::sleep(length)).await;
        let position = self.inner.journal.position(StreamId(id));
        let caught_up = match meanwhile(&mut self.at_work, &mut self.done, position).await {
            Ok(Some(position)) => self.catch_up(position).await,
            Ok(None) => Err(AppendError::Gone.into()),
            Err(error) => Err(error.into()),
        };
        caught_up.or_else(|error| if error.database().is_some() { Ok(()) } else { Err(error) })
    }

    /// The run after those commands, and the answer to the last of them.
    fn decided(&self, commands: &[Command]) -> (Run, Vec<Event>, Result<(), Refused>) {
        let mut run = self.seat.run.clone();
        let mut events = Vec::new();
        let mut answer = Ok(());
        for command in commands {
            match decide(&run, command.clone(), self.inner.clock.moment()) {
                Ok(decided) => {
                    events.extend(decided.events);
                    run = decided.run;
                    answer = Ok(());
                }
                Err(refused) => answer = Err(refused),
            }
        }
        (run, events, answer)
    }

    /// Reads what came between, unless another process owns the run now.
    async fn catch_up(&mut self, position: Position) -> Result<(), RunnerError> {
        if position.epoch != self.seat.held.epoch {
            return Err(RunnerError::TakenOver(self.seat.held.id));
        }
        let known = self.seat.run.seq();
        let mut pages = self.inner.journal.pages(StreamId(self.seat.held.id), known);
        while let Some(page) = pages.next().await? {
            for entry in page {
                let events = events(self.seat.held.id, &entry)?;
                for event in events.iter().filter(|event| event.seq > known) {
                    let fit = self.seat.run.apply(event);
                    fit.map_err(|misfit| damaged(self.seat.held.id, &misfit))?;
                }
                self.seat
                    .feed
                    .say(|| Live::Events(Told::new(events, Arc::clone(&entry.events)).after(known)));
            }
        }
        Ok(())
    }
}

impl Seat {
    /// Writes events, and the rows that follow from them, on the condition that nobody else wrote.
    async fn append(
        &self,
        inner: &Inner,
        after: &Run,
        count: usize,
        json: Arc<str>,
    ) -> Result<(), RunnerError> {
        let writes =
            store::changed(self.held.id, &self.run, after).map_err(|error| damaged(self.held.id, &error))?;
        let append = Append {
            stream: StreamId(self.held.id),
            expected: self.run.seq(),
            epoch: self.held.epoch,
            events: Events { count: count as u64, json },
            writes,
        };
        Ok(inner.journal.append(append).await?)
    }
}

/// Waits for something while what is at work goes on, and keeps what comes of that.
async fn meanwhile<T>(
    at_work: &mut FuturesUnordered<BoxFuture<'static, Command>>,
    done: &mut VecDeque<Command>,
    awaited: impl Future<Output = T>,
) -> T {
    let mut awaited = std::pin::pin!(awaited);
    loop {
        tokio::select! {
            biased;
            answer = &mut awaited => return answer,
            Some(command) = at_work.next() => done.push_back(command),
        }
    }
}

/// The call and attempt that a command is about.
fn key(command: &Command) -> (u64, u32) {
    match command {
        Command::TakeAnswer { call, attempt, .. }
        | Command::TakeFailure { call, attempt, .. }
        | Command::Retry { call, attempt }
        | Command::TakeAbort { call, attempt, .. } => (*call, *attempt),
        Command::Start | Command::Recover | Command::Stop { .. } => (0, 0),
    }
}
