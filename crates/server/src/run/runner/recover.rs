//! Going on after a crash or a restart with every run that has not ended.

use std::collections::HashMap;

use callboard_api::run::RunIds;
use callboard_engine::command::Command;
use callboard_engine::run::{Pending, Run, Status};

use super::children::{ENDING, run_name};
use super::drive::Drive;
use super::feed::Feed;
use super::owed::Seat;
use super::{Held, Runner, RunnerError};
use crate::journal::{Position, StreamId};
use crate::run::store;

/// What a runner found unfinished.
#[derive(Debug)]
pub struct Recovered {
    /// The runs that it goes on with.
    pub runs: Vec<i64>,
    /// Why it cannot go on with others. They are left as they are.
    pub left: Vec<RunnerError>,
}

/// The runs that those above them, which are ending, no longer wait for: each with the one above it.
#[derive(Default)]
struct Unwanted(HashMap<i64, i64>);

impl Unwanted {
    /// The stop for a run, where it is unwanted.
    fn stop(&self, run: &Run, id: i64) -> Option<Command> {
        let above = self.0.get(&id).filter(|_| !run.stop_requested())?;
        Some(Command::Stop { by: run_name(*above), reason: Some(ENDING.to_owned()) })
    }

    /// Remembers which runs one is to cut off. What this one is itself told to stop for reaches those below
    /// it as well.
    fn note(&mut self, run: &Run, id: i64) {
        let is_unwanted = self.0.contains_key(&id);
        let below = run.pending().into_iter().filter_map(|pending| below(&pending, is_unwanted));
        let below: Vec<i64> = below.collect();
        self.0.extend(below.into_iter().map(|child| (child, id)));
    }
}

/// The run that is to be cut off, or would be if the one that waits for it were ending.
fn below(pending: &Pending<'_>, is_ending: bool) -> Option<i64> {
    if let Pending::Abort { child, .. } = pending {
        return *child;
    }
    if let (Pending::AwaitChild(child), true) = (pending, is_ending) {
        return Some(child.run_id);
    }
    None
}

impl Runner {
    /// Goes on with every run that has not ended. One whose history is damaged does not keep the
    /// others from it. What tools have left running is ended first, so that nothing is done twice at once.
    pub async fn recover(&self) -> Result<Recovered, RunnerError> {
        self.0.tools.end_strays().await?;
        let ids = store::unfinished(&self.0.db).await?;
        let streams: Vec<StreamId> = ids.iter().copied().map(StreamId).collect();
        let positions = self.0.journal.take_over_all(&streams).await?;
        let mut recovered = Recovered { runs: Vec::new(), left: Vec::new() };
        let mut unwanted = Unwanted::default();
        for id in ids {
            match self.go_on(id, positions.get(&StreamId(id)), &mut unwanted).await {
                Ok(()) => recovered.runs.push(id),
                Err(error) if error.database().is_some() => return Err(error),
                Err(error) => recovered.left.push(error),
            }
        }
        Ok(recovered)
    }

    async fn go_on(
        &self,
        id: i64,
        position: Option<&Position>,
        unwanted: &mut Unwanted,
    ) -> Result<(), RunnerError> {
        let (row, run) = self.found(id).await?;
        let again = match run.status() {
            Status::Pending => Command::Start,
            Status::Running => Command::Recover,
            // The row is a projection; the history is what counts.
            Status::Completed | Status::Stopped | Status::Error => return Ok(()),
        };
        // A run that is to be stopped for the one above it calls nobody again before it hears of that. Those
        // above have lower numbers, and were looked at before.
        let first = unwanted.stop(&run, id).into_iter().chain([again]).collect();
        unwanted.note(&run, id);
        let position = position.ok_or(RunnerError::NotFound(id))?;
        let RunIds { project_id, workflow_id, .. } = row.ids;
        let held = Held { id, project_id, workflow_id, epoch: position.epoch };
        let (ear, listed) = self.0.roster.list(held, Feed::default());
        let feed = self.0.roster.feed(id).unwrap_or_default();
        let drive = Drive::new(self.clone(), Seat { held, run, ear, feed });
        self.spawn(async move {
            let _listed = listed;
            Box::pin(drive.carry_out(first)).await;
        });
        Ok(())
    }
}
