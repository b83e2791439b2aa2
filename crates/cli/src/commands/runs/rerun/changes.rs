//! What is different in a re-run, as it is said on the command line and in files.

use std::path::{Path, PathBuf};

use callboard_engine::definition::Overrides;
use callboard_engine::project;
use serde::de::DeserializeOwned;

use crate::commands::file;
use crate::failure::Failure;

/// What is different in the new run alone.
#[derive(clap::Args)]
pub(super) struct ChangeArgs {
    /// Another task for a stage, by its id: a text, or `@PATH` for the text of a file.
    #[arg(long, value_name = "STAGE=TEXT|@PATH", value_parser = named)]
    task: Vec<Named>,
    /// Another directive for an agent at a stage.
    #[arg(long, value_name = "STAGE/AGENT=TEXT|@PATH", value_parser = named_at_a_stage)]
    directive: Vec<(String, Named)>,
    /// Another model for everyone at a stage.
    #[arg(long, value_name = "STAGE=MODEL", value_parser = named)]
    stage_model: Vec<Named>,
    /// Other instructions for an agent.
    #[arg(long, value_name = "AGENT=TEXT|@PATH", value_parser = named)]
    instructions: Vec<Named>,
    /// Another model for an agent.
    #[arg(long, value_name = "AGENT=MODEL", value_parser = named)]
    model: Vec<Named>,
    /// Other tools for an agent, with commas between them; none where nothing is named.
    #[arg(long, value_name = "AGENT=TOOLS", value_parser = named)]
    tools: Vec<Named>,
    /// Reads what is different from a file, YAML or JSON, or `-`; what the options say goes over it.
    #[arg(long, value_name = "FILE")]
    overrides: Option<PathBuf>,
}

/// Something that is set for something.
#[derive(Clone, Debug)]
struct Named {
    name: String,
    value: String,
}

fn named(text: &str) -> Result<Named, String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => {
            Ok(Named { name: name.to_owned(), value: value.to_owned() })
        }
        Some(_) | None => Err("there is no NAME= before it".to_owned()),
    }
}

fn named_at_a_stage(text: &str) -> Result<(String, Named), String> {
    let Named { name, value } = named(text)?;
    match name.split_once('/') {
        Some((stage, agent)) if !stage.is_empty() && !agent.is_empty() => {
            Ok((stage.to_owned(), Named { name: agent.to_owned(), value }))
        }
        Some(_) | None => Err("there is no STAGE/AGENT= before it".to_owned()),
    }
}

impl Named {
    /// The value, read from its file where it names one.
    fn text(&self) -> Result<String, Failure> {
        match self.value.strip_prefix('@') {
            Some(path) => file::any_text(Path::new(path)),
            None => Ok(self.value.clone()),
        }
    }
}

impl ChangeArgs {
    /// What is different, if anything is.
    pub(super) fn overrides(&self) -> Result<Option<Overrides>, Failure> {
        let mut overrides: Overrides = match &self.overrides {
            Some(path) => from_file(path, "a map with stages and agents")?,
            None => Overrides::default(),
        };
        for task in &self.task {
            overrides.stages.entry(task.name.clone()).or_default().task = Some(task.text()?);
        }
        for (stage, directive) in &self.directive {
            let stage = overrides.stages.entry(stage.clone()).or_default();
            stage.directives.insert(directive.name.clone(), directive.text()?);
        }
        for model in &self.stage_model {
            overrides.stages.entry(model.name.clone()).or_default().model = Some(model.value.clone());
        }
        for instructions in &self.instructions {
            let agent = overrides.agents.entry(instructions.name.clone()).or_default();
            agent.instructions = Some(instructions.text()?);
        }
        for model in &self.model {
            overrides.agents.entry(model.name.clone()).or_default().model = Some(model.value.clone());
        }
        for tools in &self.tools {
            let names = tools.value.split(',').map(str::trim).filter(|name| !name.is_empty());
            let agent = overrides.agents.entry(tools.name.clone()).or_default();
            agent.tools = Some(names.map(str::to_owned).collect());
        }
        Ok(Some(overrides).filter(|overrides| !overrides.is_empty()))
    }
}

/// What a file says, YAML or JSON; `-` is standard input.
pub(super) fn from_file<T: DeserializeOwned>(path: &Path, what: &str) -> Result<T, Failure> {
    let text = file::any_text(path)?;
    let wrong = |why: &str| {
        Failure::wrong_use("overrides_invalid", format!("{} cannot be used: {why}", path.display()))
            .hint(format!("It is {what}; docs/guides/rerun-from-a-stage.md shows one."))
    };
    let Some(value) = project::json(&text) else {
        let first = project::read(&text).mistakes.into_iter().next();
        return Err(wrong(&first.map_or("it is not YAML".to_owned(), |mistake| mistake.to_string())));
    };
    serde_json::from_value(value).map_err(|error| wrong(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{named, named_at_a_stage};

    #[test]
    fn a_change_says_what_it_is_for() {
        let read = |text| named(text).map(|named| (named.name, named.value));
        assert_eq!(read("draft=Write: a = b"), Ok(("draft".to_owned(), "Write: a = b".to_owned())));
        assert_eq!(read("editor="), Ok(("editor".to_owned(), String::new())));
        assert!(read("draft").is_err() && read("=x").is_err());
        let (stage, directive) = named_at_a_stage("draft/writer=Be short.").unwrap();
        assert_eq!((stage.as_str(), directive.name.as_str()), ("draft", "writer"));
        assert!(["draft=x", "/writer=x", "draft/=x"].iter().all(|wrong| named_at_a_stage(wrong).is_err()));
    }
}
