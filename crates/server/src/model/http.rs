//! The models of a project, over HTTP.

use callboard_api::model::{Model, ModelChange, NewModel};

use crate::project::part::{self, Part};
use crate::project::{PartPath, Stored, part_calls};

part_calls! {
    part: Model, new: NewModel, change: ModelChange,
    words: ("a model", "models", "its project", "models"),
    ids: ("listModels", "createModel", "getModel", "changeModel", "removeModel"),
    paths: ("/projects/{id}/models", "/models/{id}"),
    owner: part::in_project,
}

impl Part for Model {
    const NOUN: &'static str = "model";
    const SECTION: &'static str = "models";

    fn of(stored: &Stored, path: &PartPath, id: i64) -> Option<Self> {
        let model = stored.project.models.get(path.name())?.clone();
        Some(Self { id, project_id: stored.id, name: path.name().to_owned(), model })
    }

    fn id(&self) -> i64 {
        self.id
    }
}
