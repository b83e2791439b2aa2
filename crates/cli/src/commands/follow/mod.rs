//! Following runs to their ends: shown as they go, stopped by an interrupt, and what they give printed.
//! What they and the runs that they call look like, and what they ask, is the room's.

mod desk;
mod room;

use std::process::ExitCode;
use std::time::Duration;

use callboard_api::run::{Run as RunObject, RunIds, Status};
use callboard_engine::run::Run;
use callboard_server::clock::Clock;
use callboard_server::run::{self as runs, Runner, RunnerError};
use tokio::task::JoinSet;

use self::room::Room;
use super::store::Store;
use crate::exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::talk::{give, give_text, say};
use crate::view::explain;

/// How often the line with the time is drawn anew.
pub(super) const TICK: Duration = Duration::from_millis(120);

/// How long a database that cannot be read is left alone before it is asked again. The run's own
/// task waits for it too, so there is nothing to be missed.
const DATABASE_WAIT: Duration = Duration::from_secs(1);

/// Runs that are at work here.
pub(crate) struct AtWork<'a> {
    pub(crate) store: &'a Store,
    pub(crate) runner: &'a Runner,
    pub(crate) ids: Vec<i64>,
    /// Whether the run objects are printed instead of the results.
    pub(crate) json: bool,
}

impl AtWork<'_> {
    /// Follows them to their ends, and prints what they give. The first interrupt stops them properly,
    /// the second leaves them where they are.
    pub(crate) async fn follow(&self, mut interrupts: Interrupts) -> Result<ExitCode, Failure> {
        let mut room = Room::new(self.runner, self.ids.len() == 1);
        let worst = tokio::select! {
            worst = self.to_the_end(&mut room) => worst?,
            () = self.interrupted(&mut interrupts) => {
                // Views take their live lines with them, and only then is there room for more.
                drop(room);
                match &self.store.kept {
                    // The stop is in the record by now, so that going on means ending what it began.
                    Some(store) => {
                        say(format_args!("Left while it stops; finish with: callboard run --resume {store}"));
                    }
                    None => say("Left while it stops."),
                }
                // The database is not waited for: it may be what the person does not want to wait for.
                return Ok(exit::code(exit::STOPPED));
            }
        };
        self.runner.shut_down().await;
        self.store.db.close().await;
        Ok(exit::code(worst))
    }

    async fn to_the_end(&self, room: &mut Room<'_>) -> Result<u8, Failure> {
        for id in &self.ids {
            room.add(*id).await?;
        }
        let mut worst = room.show_all().await?;
        for id in &self.ids {
            worst = worst.max(self.print(*id).await?);
        }
        Ok(worst)
    }

    /// Returns at the second interrupt. The first asks every run to stop, which may take as long as
    /// the database does.
    async fn interrupted(&self, interrupts: &mut Interrupts) {
        interrupts.next().await;
        let mut stops = JoinSet::new();
        for id in &self.ids {
            let (runner, id) = (self.runner.clone(), *id);
            stops.spawn(async move {
                // A run that has just ended needs no stop.
                let _ = runner.stop(id, &who(), Some("interrupted at the terminal".to_owned())).await;
            });
        }
        interrupts.next().await;
    }

    /// Prints what a run gave, and answers how it ended.
    async fn print(&self, id: i64) -> Result<u8, Failure> {
        let run = load(self.runner, id).await?;
        let alone = self.ids.len() == 1;
        if self.json {
            let row = runs::find(&self.store.db, id).await?;
            let ids = row.map_or(RunIds { id, project_id: 0, workflow_id: 0 }, |row| row.ids);
            let object = RunObject::of(&run, ids, Clock::system().now());
            give(serde_json::to_string(&object).map_err(|error| Failure::failed("internal", error))?)?;
        } else if let Some(result) = run.result() {
            if !alone {
                say(format_args!("run {id}: result"));
            }
            give_text(result)?;
        }
        if let Some(error) = run.error() {
            if !alone {
                say(format_args!("run {id}: why it ended in error"));
            }
            say(explain(error));
        }
        Ok(match run.status() {
            Status::Completed => 0,
            Status::Stopped => exit::STOPPED,
            Status::Error | Status::Pending | Status::Running => exit::ERROR,
        })
    }
}

/// The run, as soon as the database can be read.
async fn load(runner: &Runner, id: i64) -> Result<Run, Failure> {
    loop {
        match runner.load(id).await {
            Err(error) if may_pass(&error) => tokio::time::sleep(DATABASE_WAIT).await,
            loaded => return Ok(loaded?),
        }
    }
}

/// Whether it is a database that may be back later.
fn may_pass(error: &RunnerError) -> bool {
    matches!(error.database(), Some(callboard_server::db::Error::Unreachable(_)))
}

/// Who starts and stops runs here: the user of this machine.
pub(crate) fn who() -> String {
    let name = std::env::var("USER").or_else(|_| std::env::var("USERNAME"));
    name.ok().filter(|name| !name.is_empty()).unwrap_or_else(|| "someone".to_owned())
}
