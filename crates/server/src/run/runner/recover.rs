//! Going on after a crash or a restart with every run that has not ended.

use callboard_engine::command::Command;
use callboard_engine::run::Status;

use super::drive::{Drive, Seat};
use super::feed::Feed;
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

impl Runner {
    /// Goes on with every run that has not ended. One whose history is damaged does not keep the
    /// others from it. What tools have left running is ended first, so that nothing is done twice at once.
    pub async fn recover(&self) -> Result<Recovered, RunnerError> {
        self.0.tools.end_strays().await?;
        let ids = store::unfinished(&self.0.db).await?;
        let streams: Vec<StreamId> = ids.iter().copied().map(StreamId).collect();
        let positions = self.0.journal.take_over_all(&streams).await?;
        let mut recovered = Recovered { runs: Vec::new(), left: Vec::new() };
        for id in ids {
            match self.go_on(id, positions.get(&StreamId(id))).await {
                Ok(()) => recovered.runs.push(id),
                Err(error) if error.database().is_some() => return Err(error),
                Err(error) => recovered.left.push(error),
            }
        }
        Ok(recovered)
    }

    async fn go_on(&self, id: i64, position: Option<&Position>) -> Result<(), RunnerError> {
        let (row, run) = self.found(id).await?;
        let first = match run.status() {
            Status::Pending => Command::Start,
            Status::Running => Command::Recover,
            // The row is a projection; the history is what counts.
            Status::Completed | Status::Stopped | Status::Error => return Ok(()),
        };
        let position = position.ok_or(RunnerError::NotFound(id))?;
        let held = Held { id, project_id: row.ids.project_id, epoch: position.epoch };
        let (ear, listed) = self.0.roster.list(held, Feed::default());
        let feed = self.0.roster.feed(id).unwrap_or_default();
        let drive = Drive::new(self.clone(), Seat { held, run, ear, feed });
        self.spawn(async move {
            let _listed = listed;
            Box::pin(drive.carry_out(Some(first))).await;
        });
        Ok(())
    }
}
