//! One run's task: what is owed is done, what came of it is decided, and what was decided is on
//! disk before anything acts on it. A run that owes nothing but to wait gives its task up.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use callboard_engine::call::Request;
use callboard_engine::command::{Command, Day, Decided, Question, Refused};
use callboard_engine::content::ContentHash;
use callboard_engine::decide::decide;
use callboard_engine::money::Usd;
use callboard_engine::run::{Pending, Status};
use callboard_engine::time::Time;
use futures_util::future::AbortHandle;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};

use super::calls::Ear as CallEar;
use super::days::{Account, Booked, book};
use super::feed::Live;
use super::owed::{Key, Seat, Work, key_of, look_at, waits_for_day, work_for};
use super::patience::Patience;
use super::roster::Reply;
use super::told::Told;
use super::{Runner, RunnerError, damaged, events, text};
use crate::db::{self, Write};
use crate::journal::{Append, AppendError, Events, Position, StreamId};
use crate::run::store;

/// Commands that are decided and written in one piece: calls that ended at the same time, and no more
/// than fit into an entry.
const COMMANDS_AT_ONCE_MAX: usize = 32;

/// How long a run that waits for room in its project's day looks away from an account that cannot be
/// read.
const ACCOUNT_AGAIN_MS: u64 = 5_000;

/// A run's task.
pub(super) struct Drive {
    runner: Runner,
    seat: Seat,
    /// What the outside was asked for and has not given yet.
    at_work: FuturesUnordered<Work>,
    /// The same, with the way to cut each off.
    begun: HashMap<Key, AbortHandle>,
    /// What came of it while something else was waited for.
    done: VecDeque<(Key, Option<Command>)>,
    /// Questions that were decided and are not asked yet.
    questions: HashMap<(u64, u32), Request>,
    /// The messages of the current visit that are kept already, so that a long conversation is not
    /// written again with each question.
    kept: HashSet<ContentHash>,
    kept_of: Option<u32>,
    /// Whether the run was refused a place, and waits for its turn.
    is_full: bool,
    /// The account of its project's day by which it last decided.
    decided_by: Option<Day>,
    /// Whether it set nothing aside then, whatever room there was.
    held_back: bool,
    /// When something is due by the clock alone.
    look_at: Option<Time>,
    /// How long the database was waited for, for the decision under way.
    patience: Patience,
}

/// What a task does next.
struct Next {
    commands: Vec<Command>,
    /// Where to answer, if somebody waits for it.
    reply: Option<Reply>,
}

/// How an append went.
enum Written {
    Yes,
    /// There is no place for the run.
    Full,
    /// There is no room for its calls in its project's day: others were faster.
    NoRoom,
    /// It is to be decided again.
    Again,
}

impl Drive {
    pub(super) fn new(runner: Runner, seat: Seat) -> Self {
        Self {
            runner,
            seat,
            at_work: FuturesUnordered::new(),
            begun: HashMap::new(),
            done: VecDeque::new(),
            questions: HashMap::new(),
            kept: HashSet::new(),
            kept_of: None,
            is_full: false,
            decided_by: None,
            held_back: false,
            look_at: None,
            patience: Patience::default(),
        }
    }

    /// Keeps questions that are to be asked as soon as their intents are on disk.
    pub(super) fn keep_questions(&mut self, questions: Vec<Question>) {
        for question in questions {
            self.questions.insert((question.call, question.attempt), question.request);
        }
    }

    /// Carries the run out, until it ends, waits for something that needs no task, or another process
    /// owns it. What it is given first is decided in one piece.
    pub(super) async fn carry_out(mut self, first: Vec<Command>) {
        let (held, id) = (self.seat.held, self.seat.held.id);
        match self.go(first).await {
            Ok(()) if self.seat.run.status().is_final() => {
                tracing::debug!(run = id, status = self.seat.run.status().name(), "run {id} ended");
                self.runner.tell_news(id);
                self.runner.after_end(held, &self.seat.run).await;
            }
            Ok(()) => {
                tracing::debug!(run = id, "run {id} waits without a task");
                self.runner.tell_news(id);
            }
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

    async fn go(&mut self, mut first: Vec<Command>) -> Result<(), RunnerError> {
        // A run that waits for a place does not begin, only to be stopped in its first instant.
        while first == [Command::Start]
            && let Ok(order) = self.seat.ear.try_recv()
        {
            first.retain(|_| order.command != Command::Start);
            self.obey(Next { commands: vec![order.command], reply: order.reply }).await?;
        }
        if !first.is_empty()
            && let Err(refused) = Box::pin(self.decide(&first)).await?
        {
            tracing::debug!(run = self.seat.held.id, %refused, "nothing to do first: {refused}");
        }
        loop {
            if self.seat.run.status().is_final() {
                return Ok(());
            }
            if self.park().await {
                self.pass_on().await;
                return Ok(());
            }
            self.begin_work();
            let next = self.next().await;
            self.obey(next).await?;
        }
    }

    async fn obey(&mut self, next: Next) -> Result<(), RunnerError> {
        // Boxed, since a run waits for models far longer than it decides, and a decision under way is large.
        let answer = Box::pin(self.decide(&next.commands)).await?;
        if let Some(reply) = next.reply {
            // Whoever gave the order may have gone.
            let _ = reply.send(answer.map(|()| Box::new((self.seat.held.ids(), self.seat.run.clone()))));
        }
        Ok(())
    }

    /// Gives the task up where the run waits for nothing that needs one. Whoever ends the wait gives it a
    /// new one.
    async fn park(&mut self) -> bool {
        let held = self.seat.held;
        let now = self.runner.0.clock.now();
        let owed = self.seat.run.pending();
        let needs_task = owed.iter().any(|pending| self.needs_task(pending, now));
        let waits_for_day = owed.iter().any(waits_for_day);
        self.look_at = owed.iter().filter_map(|pending| look_at(pending, now)).min();
        drop(owed);
        if waits_for_day {
            let look_at = self.wait_for_day(now).await;
            self.look_at = [self.look_at, look_at].into_iter().flatten().min();
        }
        let is_due = self.look_at.is_some_and(|at| at <= now);
        if needs_task || is_due || !self.done.is_empty() {
            return false;
        }
        self.runner.0.roster.park(held, &self.seat.feed, Some(&self.seat.ear), self.look_at)
    }

    /// Waits for room in the project's day, and says when to look again. What was settled before others
    /// could know that this run waits, its own calls among it, is seen by the account itself.
    async fn wait_for_day(&mut self, now: Time) -> Option<Time> {
        let held = self.seat.held;
        let days = &self.runner.0.days;
        days.wait(held.project_id, held.id);
        match days.read(held.project_id).await {
            Ok(account)
                if self.held_back || account.as_ref().map(|account| account.day) != self.decided_by =>
            {
                Some(now)
            }
            Ok(account) => account.and_then(|account| account.ends),
            Err(error) => {
                tracing::warn!(run = held.id, %error, "run {} waits for the database: {error}", held.id);
                Some(now.plus_millis(ACCOUNT_AGAIN_MS))
            }
        }
    }

    /// Passes on what was ordered in the instant in which the task was given up: the next one hears it.
    async fn pass_on(&mut self) {
        self.seat.ear.close();
        while let Some(order) = self.seat.ear.recv().await {
            self.runner.pass_on(self.seat.held.id, order);
        }
    }

    /// Whether something that is owed needs a task until it comes.
    fn needs_task(&self, pending: &Pending<'_>, now: Time) -> bool {
        match pending {
            Pending::Place => !self.is_full,
            // From when it was looked whether a child has ended, it says so itself.
            Pending::AwaitChild(_) => {
                let key = key_of(pending, now);
                !key.and_then(|key| self.begun.get(&key)).is_some_and(AbortHandle::is_aborted)
            }
            Pending::Person(_) | Pending::Limit { .. } | Pending::Room | Pending::Alarm { .. } => false,
            Pending::CallModel(_)
            | Pending::Wait { .. }
            | Pending::CallTool(_)
            | Pending::ListTools(_)
            | Pending::StartChild(_)
            | Pending::Abort { .. } => true,
        }
    }

    /// Begins what is owed and has not begun, and cuts off what is no longer wanted.
    fn begin_work(&mut self) {
        let mut begun: Vec<(Key, AbortHandle, Work)> = Vec::new();
        let mut never_out = Vec::new();
        let now = self.runner.0.clock.now();
        for pending in self.seat.run.pending() {
            let key = key_of(&pending, now);
            if let Pending::Abort { call, attempt, child: None } = pending
                && let Some(key) = key
            {
                match self.begun.get(&key) {
                    Some(abort) => abort.abort(),
                    // What was to begin and to be cut off by the same decision never went out.
                    None => {
                        let never = Command::TakeAbort { call, attempt, partial: None, sent: false };
                        never_out.push((key, never));
                    }
                }
                continue;
            }
            let Some(key) = key.filter(|key| !self.begun.contains_key(key)) else { continue };
            let (abort, ear) = AbortHandle::new_pair();
            let questions = &mut self.questions;
            let work = work_for(&self.runner, &self.seat, questions, (pending, CallEar(ear)));
            begun.extend(work.map(|work| (key, abort, work)));
        }
        for (key, abort, work) in begun {
            self.begun.insert(key, abort);
            self.at_work.push(work);
        }
        self.done.extend(never_out.into_iter().map(|(key, command)| (key, Some(command))));
    }

    /// Waits for news: an order, or work that was done, and whatever else is done by then. An order comes
    /// first: a run whose models answer without a pause is stopped as soon as one that waits.
    async fn next(&mut self) -> Next {
        if let Ok(order) = self.seat.ear.try_recv() {
            return Next { commands: vec![order.command], reply: order.reply };
        }
        if self.done.is_empty() {
            let now = self.runner.0.clock.now();
            let wait = self.look_at.map(|at| Duration::from_millis(at.millis_since(now)));
            // What people ask goes before what calls bring: few orders come, and a stop is among them. In
            // order, so that a simulation is the same at every replay.
            tokio::select! {
                biased;
                Some(order) = self.seat.ear.recv() => {
                    return Next { commands: vec![order.command], reply: order.reply };
                }
                Some(done) = self.at_work.next() => self.done.push_back(done),
                () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => {
                    return Next { commands: vec![Command::Look], reply: None };
                }
            }
        }
        while self.done.len() < COMMANDS_AT_ONCE_MAX
            && let Some(Some(done)) = self.at_work.next().now_or_never()
        {
            self.done.push_back(done);
        }
        let mut commands = Vec::new();
        for (key, command) in self.done.drain(..self.done.len().min(COMMANDS_AT_ONCE_MAX)) {
            match command {
                Some(command) => {
                    self.begun.remove(&key);
                    commands.push(command);
                }
                // A child that goes on says itself when it ends; that it was looked at is remembered.
                None => {
                    if let Some(abort) = self.begun.get(&key) {
                        abort.abort();
                    }
                }
            }
        }
        Next { commands, reply: None }
    }

    /// Decides commands and writes what follows from them, in one append. Where the history has moved
    /// on, what came between is read and everything is decided again.
    async fn decide(&mut self, commands: &[Command]) -> Result<Result<(), Refused>, RunnerError> {
        self.patience = Patience::default();
        let mut has_room = true;
        loop {
            let account = match self.runner.0.days.today(self.seat.held.project_id).await {
                Ok(account) => account,
                Err(error) => {
                    self.wait_for_database(&error.into()).await;
                    continue;
                }
            };
            let known = account.as_ref().map(|account| account.day);
            // Where others were faster, nothing is set aside before what was settled here is on the account.
            let day = known.map(|day| if has_room { day } else { Day { reserved: day.limit, ..day } });
            let (decided, answer) = self.decided(commands, day);
            // By an account at which nothing was decided, nothing is known of the room that there is.
            if answer.is_ok() {
                (self.decided_by, self.held_back) = (known, !has_room);
            }
            if decided.events.is_empty() {
                self.seat.run = decided.run;
                return Ok(answer);
            }
            match self.write(decided, account).await {
                Ok(Written::Yes | Written::Full) => return Ok(answer),
                Ok(Written::Again) => {}
                Ok(Written::NoRoom) => has_room = false,
                Err(error) if error.database().is_some_and(|error| *error != db::Error::Closed) => {
                    self.wait_for_database(&error).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The run after those commands, and the answer to the last of them.
    fn decided(&self, commands: &[Command], day: Option<Day>) -> (Decided, Result<(), Refused>) {
        let run = self.seat.run.clone();
        let mut all = Decided { events: Vec::new(), run, questions: Vec::new(), documents: Vec::new() };
        let mut answer = Ok(());
        for command in commands {
            let mut moment = self.runner.0.clock.moment();
            moment.day = day;
            // What an earlier command of these set aside is not on the account yet.
            let reserved = all.run.reserved().minus(self.seat.run.reserved());
            if let Some(day) = &mut moment.day {
                day.reserved = day.reserved.plus(reserved);
            }
            match decide(&all.run, command.clone(), moment) {
                Ok(decided) => {
                    all.events.extend(decided.events);
                    all.questions.extend(decided.questions);
                    all.documents.extend(decided.documents);
                    all.run = decided.run;
                    answer = Ok(());
                }
                Err(refused) => answer = Err(refused),
            }
        }
        (all, answer)
    }

    /// Writes what was decided, and goes on from the run that it leads to. What is at work is heard
    /// meanwhile: a model that speaks must not find that nobody listens because a database is slow.
    async fn write(&mut self, decided: Decided, account: Option<Account>) -> Result<Written, RunnerError> {
        let held = self.seat.held;
        if decided.run.status() == Status::Stopped {
            // A server of tools that is between two calls is at work as well, and is not to outlive the stop.
            self.runner.0.tools.end_now(held).await;
        }
        let json = text(held.id, &decided.events)?;
        // Most runs set nothing aside, and have nothing to settle.
        let books = account.is_some() || self.seat.run.reserved() > Usd::ZERO;
        let booked = if books { book(held, account.as_ref(), &decided.events) } else { Booked::default() };
        let (writes, place) = self.writes(&decided, &booked).await?;
        let append = Append {
            stream: StreamId(held.id),
            expected: self.seat.run.seq(),
            epoch: held.epoch,
            events: Events { count: decided.events.len() as u64, json: Arc::clone(&json) },
            writes,
        };
        let inner = Arc::clone(&self.runner.0);
        let written = meanwhile(&mut self.at_work, &mut self.done, inner.journal.append(append)).await;
        match written {
            Ok(()) => {}
            Err(AppendError::Conflict(position)) => {
                self.catch_up(position).await?;
                return Ok(Written::Again);
            }
            Err(AppendError::ClaimTaken { index }) if Some(index) == place => {
                self.is_full = true;
                return Ok(Written::Full);
            }
            // Others were faster, and what is left of the day is less than was known here.
            Err(AppendError::ClaimTaken { .. }) if !booked.writes.is_empty() => {
                inner.days.read(held.project_id).await?;
                return Ok(Written::NoRoom);
            }
            Err(AppendError::Failed(error)) if error != db::Error::Closed => {
                if !self.is_written(&json, &error.into()).await {
                    return Ok(Written::Again);
                }
            }
            Err(error) => return Err(error.into()),
        }
        if !booked.writes.is_empty() {
            inner.days.read_again(held.project_id).await;
        }
        self.took(decided, json);
        if place.is_some() {
            // Whoever is next may have been refused because of this one, which needed less than it could.
            self.runner.fill_places_or_warn(held.project_id).await;
        }
        if booked.settles {
            self.runner.tell_of_room(held.project_id);
        }
        Ok(Written::Yes)
    }

    /// What is written with events, and where among it the claim of a place stands.
    async fn writes(
        &mut self,
        decided: &Decided,
        booked: &Booked,
    ) -> Result<(Vec<Write>, Option<usize>), RunnerError> {
        let (held, before, after) = (self.seat.held, &self.seat.run, &decided.run);
        let mut writes = store::changed(held.id, before, after).map_err(|error| damaged(held.id, &error))?;
        let mut place = None;
        if before.status() == Status::Pending && after.started_at().is_some() {
            let row = store::find(&self.runner.0.db, held.id).await?.ok_or(RunnerError::NotFound(held.id))?;
            let ids = (row.ids.project_id, row.ids.workflow_id);
            let room = self.runner.room(ids, after.definition(), after.source()).await?;
            if let Some(claim) = room.claim(held.id.into()) {
                place = Some(writes.len());
                writes.push(claim);
            }
        }
        writes.extend(booked.writes.iter().cloned());
        writes.extend(decided.documents.iter().map(|document| store::document(held.id.into(), document)));
        let visit = after.visits().next_back().map(|visit| visit.number);
        if self.kept_of != visit {
            self.kept.clear();
            self.kept_of = visit;
        }
        let sent = decided.questions.iter().flat_map(|question| &question.sent);
        let new = sent.filter(|sent| !self.kept.contains(&sent.hash));
        writes.extend(new.map(|sent| store::message(held.id.into(), sent)));
        Ok((writes, place))
    }

    /// Goes on from what is on disk now.
    fn took(&mut self, decided: Decided, json: Arc<str>) {
        let Decided { run, events, questions, .. } = decided;
        for question in &questions {
            self.kept.extend(question.sent.iter().map(|sent| sent.hash.clone()));
        }
        self.keep_questions(questions);
        // One that was told something while it waits for its turn still waits for it.
        self.is_full &= run.status() == Status::Pending;
        self.seat.run = run;
        self.seat.feed.say(|| Live::Events(Told::new(events, json)));
    }

    /// Waits a while, longer each time.
    async fn wait_for_database(&mut self, error: &RunnerError) {
        let id = self.seat.held.id;
        if self.patience.is_new() {
            tracing::warn!(run = id, %error, "run {id} waits for the database: {error}");
            self.seat.feed.say(|| Live::Waiting { why: error.to_string().into() });
        }
        let wait = self.patience.next();
        meanwhile(&mut self.at_work, &mut self.done, tokio::time::sleep(wait)).await;
    }

    /// Whether events are on disk that the database failed on: it can be lost after a commit and before its
    /// answer. To decide again what is on disk would write it twice. Asked for as long as it takes.
    async fn is_written(&mut self, json: &str, error: &RunnerError) -> bool {
        let (stream, known) = (StreamId(self.seat.held.id), self.seat.run.seq());
        let inner = Arc::clone(&self.runner.0);
        loop {
            self.wait_for_database(error).await;
            let read = inner.journal.read(stream, known, 1);
            match meanwhile(&mut self.at_work, &mut self.done, read).await {
                // What others wrote meanwhile is found by the next append.
                Ok(entries) => return entries.iter().any(|entry| *entry.events == *json),
                // A database that was closed meanwhile says so to the next append.
                Err(db::Error::Closed) => return false,
                Err(_) => {}
            }
        }
    }

    /// Reads what came between, unless another process owns the run now.
    async fn catch_up(&mut self, position: Position) -> Result<(), RunnerError> {
        if position.epoch != self.seat.held.epoch {
            return Err(RunnerError::TakenOver(self.seat.held.id));
        }
        let known = self.seat.run.seq();
        let mut pages = self.runner.0.journal.pages(StreamId(self.seat.held.id), known);
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

/// Waits for something while what is at work goes on, and keeps what comes of that.
async fn meanwhile<T>(
    at_work: &mut FuturesUnordered<Work>,
    done: &mut VecDeque<(Key, Option<Command>)>,
    awaited: impl Future<Output = T>,
) -> T {
    let mut awaited = std::pin::pin!(awaited);
    loop {
        tokio::select! {
            biased;
            answer = &mut awaited => return answer,
            Some(work) = at_work.next() => done.push_back(work),
        }
    }
}
