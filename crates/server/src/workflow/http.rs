//! The workflows of a project, over HTTP.

use callboard_api::workflow::{NewWorkflow, Workflow, WorkflowChange};

use crate::project::part::{self, Part};
use crate::project::{PartPath, Stored, part_calls};

part_calls! {
    part: Workflow, new: NewWorkflow, change: WorkflowChange,
    words: ("a workflow", "workflows", "its project", "workflows"),
    ids: ("listWorkflows", "createWorkflow", "getWorkflow", "changeWorkflow", "removeWorkflow"),
    paths: ("/projects/{id}/workflows", "/workflows/{id}"),
    owner: part::in_project,
}

impl Part for Workflow {
    const NOUN: &'static str = "workflow";
    const SECTION: &'static str = "workflows";
    const IS_RENAMED: bool = true;

    fn of(stored: &Stored, path: &PartPath, id: i64) -> Option<Self> {
        let workflow = stored.project.workflows.get(path.name())?.clone();
        Some(Self { id, project_id: stored.id, name: path.name().to_owned(), workflow })
    }

    fn id(&self) -> i64 {
        self.id
    }
}
