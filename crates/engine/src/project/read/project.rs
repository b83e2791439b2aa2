//! The file as a whole.

use super::fields::Reader;
use super::{model, team, tool, trigger, values, workflow};
use crate::project::mistake::{Mistake, Mistakes};
use crate::project::types::{Project, ProjectLimits};
use crate::project::yaml::{Kind, Node};

const KEYS: &[&str] =
    &["project", "timezone", "max_running", "limits", "models", "tools", "teams", "workflows", "triggers"];

/// The zone of a project's day where the file names none.
const TIMEZONE: &str = "UTC";

/// Reads a project. There is none only where the file is no map.
pub(in crate::project) fn project(root: &Node, mistakes: &mut Mistakes) -> Option<Project> {
    let mut reader = Reader::new(mistakes);
    let reader = &mut reader;
    if !matches!(root.kind, Kind::Map(_)) {
        reader.add(
            Mistake::error(root.at, "no_project", "This is not a project file.")
                .expected("a map with the key \"project\"")
                .hint("Begin with \"project: NAME\"."),
        );
        return None;
    }
    let fields = reader.fields(root, KEYS)?;
    let name = fields.required(reader, "project", project_name).unwrap_or_default();
    let timezone =
        fields.optional(reader, "timezone", values::timezone).unwrap_or_else(|| TIMEZONE.to_owned());
    let max_running = fields.optional(reader, "max_running", values::count);
    let limits = fields.optional(reader, "limits", limits).unwrap_or_default();
    let models =
        fields.optional(reader, "models", values::named("models", |r, _, node| model::model(r, node)));
    let tools = fields.optional(reader, "tools", values::named("tools", tool::tool));
    let teams = fields.optional(reader, "teams", values::named("teams", team::team));
    let workflows = fields.optional(
        reader,
        "workflows",
        values::named("workflows", |r, _, node| workflow::workflow(r, node)),
    );
    let triggers = fields.optional(
        reader,
        "triggers",
        values::named("triggers", |r, _, node| trigger::trigger(r, node)),
    );
    Some(Project {
        name,
        timezone,
        max_running,
        limits,
        models: models.unwrap_or_default(),
        tools: tools.unwrap_or_default(),
        teams: teams.unwrap_or_default(),
        workflows: workflows.unwrap_or_default(),
        triggers: triggers.unwrap_or_default(),
    })
}

fn limits(reader: &mut Reader<'_>, node: &Node) -> Option<ProjectLimits> {
    let fields = reader.fields(node, &["cost_usd_per_day"])?;
    Some(ProjectLimits { cost_usd_per_day: fields.optional(reader, "cost_usd_per_day", values::dollars) })
}

/// Reads the project's name, which may have spaces. It is no key of a map; before a slash it names
/// the project of a workflow, so that it has none itself.
fn project_name(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let name = match &node.kind {
        Kind::Number(number) => number.to_string(),
        Kind::Null | Kind::Bool(_) | Kind::Text(_) | Kind::List(_) | Kind::Map(_) => {
            values::words(reader, node)?
        }
    };
    let is_name = name.chars().count() <= values::NAME_CHARS_MAX
        && !name.contains(|character: char| character == '/' || character.is_control());
    if is_name {
        return Some(name.trim().to_owned());
    }
    let message = "This cannot be the name of a project.";
    let expected = format!("at most {} characters in one line, without \"/\"", values::NAME_CHARS_MAX);
    reader.add(Mistake::error(node.at, "bad_name", message).expected(expected));
    None
}
