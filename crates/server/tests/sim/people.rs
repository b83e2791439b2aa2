//! The people and programs that use the simulated server: what they ask of it, at random, and what they were
//! answered.

use std::sync::Arc;

use callboard_engine::command::Command;
use callboard_engine::definition::{Limits, OnLimit};
use callboard_engine::event::{Source, SourceKind};
use callboard_engine::run::{Asked, AskedFor, Run, Status};
use callboard_server::clock::Played as _;
use callboard_server::db::{Value, Write};
use callboard_server::journal::AppendError;
use callboard_server::run::{Live, NewRun, RunnerError};
use serde_json::json;

use crate::plan::project;
use crate::process::Process;
use crate::world::Window;

/// Runs of one history that people start: enough to be in each other's way.
const RUNS_MAX: usize = 7;

/// Something that was asked of the server, and what was answered.
pub(crate) struct Order {
    pub(crate) what: Deed,
    /// The run, where it is about one, or was started by it.
    pub(crate) run: Option<i64>,
    pub(crate) came: Came,
}

/// What someone does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Start,
    /// The same start once more, under the same key.
    StartAgain,
    /// A new run goes on from one that has ended.
    Rerun,
    Stop,
    Answer,
    Approve,
    Say,
    Raise,
    NobodyThere,
    Delete,
    /// The project may have more or less at once, and spend more or less in a day.
    Change,
    /// Someone follows a run live.
    Follow,
}

impl Deed {
    pub(crate) const ALL: [Self; 12] = [
        Self::Start,
        Self::StartAgain,
        Self::Rerun,
        Self::Stop,
        Self::Answer,
        Self::Approve,
        Self::Say,
        Self::Raise,
        Self::NobodyThere,
        Self::Delete,
        Self::Change,
        Self::Follow,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::StartAgain => "start_again",
            Self::Rerun => "rerun",
            Self::Stop => "stop",
            Self::Answer => "answer",
            Self::Approve => "approve",
            Self::Say => "say",
            Self::Raise => "raise",
            Self::NobodyThere => "nobody_there",
            Self::Delete => "delete",
            Self::Change => "change",
            Self::Follow => "follow",
        }
    }
}

/// What whoever asked was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// Nothing: it may have been done.
    Nothing,
    Done,
    /// It was not done, for that reason.
    Refused(&'static str),
    /// The server could not say whether it was done.
    Failed(&'static str),
}

impl Order {
    /// Whether someone was told that the run stops.
    pub(crate) fn has_stopped(&self, run: i64) -> bool {
        self.what == Deed::Stop && self.run == Some(run) && self.came == Came::Done
    }
}

/// Who did the so-manieth thing: the name that stands in the history for it.
pub(crate) fn name_of(order: usize) -> String {
    format!("person {order}")
}

impl Process {
    /// Someone does something.
    pub(crate) async fn deed(self: Arc<Self>) {
        let deed = self.world.chance(|chance| {
            chance.weighed(&[
                (6, Deed::Start),
                (2, Deed::StartAgain),
                (4, Deed::Rerun),
                (2, Deed::Stop),
                (6, Deed::Answer),
                (6, Deed::Approve),
                (2, Deed::Say),
                (3, Deed::Raise),
                (1, Deed::NobodyThere),
                (1, Deed::Delete),
                (1, Deed::Change),
                (1, Deed::Follow),
            ])
        });
        self.does(deed).await;
    }

    async fn does(&self, deed: Deed) {
        match deed {
            Deed::Start => self.starts().await,
            Deed::StartAgain => self.starts_again().await,
            Deed::Rerun => self.reruns().await,
            Deed::Answer => self.answers(&|what| !matches!(what, AskedFor::Approval { .. })).await,
            Deed::Approve => self.answers(&|what| matches!(what, AskedFor::Approval { .. })).await,
            Deed::Stop => self.commands(deed, |_, by| Command::Stop { by, reason: None }).await,
            Deed::Say => {
                let text = "Mind the mice.".to_owned();
                self.commands(deed, |_, by| Command::Say { text, by }).await;
            }
            Deed::Raise => {
                self.commands(deed, |run, by| Command::Raise { limits: self.more(run), by }).await;
            }
            Deed::NobodyThere => self.commands(deed, |_, _| Command::NobodyThere).await,
            Deed::Delete => self.deletes().await,
            Deed::Change => self.changes().await,
            Deed::Follow => self.follows().await,
        }
    }

    /// The number of what is asked.
    pub(crate) fn order(&self, what: Deed, run: Option<i64>) -> usize {
        let mut state = self.world.state();
        state.orders.push(Order { what, run, came: Came::Nothing });
        let number = state.orders.len() - 1;
        drop(state);
        self.world.say(|| format!("{} wants: {} {}", name_of(number), what.name(), of(run)));
        number
    }

    /// Someone was answered. The process may die right after.
    pub(crate) async fn told(&self, number: usize, run: Option<i64>, came: Came) {
        self.world.alive().await;
        let (counted, answer) = match &came {
            Came::Nothing => ("deed not answered", "nothing"),
            Came::Done => ("deed done", "done"),
            Came::Refused(code) => ("deed refused", *code),
            Came::Failed(code) => ("deed failed", *code),
        };
        let (what, run) = self.world.with(|state| {
            let order = &mut state.orders[number];
            (order.run, order.came) = (run.or(order.run), came.clone());
            let (what, run) = (order.what, order.run);
            state.coverage.count(counted, what.name());
            if let (Deed::Rerun, Came::Refused(code) | Came::Failed(code)) = (what, &came) {
                state.coverage.count("rerun refused", *code);
            }
            (what, run)
        });
        self.world.say(|| format!("{} was told of {} {}: {answer}", name_of(number), what.name(), of(run)));
        self.world.reach(Window::Told);
        self.world.alive().await;
    }

    async fn starts(&self) {
        let is_start = |order: &&Order| order.what == Deed::Start;
        let started = self.world.with(|state| state.orders.iter().filter(is_start).count());
        if started < RUNS_MAX {
            let number = self.order(Deed::Start, None);
            self.starts_under(number, number).await;
        }
    }

    async fn starts_again(&self) {
        let earlier: Vec<usize> = self.world.with(|state| {
            let started = state.orders.iter().enumerate().filter(|(_, order)| order.what == Deed::Start);
            started.map(|(number, _)| number).collect()
        });
        if let Some(key) = self.world.chance(|chance| chance.pick(&earlier).copied()) {
            let number = self.order(Deed::StartAgain, None);
            self.world.say(|| format!("{} repeats what {} wanted", name_of(number), name_of(key)));
            self.starts_under(number, key).await;
        }
    }

    /// Starts a run under a key, as the HTTP API does.
    async fn starts_under(&self, number: usize, key: usize) {
        let (run, came) = match self.start(key).await {
            Ok(run) => (Some(run), Came::Done),
            Err(error) => (None, failed(&error)),
        };
        self.told(number, run, came).await;
    }

    async fn start(&self, key: usize) -> Result<i64, RunnerError> {
        if let Some(run) = self.earlier(key).await? {
            return Ok(run);
        }
        match self.runner.start(self.new_run(key)).await {
            Ok(started) => Ok(started.id),
            Err(error @ RunnerError::Append(AppendError::ClaimTaken { .. })) => {
                self.earlier(key).await?.ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    /// What the same call means does not depend on when it is made.
    fn new_run(&self, key: usize) -> NewRun {
        let mut chance = self.world.answers.apart(&[u64::MAX, key as u64]);
        let workflow = chance.pick(&self.workflows).unwrap();
        let on_limit = chance.weighed(&[(4, None), (2, Some(OnLimit::Wait)), (1, Some(OnLimit::Stop))]);
        let limits = if chance.one_in(4) {
            Limits { cost_usd: Some(0.03), on_limit, ..Limits::default() }
        } else {
            Limits::default()
        };
        let claim = "INSERT INTO idempotency_key (scope, key, request, made, created_at) \
                     VALUES ('sim', $1, '', $2, $3) ON CONFLICT DO NOTHING";
        let params = [name_of(key).into(), Value::NewId, self.world.now().as_millis().into()];
        NewRun {
            project_id: self.project_id,
            workflow_id: workflow.0,
            frozen: workflow.1.clone(),
            source: Source {
                kind: if chance.one_in(3) { SourceKind::Api } else { SourceKind::Manual },
                ..Source::manual(&name_of(key))
            },
            input: json!({ "owls": key }),
            metadata: Some(json!({ "key": key })),
            limits,
            depth: if chance.one_in(20) { 5 } else { 0 },
            inherited: None,
            claims: vec![Write::claim(claim, params)],
        }
    }

    pub(crate) async fn earlier(&self, key: usize) -> Result<Option<i64>, RunnerError> {
        let find = "SELECT made FROM idempotency_key WHERE scope = 'sim' AND key = $1";
        let row = self.db.query_optional(find, [name_of(key).into()]).await?;
        Ok(row.map(|row| row.int(0)).transpose()?)
    }

    /// One of the runs that are there, ended ones less often.
    fn some_run(&self) -> Option<i64> {
        let mut state = self.world.state();
        let state = &mut *state;
        let there = state.disk.runs.iter().filter(|(_, kept)| !kept.is_deleted);
        let (ended, going): (Vec<_>, Vec<_>) = there.partition(|(_, kept)| kept.run.status().is_final());
        let from = if going.is_empty() || state.chance.one_in(10) { ended } else { going };
        state.chance.pick(&from).map(|(id, _)| **id)
    }

    /// Gives a command to some run.
    async fn commands(&self, deed: Deed, command: impl FnOnce(i64, String) -> Command) {
        let Some(run) = self.some_run() else { return };
        let number = self.order(deed, Some(run));
        self.asks(number, run, command(run, name_of(number))).await;
    }

    async fn asks(&self, number: usize, run: i64, command: Command) {
        let came = match self.runner.ask(run, command).await {
            Ok(()) => Came::Done,
            Err(error) => failed(&error),
        };
        self.told(number, Some(run), came).await;
    }

    /// More of everything that is limited.
    fn more(&self, run: i64) -> Limits {
        let state = self.world.state();
        let before = state.disk.runs.get(&run).map(|kept| kept.run.limits().clone()).unwrap_or_default();
        Limits {
            cost_usd: before.cost_usd.map(|usd| usd + 0.05),
            tokens: before.tokens.map(|tokens| tokens + 5_000),
            wall_s: before.wall_s.map(|seconds| seconds + 600),
            model_calls: before.model_calls.map(|calls| calls + 10),
            on_limit: None,
        }
    }

    async fn answers(&self, wanted: &(dyn Fn(&AskedFor) -> bool + Sync)) {
        let asked: Vec<(i64, Asked)> = self.world.with(|state| {
            let asked =
                state.disk.runs.iter().flat_map(|(id, kept)| kept.run.asked().iter().map(|a| (*id, a)));
            asked.filter(|(_, asked)| wanted(&asked.what)).map(|(id, asked)| (id, asked.clone())).collect()
        });
        if let Some((run, asked)) = self.world.chance(|chance| chance.pick(&asked).cloned()) {
            self.answers_to(run, &asked).await;
        }
    }

    /// Answers what a run asks.
    pub(crate) async fn answers_to(&self, run: i64, asked: &Asked) {
        let is_approval = matches!(asked.what, AskedFor::Approval { .. });
        let number = self.order(if is_approval { Deed::Approve } else { Deed::Answer }, Some(run));
        let by = name_of(number);
        let (yes, remarks) = self.world.chance(|chance| (!chance.one_in(4), chance.one_in(2)));
        let command = match &asked.what {
            AskedFor::Question { .. } => {
                Command::Answer { question: asked.number, text: "Barn owls.".to_owned(), by }
            }
            AskedFor::Again { choices, .. } => {
                let text = choices[usize::from(!yes)].clone();
                Command::Answer { question: asked.number, text, by }
            }
            AskedFor::Approval { .. } => {
                let comment = remarks.then(|| "As you like.".to_owned());
                Command::Approve { approval: asked.number, approve: yes, comment, by }
            }
        };
        self.asks(number, run, command).await;
    }

    /// Raises the limits of a run by a lot.
    pub(crate) async fn gives_more(&self, run: i64) {
        let number = self.order(Deed::Raise, Some(run));
        let command = Command::Raise { limits: self.more(run), by: name_of(number) };
        self.asks(number, run, command).await;
    }

    async fn deletes(&self) {
        let Some(run) = self.some_run() else { return };
        let ended: Vec<i64> = self.world.with(|state| {
            let ended =
                |run: &Run| matches!(run.status(), Status::Completed | Status::Stopped | Status::Error);
            let there = state.disk.runs.iter().filter(|(_, kept)| !kept.is_deleted && ended(&kept.run));
            there.map(|(id, _)| *id).collect()
        });
        let run = self.world.chance(|chance| chance.pick(&ended).copied()).unwrap_or(run);
        self.deletes_one(run).await;
    }

    pub(crate) async fn deletes_one(&self, run: i64) {
        let number = self.order(Deed::Delete, Some(run));
        let came = match self.runner.delete(run).await {
            Ok(()) => Came::Done,
            Err(error) => failed(&error),
        };
        self.told(number, Some(run), came).await;
    }

    async fn changes(&self) {
        let (running, day) = self.world.chance(|chance| {
            let running = chance.weighed(&[(1, None), (1, Some(1)), (1, Some(2)), (1, Some(3))]);
            (running, 0.05 + chance.below(20) as f64 / 100.0)
        });
        self.allows(running, day).await;
    }

    /// Changes what all runs together may use.
    pub(crate) async fn allows(&self, running: Option<u64>, day_usd: f64) {
        let number = self.order(Deed::Change, None);
        let file = project(running, self.day.then_some(day_usd));
        let came = match self.allowances.set(self.project_id, &file).await {
            Ok(()) => Came::Done,
            Err(error) => Came::Failed(error.code()),
        };
        self.told(number, None, came).await;
    }

    /// Follows a run to its end, or to the end of the process. Nothing is shown that is not on disk, and
    /// nothing is left out.
    async fn follows(&self) {
        let Some(run) = self.some_run() else { return };
        let number = self.order(Deed::Follow, Some(run));
        let mut follow = self.runner.follow(run, 0);
        let mut seq = 0;
        let came = loop {
            match follow.next().await {
                Ok(Some(Live::Events(told))) if !self.world.is_dead() => {
                    for event in told.events() {
                        seq += 1;
                        let is_true = self.world.with(|state| {
                            let kept = state.disk.runs.get(&run);
                            kept.and_then(|kept| kept.events.get(seq - 1)) == Some(event)
                        });
                        if !is_true {
                            self.world
                                .wrong(format!("a viewer of run {run} was shown as event {seq}: {event:?}"));
                        }
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) => break Came::Done,
                // An error of the database can be asked past.
                Err(error) if error.database().is_some() => {}
                Err(error) => break failed(&error),
            }
        };
        self.told(number, Some(run), came).await;
    }
}

fn of(run: Option<i64>) -> String {
    run.map_or_else(String::new, |run| format!("of run {run}"))
}

pub(crate) fn failed(error: &RunnerError) -> Came {
    match error {
        RunnerError::Refused(_) | RunnerError::NotFound(_) | RunnerError::NotEnded(_) => {
            Came::Refused(error.code())
        }
        RunnerError::Database(_)
        | RunnerError::Append(_)
        | RunnerError::Damaged { .. }
        | RunnerError::TakenOver(_)
        | RunnerError::ShuttingDown => Came::Failed(error.code()),
    }
}
