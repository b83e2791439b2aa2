//! Places for runs: as many go at once as their project and their workflow allow, the others wait, and
//! the one that has waited longest is next.
//!
//! Runs that a trigger starts under one key stand in a line as well: the first goes, whatever room there is.
//!
//! A run that carries a workflow out for another has its place with that one: waiting for a place that
//! its own caller holds would last for ever.

use callboard_engine::command::Command;
use callboard_engine::definition::Definition;
use callboard_engine::event::{Source, SourceKind};

use super::patience::Patience;
use super::{Runner, RunnerError};
use crate::db::{Value, Write};
use crate::run::store;

/// Runs that are let in at once where only their workflows limit them: the rest is let in as these end.
const LET_IN_MAX: i64 = 64;

/// What a run needs in order to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    project_id: i64,
    workflow_id: i64,
    of_project: bool,
    of_workflow: Option<u32>,
    /// Whether runs before it in its line have to end first.
    of_line: bool,
}

impl Room {
    /// The claim that lets a run in; none where nothing limits it. A free place is that of the run which
    /// has waited longest, so those before this one that could have a place are counted as if they had it.
    pub(super) fn claim(self, run: Value) -> Option<Write> {
        if !self.of_project && self.of_workflow.is_none() && !self.of_line {
            return None;
        }
        Some(Write::claim(
            // What changes is nothing: the claim is met if there is room beside the others that go.
            "UPDATE run SET max_running = max_running WHERE id = $1 \
             AND NOT EXISTS (SELECT 1 FROM run AS ahead WHERE ahead.line = run.line AND ahead.id <> $1 \
                  AND (ahead.status = 'running' OR (ahead.status = 'pending' AND ahead.id < $1))) \
             AND (SELECT COUNT(*) FROM run AS other WHERE other.project_id = $2 AND other.status = 'running' \
                  AND other.source_kind <> 'workflow' AND other.id <> $1) \
                 < (SELECT COALESCE(max_running, 2147483647) FROM project WHERE project.id = $2) \
             AND (SELECT COUNT(*) FROM run AS other WHERE other.workflow_id = $3 AND other.status = 'running' \
                  AND other.source_kind <> 'workflow' AND other.id <> $1) < $4 \
             AND (SELECT COUNT(*) FROM run AS other WHERE other.project_id = $2 AND other.status = 'running' \
                  AND other.source_kind <> 'workflow' AND other.id <> $1) \
                 + (SELECT COUNT(*) FROM run AS before WHERE before.project_id = $2 AND before.status = 'pending' \
                    AND before.id < $1 \
                    AND NOT EXISTS (SELECT 1 FROM run AS ahead WHERE ahead.line = before.line \
                        AND ahead.id <> before.id AND ahead.status = 'running') \
                    AND (before.max_running IS NULL OR before.max_running > \
                        (SELECT COUNT(*) FROM run AS other WHERE other.workflow_id = before.workflow_id \
                         AND other.status = 'running' AND other.source_kind <> 'workflow'))) \
                 < (SELECT COALESCE(max_running, 2147483647) FROM project WHERE project.id = $2) \
             AND (SELECT COUNT(*) FROM run AS other WHERE other.workflow_id = $3 AND other.status = 'running' \
                  AND other.source_kind <> 'workflow' AND other.id <> $1) \
                 + (SELECT COUNT(*) FROM run AS before WHERE before.workflow_id = $3 AND before.status = 'pending' \
                    AND before.id < $1 \
                    AND NOT EXISTS (SELECT 1 FROM run AS ahead WHERE ahead.line = before.line \
                        AND ahead.id <> before.id AND ahead.status = 'running')) < $4",
            [
                run,
                self.project_id.into(),
                self.workflow_id.into(),
                self.of_workflow.map_or(i64::from(i32::MAX), i64::from).into(),
            ],
        ))
    }
}

impl Runner {
    /// What a run needs in order to go.
    pub(super) async fn room(
        &self,
        (project_id, workflow_id): (i64, i64),
        definition: &Definition,
        source: &Source,
    ) -> Result<Room, RunnerError> {
        let nothing = Room { project_id, workflow_id, of_project: false, of_workflow: None, of_line: false };
        if source.kind == SourceKind::Workflow {
            return Ok(nothing);
        }
        let of_project = self.0.allowances.of(project_id).await?.max_running.is_some();
        let of_line = source.key.is_some();
        Ok(Room { of_project, of_workflow: definition.workflow.max_running, of_line, ..nothing })
    }

    /// The same, where nobody could do anything about its failure.
    pub(super) async fn fill_places_or_warn(&self, project: i64) {
        let mut patience = Patience::default();
        while let Err(error) = self.fill_places(project).await {
            if !patience.waits_out(0, &error).await {
                tracing::warn!("the places of project {project} were not filled: {error}");
                return;
            }
        }
    }

    /// Lets runs in that wait for a place in a project, those that have waited longest first.
    pub(super) async fn fill_places(&self, project: i64) -> Result<(), RunnerError> {
        for run in store::next_in_line(&self.0.db, project, LET_IN_MAX).await? {
            self.order(run, Command::Start);
        }
        Ok(())
    }
}
