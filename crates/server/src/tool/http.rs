//! The tools of a project, over HTTP.

use callboard_api::tool::{NewTool, Tool, ToolChange};

use crate::project::part::{self, Part};
use crate::project::{PartPath, Stored, part_calls};

part_calls! {
    part: Tool, new: NewTool, change: ToolChange,
    words: ("a tool", "tools", "its project", "tools"),
    ids: ("listTools", "createTool", "getTool", "changeTool", "removeTool"),
    paths: ("/projects/{id}/tools", "/tools/{id}"),
    owner: part::in_project,
}

impl Part for Tool {
    const NOUN: &'static str = "tool";
    const SECTION: &'static str = "tools";

    fn of(stored: &Stored, path: &PartPath, id: i64) -> Option<Self> {
        let tool = stored.project.tools.get(path.name())?.clone();
        Some(Self { id, project_id: stored.id, name: path.name().to_owned(), tool })
    }

    fn id(&self) -> i64 {
        self.id
    }
}
