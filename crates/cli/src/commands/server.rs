//! The server that a command speaks to, and what is on it: found by names, as people say them.

use std::process::ExitCode;

use callboard_api::client::Client;
use callboard_api::project::Project;
use callboard_api::workflow::Workflow;

use crate::failure::Failure;

/// Where a server is that was started without saying where.
const DEFAULT: &str = "http://127.0.0.1:8080";

/// The server that a command speaks to.
#[derive(clap::Args)]
pub(crate) struct ServerArgs {
    /// The server. By default http://127.0.0.1:8080.
    #[arg(long, value_name = "URL", env = "CALLBOARD_SERVER")]
    server: Option<String>,
    /// The token by which the server knows the caller. One without accounts needs none.
    #[arg(long, value_name = "TOKEN", env = "CALLBOARD_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

impl ServerArgs {
    /// A client of that server. An empty variable is one that is not set.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        let given = |value: &'_ Option<String>| value.clone().filter(|value| !value.trim().is_empty());
        let server = given(&self.server).unwrap_or_else(|| DEFAULT.to_owned());
        Ok(Client::new(&server, given(&self.token).as_deref())?)
    }
}

/// Does something that waits.
pub(crate) fn carry_out(work: impl Future<Output = Result<ExitCode, Failure>>) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::failed("internal", error))?;
    let ended = runtime.block_on(work);
    runtime.shutdown_background();
    ended
}

/// The project with that name or number; where none is named, the only one.
pub(crate) async fn project(client: &Client, named: Option<&str>) -> Result<Project, Failure> {
    let mut projects = client.projects().await?;
    let names: Vec<String> = projects.iter().map(|project| project.name.clone()).collect();
    let place = match (named, projects.len()) {
        (Some(named), _) => {
            let by_name = projects.iter().position(|project| project.name == named);
            by_name.or_else(|| projects.iter().position(|project| project.id.to_string() == named))
        }
        (None, 1) => Some(0),
        (None, 0) => None,
        (None, _) => {
            return Err(Failure::wrong_use("project_missing", "the server has several projects; name one")
                .hint(format!("It has: {}.", names.join(", "))));
        }
    };
    if let Some(place) = place {
        return Ok(projects.swap_remove(place));
    }
    let message = match named {
        Some(named) => format!("the server has no project {named}"),
        None => "the server has no project".to_owned(),
    };
    let hint = match names.as_slice() {
        [] => "Bring one there with callboard apply FILE.".to_owned(),
        names => format!("It has: {}.", names.join(", ")),
    };
    Err(Failure::wrong_use("project_unknown", message).hint(hint))
}

/// The workflow that is named by its number, as `project/workflow`, or by its name alone where only
/// one project has one of that name.
pub(crate) async fn workflow(client: &Client, named: &str) -> Result<Workflow, Failure> {
    if let Ok(id) = named.parse() {
        return Ok(client.workflow(id).await?);
    }
    let (projects, name) = match named.split_once('/') {
        Some((of, name)) => (vec![project(client, Some(of)).await?], name),
        None => (client.projects().await?, named),
    };
    let (mut found, mut there) = (Vec::new(), Vec::new());
    for project in projects {
        for workflow in client.workflows(project.id).await? {
            let path = format!("{}/{}", project.name, workflow.name);
            if workflow.name == name {
                found.push((path, workflow));
            } else {
                there.push(path);
            }
        }
    }
    match found.len() {
        0 => Err(unknown(named, &there)),
        1 => Ok(found.swap_remove(0).1),
        _ => {
            let paths: Vec<String> =
                found.iter().map(|(path, workflow)| format!("{path} ({})", workflow.id)).collect();
            let message = format!("several projects have a workflow {name}");
            Err(Failure::wrong_use("workflow_ambiguous", message)
                .hint(format!("Say which, by name or number: {}.", paths.join(", "))))
        }
    }
}

/// Names in a hint: more than these are a list of their own.
const NAMES_MAX: usize = 20;

fn unknown(named: &str, there: &[String]) -> Failure {
    let failure = Failure::wrong_use("workflow_unknown", format!("the server has no workflow {named}"));
    match there {
        [] => failure.hint("Bring one there with callboard apply FILE."),
        there => {
            let shown = there.iter().take(NAMES_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = if there.len() > NAMES_MAX { ", …" } else { "." };
            failure.hint(format!("It has: {shown}{more}"))
        }
    }
}
