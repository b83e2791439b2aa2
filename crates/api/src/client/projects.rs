//! Projects, their files and their secrets, and the workflows and models in them.

use hyper::Method;

use super::wire::Call;
use super::{Client, Error, Query, escaped};
use crate::list::List;
use crate::project::{Applied, Project, Secret, SetSecret};
use crate::workflow::Workflow;

/// How a project file is applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Apply {
    /// Only says what it would do.
    pub dry_run: bool,
    /// Takes out what the file does not name.
    pub prune: bool,
}

/// The form of a project file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// YAML.
    Yaml,
    /// JSON.
    Json,
}

impl Client {
    /// Applies a project file, YAML or JSON.
    pub async fn apply(&self, file: Vec<u8>, how: Apply) -> Result<Applied, Error> {
        let query = Query::default()
            .and("dry_run", how.dry_run.then_some(true))
            .and("prune", how.prune.then_some(true));
        let call = Call::new(Method::POST, query.behind("/projects/apply"));
        self.wire.read(call.body("application/yaml", file)).await
    }

    /// Every project.
    pub async fn projects(&self) -> Result<Vec<Project>, Error> {
        self.all("/projects").await
    }

    /// The project with that number.
    pub async fn project(&self, id: i64) -> Result<Project, Error> {
        self.wire.read(Call::get(format!("/projects/{id}"))).await
    }

    /// The project with that name, if there is one.
    pub async fn project_named(&self, name: &str) -> Result<Option<Project>, Error> {
        Ok(self.projects().await?.into_iter().find(|project| project.name == name))
    }

    /// The file of a project.
    pub async fn export(&self, project: i64, form: Form) -> Result<String, Error> {
        let kind = match form {
            Form::Yaml => "application/yaml",
            Form::Json => "application/json",
        };
        let answer = self.wire.answer(Call::get(format!("/projects/{project}/export")).accept(kind)).await?;
        let status = answer.status;
        String::from_utf8(answer.body)
            .map_err(|_| self.wire.not_callboard(Some(status), "a project file that is not UTF-8"))
    }

    /// Every workflow of a project.
    pub async fn workflows(&self, project: i64) -> Result<Vec<Workflow>, Error> {
        self.all(&format!("/projects/{project}/workflows")).await
    }

    /// The workflow with that number.
    pub async fn workflow(&self, id: i64) -> Result<Workflow, Error> {
        self.wire.read(Call::get(format!("/workflows/{id}"))).await
    }

    /// The secrets of a project, by name and without their values.
    pub async fn secrets(&self, project: i64) -> Result<List<Secret>, Error> {
        self.wire.read(Call::get(format!("/projects/{project}/secrets"))).await
    }

    /// Sets a secret.
    pub async fn set_secret(&self, project: i64, name: &str, value: String) -> Result<Secret, Error> {
        let call = Call::new(Method::PUT, secret(project, name));
        self.wire.read(call.json(&SetSecret { value })).await
    }

    /// Removes a secret.
    pub async fn remove_secret(&self, project: i64, name: &str) -> Result<(), Error> {
        self.wire.answer(Call::new(Method::DELETE, secret(project, name))).await.map(drop)
    }
}

fn secret(project: i64, name: &str) -> String {
    format!("/projects/{project}/secrets/{}", escaped(name))
}
