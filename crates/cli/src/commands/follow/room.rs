//! The runs that are followed here, those that they call, and the person they may ask.
//!
//! One task shows all of them and reads what is typed, so that nothing is drawn over a question. What
//! happens while one is open is kept and shown when it is answered; the runs themselves wait for none
//! of it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use callboard_engine::command::Command;
use callboard_engine::definition::Definition;
use callboard_engine::event::{Event, Fact};
use callboard_engine::run::Run;
use callboard_server::clock::Clock;
use callboard_server::run::{Follow, Live, Runner, RunnerError};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::desk::{Ask, Desk, Said, asks, waits_for_people_alone};
use super::{DATABASE_WAIT, TICK, load, may_pass, who};
use crate::exit;
use crate::failure::Failure;
use crate::view::{Answers, View, simulated};

/// News that the room has not heard yet: those who tell more wait, and the runs do not wait for them.
const NEWS_MAX: usize = 256;

/// News kept while a question is open; of more than these the words that are being written are let go.
const KEPT_MAX: usize = 10_000;

/// Runs and a person.
pub(super) struct Room<'r> {
    runner: &'r Runner,
    clock: Clock,
    alone: bool,
    followed: BTreeMap<i64, Followed>,
    desk: Desk,
    tell: mpsc::Sender<News>,
    news: mpsc::Receiver<News>,
    followers: JoinSet<()>,
    /// What was said, on its way to the runs.
    told: JoinSet<(i64, Result<(), RunnerError>)>,
    kept: VecDeque<News>,
    worst: u8,
}

/// A run that is followed.
struct Followed {
    definition: Arc<Definition>,
    /// The run as far as it was told.
    run: Option<Run>,
    /// What of it is history; only behind that is there something to answer.
    history: u64,
    view: Option<View>,
    /// The number of its last event when it was last told something.
    told_at: Option<u64>,
    /// Used and allowed, of the limit that was reached last.
    reached: Option<(f64, f64)>,
    is_over: bool,
}

/// News of a run.
struct News {
    run: i64,
    what: What,
}

enum What {
    Live(Live),
    Over(Result<(), RunnerError>),
}

impl News {
    /// Whether it is words that are being written, which come whole later.
    fn is_passing(&self) -> bool {
        matches!(self.what, What::Live(Live::Delta(_)))
    }
}

impl<'r> Room<'r> {
    pub(super) fn new(runner: &'r Runner, alone: bool) -> Self {
        let (tell, news) = mpsc::channel(NEWS_MAX);
        Self {
            runner,
            clock: Clock::system(),
            alone,
            followed: BTreeMap::new(),
            desk: Desk::new(),
            tell,
            news,
            followers: JoinSet::new(),
            told: JoinSet::new(),
            kept: VecDeque::new(),
            worst: 0,
        }
    }

    /// Follows a run.
    pub(super) async fn add(&mut self, id: i64) -> Result<(), Failure> {
        let run = load(self.runner, id).await?;
        let answers = if self.desk.is_there() { Answers::Here } else { Answers::Nowhere };
        let view = View::new(id, self.alone, answers, simulated(run.definition()));
        self.follow(id, &run, Some(view));
        Ok(())
    }

    /// Follows a run that another one called. Beside a view that draws it is not shown, and asks all
    /// the same.
    async fn add_called(&mut self, id: i64, is_history: bool) -> Result<(), Failure> {
        if self.followed.contains_key(&id) {
            return Ok(());
        }
        let run = load(self.runner, id).await?;
        if is_history && run.status().is_final() {
            return Ok(());
        }
        let answers = if self.desk.is_there() { Answers::Here } else { Answers::Nowhere };
        let draws = self.followed.values().any(|other| other.view.as_ref().is_some_and(View::is_live));
        let view = (!draws).then(|| View::new(id, false, answers, simulated(run.definition())));
        self.follow(id, &run, view);
        Ok(())
    }

    fn follow(&mut self, id: i64, run: &Run, view: Option<View>) {
        let followed = Followed {
            definition: Arc::clone(run.definition()),
            run: None,
            history: run.seq(),
            view,
            told_at: None,
            reached: None,
            is_over: false,
        };
        self.followed.insert(id, followed);
        self.followers.spawn(follow(id, self.runner.follow(id, 0), self.tell.clone()));
    }

    /// Shows all of them until they have ended. Answers the worst of what went wrong with following.
    pub(super) async fn show_all(&mut self) -> Result<u8, Failure> {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        while !(self.kept.is_empty() && self.followed.values().all(|followed| followed.is_over)) {
            tokio::select! {
                Some(news) = self.news.recv() => {
                    let is_passing = news.is_passing();
                    self.hear(news).await?;
                    // Words that are being written come by the thousand, and change nothing that is asked.
                    if is_passing {
                        continue;
                    }
                }
                (ask, said) = self.desk.said() => self.take(&ask, said),
                Some(told) = self.told.join_next() => {
                    self.confirm(told.map_err(|error| Failure::failed("internal", error))?);
                }
                _ = ticks.tick() => self.tick(),
            }
            self.look();
        }
        Ok(self.worst)
    }

    /// Takes news in, and shows them unless a question is open.
    async fn hear(&mut self, news: News) -> Result<(), Failure> {
        let mut called = Vec::new();
        if let Some(followed) = self.followed.get_mut(&news.run) {
            match &news.what {
                What::Live(Live::Events(told)) => called = followed.take(told.events())?,
                What::Live(Live::Delta(_) | Live::Waiting { .. }) => {}
                What::Over(_) => followed.is_over = true,
            }
        }
        if self.desk.asking().is_none() {
            self.show(news);
        } else if !(news.is_passing() && self.kept.len() >= KEPT_MAX) {
            self.kept.push_back(news);
        }
        for (id, is_history) in called {
            self.add_called(id, is_history).await?;
        }
        Ok(())
    }

    fn show(&mut self, news: News) {
        let now = self.clock.now();
        let Some(followed) = self.followed.get_mut(&news.run) else { return };
        match news.what {
            What::Over(ended) => {
                followed.view = None;
                if let Err(error) = ended {
                    self.worst = self.worst.max(exit::ERROR);
                    Failure::from(error).tell();
                }
            }
            What::Live(live) => {
                let Some(view) = &mut followed.view else { return };
                match live {
                    Live::Events(told) => told.events().iter().for_each(|event| view.see(event, now)),
                    Live::Delta(words) => view.hear(words.call, &words.agent, &words.text, now),
                    Live::Waiting { why } => view.wait(&format!("waits for the database: {why}"), now),
                }
            }
        }
    }

    fn tick(&mut self) {
        if self.desk.asking().is_none() {
            let now = self.clock.now();
            self.followed
                .values_mut()
                .filter_map(|followed| followed.view.as_mut())
                .for_each(|view| view.tick(now));
        }
    }

    /// Sees to what is asked: withdrawn where it no longer is, asked where nothing else is, and where
    /// nobody is there, the runs that wait for it are told so.
    fn look(&mut self) {
        let open: Vec<Ask> = self.followed.iter().flat_map(|(id, followed)| followed.asks(*id)).collect();
        if self.desk.asking().is_some_and(|asking| !open.contains(asking)) {
            self.desk.withdraw();
        }
        if self.desk.asking().is_none() {
            while let Some(news) = self.kept.pop_front() {
                self.show(news);
            }
            if self.desk.is_there() {
                return self.ask(open);
            }
        }
        if !self.desk.is_there() {
            self.tell_of_nobody();
        }
    }

    fn ask(&mut self, open: Vec<Ask>) {
        let Some(ask) = open.into_iter().next() else { return };
        let reached = self.followed.get(&ask.run).and_then(|followed| followed.reached);
        self.followed.values_mut().filter_map(|followed| followed.view.as_mut()).for_each(View::make_room);
        let place = if self.followed.len() > 1 { format!("run {}: ", ask.run) } else { String::new() };
        self.desk.ask(ask, &place, reached);
    }

    fn tell_of_nobody(&mut self) {
        for (id, followed) in &mut self.followed {
            if followed.listens().is_some_and(waits_for_people_alone) {
                followed.told_at = followed.run.as_ref().map(Run::seq);
                let (runner, id) = (self.runner.clone(), *id);
                self.told.spawn(async move { (id, tell(&runner, id, Command::NobodyThere).await) });
            }
        }
    }

    /// Gives a run what the person said.
    fn take(&mut self, ask: &Ask, said: Said) {
        let id = ask.run;
        let Some(followed) = self.followed.get_mut(&id) else { return };
        followed.told_at = followed.run.as_ref().map(Run::seq);
        let runner = self.runner.clone();
        let command = match said {
            Said::Command(command) => *command,
            Said::Stop => Command::Stop { by: who(), reason: Some("stopped at a limit".to_owned()) },
        };
        self.told.spawn(async move { (id, tell(&runner, id, command).await) });
    }

    /// What a run was told is on disk, or it did not take it.
    fn confirm(&mut self, (id, told): (i64, Result<(), RunnerError>)) {
        match told {
            // It was decided meanwhile, by the clock or by the run's end.
            Ok(()) | Err(RunnerError::Refused(_) | RunnerError::NotFound(_)) => {}
            Err(error) => {
                Failure::from(error).tell();
                if let Some(followed) = self.followed.get_mut(&id) {
                    followed.told_at = None;
                }
            }
        }
    }
}

impl Followed {
    /// Takes events in, and answers which runs were called, and whether that is history.
    fn take(&mut self, events: &[Event]) -> Result<Vec<(i64, bool)>, Failure> {
        let damaged = |error: &dyn std::fmt::Display| Failure::failed("history_damaged", error);
        match &mut self.run {
            None => {
                let run = Run::fold(Arc::clone(&self.definition), events).map_err(|error| damaged(&error))?;
                self.run = Some(run);
            }
            Some(run) => {
                events.iter().try_for_each(|event| run.apply(event)).map_err(|error| damaged(&error))?;
            }
        }
        let mut called = Vec::new();
        for event in events {
            if let Fact::ChildStarted { run_id, .. } = &event.fact {
                called.push((*run_id, event.seq <= self.history));
            } else if let Fact::LimitReached { used, max, .. } = &event.fact {
                self.reached = Some((*used, *max));
            }
        }
        Ok(called)
    }

    /// The run, where it is as it really is now and what it was told last has shown.
    fn listens(&self) -> Option<&Run> {
        let run = self.run.as_ref().filter(|run| !self.is_over && run.seq() >= self.history)?;
        (self.told_at != Some(run.seq())).then_some(run)
    }

    fn asks(&self, id: i64) -> Vec<Ask> {
        self.listens().map(|run| asks(id, run)).unwrap_or_default()
    }
}

/// Tells a run something, as soon as the database takes it.
async fn tell(runner: &Runner, id: i64, command: Command) -> Result<(), RunnerError> {
    loop {
        match runner.ask(id, command.clone()).await {
            Err(error) if may_pass(&error) => tokio::time::sleep(DATABASE_WAIT).await,
            told => return told,
        }
    }
}

/// Tells the room all there is of a run.
async fn follow(run: i64, mut follow: Follow, tell: mpsc::Sender<News>) {
    loop {
        let what = match follow.next().await {
            Ok(Some(live)) => What::Live(live),
            Ok(None) => What::Over(Ok(())),
            Err(error) if may_pass(&error) => {
                tokio::time::sleep(DATABASE_WAIT).await;
                continue;
            }
            Err(error) => What::Over(Err(error)),
        };
        let is_over = matches!(what, What::Over(_));
        // A room that is gone wants to hear no more.
        if tell.send(News { run, what }).await.is_err() || is_over {
            return;
        }
    }
}
