//! Workflows as runs are started from them: compiled and frozen, once per revision of their project.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use callboard_engine::project;

use super::Frozen;
use crate::db::Error;
use crate::project::{PartPath, ProjectError, Projects, Stored};

/// Compiled workflows that are kept: those that are started again and again.
const KEPT_MAX: usize = 1_000;

/// The workflows of a server.
#[derive(Clone)]
pub struct Workflows {
    projects: Projects,
    kept: Arc<Mutex<HashMap<i64, (i64, Ready)>>>,
}

/// A workflow of which a run can be started.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Its project.
    pub project_id: i64,
    /// Its number.
    pub workflow_id: i64,
    /// What a run of it would do.
    pub frozen: Frozen,
}

/// Why no run of a workflow can be started.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WorkflowError {
    /// There is no such workflow.
    #[error("there is no workflow {0}")]
    NotFound(String),
    /// Its project cannot be read.
    #[error(transparent)]
    Project(#[from] ProjectError),
}

impl Workflows {
    /// The workflows of those projects.
    pub fn new(projects: Projects) -> Self {
        Self { projects, kept: Arc::default() }
    }

    /// The projects that they are in.
    pub(crate) fn projects(&self) -> &Projects {
        &self.projects
    }

    /// The workflow with that number.
    pub async fn ready(&self, id: i64) -> Result<Ready, WorkflowError> {
        let found = self.projects.of_part(id).await?.filter(|(_, path)| path.section() == "workflows");
        let (stored, path) = found.ok_or_else(|| WorkflowError::NotFound(id.to_string()))?;
        self.compiled(id, &stored, &path)
    }

    /// The project that a workflow belongs to, as it is now, and the workflow's name in it.
    pub(crate) async fn project(&self, id: i64) -> Result<(Arc<Stored>, String), WorkflowError> {
        let found = self.projects.of_part(id).await?.filter(|(_, path)| path.section() == "workflows");
        let (stored, path) = found.ok_or_else(|| WorkflowError::NotFound(id.to_string()))?;
        let name = path.name().to_owned();
        Ok((stored, name))
    }

    /// The workflow that is named with its project: `newsroom/digest`.
    pub async fn named(&self, name: &str) -> Result<Ready, WorkflowError> {
        let not_found = || WorkflowError::NotFound(format!("\"{name}\""));
        let (project, workflow) = name.split_once('/').ok_or_else(not_found)?;
        let stored = self.projects.named(project).await?.ok_or_else(not_found)?;
        let path = PartPath::of("workflows", workflow);
        let id = stored.number(&path).ok_or_else(not_found)?;
        self.compiled(id, &stored, &path)
    }

    fn compiled(&self, id: i64, stored: &Stored, path: &PartPath) -> Result<Ready, WorkflowError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if let Some((_, ready)) = kept.filter(|(revision, _)| *revision == stored.revision) {
            return Ok(ready);
        }
        let definition = project::compile(&stored.project, path.name())
            .map_err(|unknown| WorkflowError::NotFound(format!("\"{}\"", unknown.name)))?;
        let frozen = Frozen::new(definition)
            .map_err(|error| ProjectError::Database(Error::Failed(error.to_string().into())))?;
        let ready = Ready { project_id: stored.id, workflow_id: id, frozen };
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT_MAX {
            all.clear();
        }
        all.insert(id, (stored.revision, ready.clone()));
        Ok(ready)
    }
}
