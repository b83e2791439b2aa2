//! One process: the real runner on the real store, in a runtime of its own that ends with it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use callboard_engine::command::Command;
use callboard_engine::event::LimitKind;
use callboard_engine::rerun::Past;
use callboard_engine::run::{Pending, Run, Status};
use callboard_server::clock::{Clock, Played as _};
use callboard_server::db::{Db, Fuse};
use callboard_server::net::{Allowed, Net};
use callboard_server::project::{self, Allowances};
use callboard_server::provider::Providers;
use callboard_server::run::{Means, Runner, RunnerError};
use callboard_server::secret::{SecretError, Secrets};
use callboard_server::workflow::{self, Frozen};
use tokio::runtime::Builder;

use crate::clock::{pass, pass_ms};
use crate::plan::{End, Life, PROJECT, Plan, project as file};
use crate::world::{Window, World};

/// Longer than anything of these histories takes by itself: the slowest answer takes ten minutes, and a
/// clock that was set back by an hour has been made up for.
const QUIET: Duration = Duration::from_secs(3 * 60 * 60);

/// How often people look after what waits for them, until everything has ended. Loops and limits end
/// histories long before.
const ROUNDS_MAX: u32 = 300;

/// A process while it lives.
pub(crate) struct Process {
    pub(crate) world: Arc<World>,
    pub(crate) db: Db,
    pub(crate) runner: Runner,
    pub(crate) allowances: Allowances,
    pub(crate) project_id: i64,
    pub(crate) workflows: Vec<(i64, Frozen)>,
    pub(crate) day: bool,
}

/// Carries out one process from its beginning to its end.
pub(crate) fn live(world: &Arc<World>, plan: &Plan, life: &Life) {
    // Without the system's events there is nothing that could come from outside, and with its time
    // paused nothing takes longer than it is said to.
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        world.clock.begin();
        world.rise();
        let lives = lives(world, plan, life);
        tokio::select! {
            biased;
            () = world.death() => {}
            () = lives => {}
        }
        world.clock.end();
    });
    drop(runtime);
    world.clock.set_by(life.clock_step_ms);
}

async fn lives(world: &Arc<World>, plan: &Plan, life: &Life) {
    let process = match Process::begin(world, plan, life).await {
        Ok(process) => Arc::new(process),
        // A server whose database fails while it starts ends, and is started again.
        Err(error) if error.database().is_some() => return world.die(Window::Idle),
        Err(error) => return world.wrong(format!("the process did not begin: {error}")),
    };
    for _ in 0..life.deeds {
        let ms = world.chance(|chance| match chance.below(12) {
            0 => 0,
            1 => chance.between(5_000..=120_000),
            _ => chance.between(1..=1_500),
        });
        pass_ms(ms).await;
        tokio::spawn(Arc::clone(&process).deed());
    }
    match life.end {
        End::Crash(_) => {
            pass(QUIET).await;
            process.is_quiet().await;
            world.die(Window::Idle);
        }
        End::ShutDown => {
            process.runner.shut_down().await;
            process.db.close().await;
            world.state().coverage.count("crash", "none: shut down in order");
        }
        End::Done => process.finish().await,
    }
}

impl Process {
    async fn begin(world: &Arc<World>, plan: &Plan, life: &Life) -> Result<Self, RunnerError> {
        let fuse: Arc<dyn Fuse> = Arc::clone(world) as _;
        let db = Db::open_inline(&world.path, &fuse)?;
        let (allowances, clock) = (Allowances::new(db.clone()), Clock::played(Arc::clone(world) as _));
        let now = world.now();
        let project_id = project::ensure(&db, PROJECT, now).await?;
        let mut workflows = Vec::new();
        for frozen in &plan.workflows {
            let id = workflow::ensure(&db, project_id, &frozen.definition.name, now).await?;
            workflows.push((id, frozen.clone()));
        }
        if world.state().life == 1 {
            allowances.set(project_id, &file(Some(2), plan.day.then_some(0.2))).await?;
        }
        world.arm(life.faults, life.points());
        let secrets = Secrets::open(db.clone(), None).await;
        let secrets = secrets.map_err(|error| match error {
            SecretError::Database(error) => error.into(),
            SecretError::Key(_) | SecretError::OtherKey | SecretError::NotKept | SecretError::Length => {
                RunnerError::Damaged { run: 0, why: error.to_string() }
            }
        })?;
        let means = Means {
            db: db.clone(),
            providers: Providers::new(None),
            secrets,
            net: net(),
            allowances: allowances.clone(),
            clock,
        };
        let runner = Runner::played(means, Arc::clone(world) as _);
        world.state().recovers = true;
        let recovered = runner.recover().await?;
        world.state().recovers = false;
        for left in recovered.left {
            world.wrong(format!("a run was left: {left}"));
        }
        Ok(Self { world: Arc::clone(world), db, runner, allowances, project_id, workflows, day: plan.day })
    }

    /// Nothing goes wrong any more, and everything comes to its end: by itself, or when people do what is
    /// theirs.
    async fn finish(&self) {
        for _ in 0..ROUNDS_MAX {
            pass(QUIET).await;
            self.is_quiet().await;
            let waiting = self.waiting();
            if waiting.is_empty() || !self.world.state().wrong.is_empty() {
                break;
            }
            for (id, run) in waiting {
                self.does_what_is_owed(id, &run).await;
            }
        }
        for (id, run) in self.waiting() {
            self.world.wrong(format!("run {id} does not end: {:?}", run.pending()));
        }
        if self.world.state().wrong.is_empty() {
            self.is_loaded_as_it_is().await;
        }
        self.runner.shut_down().await;
        self.db.close().await;
    }

    /// The runs that have not ended, as the disk has them.
    fn waiting(&self) -> Vec<(i64, Run)> {
        let state = self.world.state();
        let there = state.disk.runs.iter().filter(|(_, kept)| !kept.run.status().is_final());
        there.map(|(id, kept)| (*id, kept.run.clone())).collect()
    }

    /// When nothing has happened for long, every run waits for something that does not come by itself.
    async fn is_quiet(&self) {
        let working = self.runner.at_work();
        if working > 0 {
            self.world.wrong(format!("{working} runs have a task after hours without anything to do"));
        }
        let waiting = self.waiting();
        let status = |id: &i64| waiting.iter().find(|(of, _)| of == id).map(|(_, run)| run.status());
        let is_going = waiting.iter().any(|(_, run)| run.status() == Status::Running);
        for (id, run) in &waiting {
            let pending = run.pending();
            let is_owed = |pending: &Pending<'_>| match pending {
                Pending::Person(asked) => asked.until.is_some_and(|until| until <= self.world.now()),
                Pending::AwaitChild(child) => status(&child.run_id).is_none(),
                Pending::Place => !is_going,
                Pending::Alarm { until } => *until <= self.world.now(),
                Pending::Limit { .. } => false,
                Pending::Room
                | Pending::CallModel(_)
                | Pending::Wait { .. }
                | Pending::CallTool(_)
                | Pending::ListTools(_)
                | Pending::StartChild(_)
                | Pending::Abort { .. } => true,
            };
            let owed: Vec<&Pending<'_>> = pending.iter().filter(|pending| is_owed(pending)).collect();
            if !owed.is_empty() || pending.is_empty() {
                let at = self.world.now();
                self.world.wrong(format!("run {id} is still owed {owed:?} of {pending:?} at {at:?}"));
            }
        }
    }

    async fn does_what_is_owed(&self, id: i64, run: &Run) {
        for asked in run.asked() {
            self.answers_to(id, asked).await;
        }
        let mut limits = Vec::new();
        for pending in run.pending() {
            if let Pending::Limit { limit, .. } = pending {
                limits.push(limit);
            }
        }
        if limits.contains(&LimitKind::CostUsdPerDay) {
            self.allows(Some(2), 1_000.0).await;
        }
        if limits.iter().any(|limit| *limit != LimitKind::CostUsdPerDay) {
            self.gives_more(id).await;
        }
    }

    /// What the runner says of its runs is what the disk says.
    async fn is_loaded_as_it_is(&self) {
        let runs: Vec<(i64, Run)> = self.world.with(|state| {
            let there = state.disk.runs.iter().filter(|(_, kept)| !kept.is_deleted);
            there.map(|(id, kept)| (*id, kept.run.clone())).collect()
        });
        for (id, run) in runs {
            if self.runner.load(id).await.ok().as_ref() != Some(&run) {
                self.world.wrong(format!("run {id} is loaded otherwise than it is"));
            }
            let past = self.runner.past(id).await.ok();
            if past.as_deref() != Some(&Past::of(id, &run)) {
                self.world.wrong(format!("run {id} has left {past:?} by its rows"));
            }
            // A final run hears nothing any more.
            if self.runner.ask(id, Command::Look).await.is_ok() {
                self.world.wrong(format!("run {id} has ended and took a command"));
            }
        }
    }
}

impl Life {
    /// Points until the process dies.
    const fn points(&self) -> Option<u64> {
        match self.end {
            End::Crash(points) => Some(points),
            End::ShutDown | End::Done => None,
        }
    }
}

/// Nothing is reached through it; made once, since the certificates that it trusts are read each time.
fn net() -> Net {
    static NET: OnceLock<Net> = OnceLock::new();
    NET.get_or_init(|| Net::new(Allowed::default()).unwrap()).clone()
}
