//! Where an outcome or a rejection leads, written as in a project file: a word, or the id of a stage.
//!
//! `next`, `end` and `error` are words and no ids: a project file whose stage has such an id where
//! the word means something is refused, so that neither is ever taken for the other.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// Where an outcome leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// To the stage after this one, or to the end after the last.
    Next,
    /// To the end of the run.
    End,
    /// To the stage with that id.
    Stage(String),
    /// To another workflow of the project, and then to the stage after this one.
    Workflow(String),
}

/// Where a rejection leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The run ends in error with the code `rejected`.
    Error,
    /// To the stage after this one.
    Next,
    /// To the end of the run.
    End,
    /// To the stage with that id.
    Stage(String),
}

/// What may be written for either.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written<'a> {
    #[serde(borrow)]
    Word(Cow<'a, str>),
    Workflow {
        workflow: String,
    },
    /// How definitions of earlier versions were stored: they are read for ever.
    Stage {
        stage: String,
    },
}

impl Target {
    /// What a word means where an outcome leads.
    pub(crate) fn of_word(word: String) -> Self {
        match word.as_str() {
            "next" => Self::Next,
            "end" => Self::End,
            _ => Self::Stage(word),
        }
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Next => serializer.serialize_str("next"),
            Self::End => serializer.serialize_str("end"),
            Self::Stage(id) => serializer.serialize_str(id),
            Self::Workflow(name) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("workflow", name)?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Written::deserialize(deserializer)? {
            Written::Word(word) => Self::of_word(word.into_owned()),
            Written::Workflow { workflow } => Self::Workflow(workflow),
            Written::Stage { stage } => Self::Stage(stage),
        })
    }
}

impl Rejection {
    /// What a word means where a rejection leads.
    pub(crate) fn of_word(word: String) -> Self {
        match word.as_str() {
            "error" => Self::Error,
            "next" => Self::Next,
            "end" => Self::End,
            _ => Self::Stage(word),
        }
    }

    /// The word or id that it is written as.
    pub(crate) fn word(&self) -> &str {
        match self {
            Self::Error => "error",
            Self::Next => "next",
            Self::End => "end",
            Self::Stage(id) => id,
        }
    }
}

impl Serialize for Rejection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for Rejection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Word(word) => Ok(Self::of_word(word.into_owned())),
            Written::Stage { stage } => Ok(Self::Stage(stage)),
            Written::Workflow { .. } => {
                Err(serde::de::Error::custom("a rejection leads to a stage, not to a workflow"))
            }
        }
    }
}

impl PartialSchema for Target {
    fn schema() -> RefOr<Schema> {
        let word = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("`next`, `end`, or the id of a stage."));
        let workflow = ObjectBuilder::new()
            .property("workflow", ObjectBuilder::new().schema_type(Type::String))
            .required("workflow")
            .description(Some("Another workflow of the project, and then the stage after this one."));
        OneOfBuilder::new().item(word).item(workflow).description(Some("Where an outcome leads.")).into()
    }
}

impl ToSchema for Target {}

impl PartialSchema for Rejection {
    fn schema() -> RefOr<Schema> {
        let what = "Where a rejection leads: `error`, `next`, `end`, or the id of a stage.";
        ObjectBuilder::new().schema_type(Type::String).description(Some(what)).into()
    }
}

impl ToSchema for Rejection {}

#[cfg(test)]
mod tests {
    use super::{Rejection, Target};

    #[test]
    fn a_target_is_written_as_in_a_project_file() {
        let targets =
            [Target::Next, Target::End, Target::Stage("write".into()), Target::Workflow("w".into())];
        let text = serde_json::to_string(&targets).unwrap();
        assert_eq!(text, r#"["next","end","write",{"workflow":"w"}]"#);
        assert_eq!(serde_json::from_str::<[Target; 4]>(&text).unwrap(), targets);
        assert_eq!(
            serde_json::from_value::<[Target; 4]>(serde_json::from_str(&text).unwrap()).unwrap(),
            targets
        );

        let rejections =
            [Rejection::Error, Rejection::Next, Rejection::End, Rejection::Stage("write".into())];
        let text = serde_json::to_string(&rejections).unwrap();
        assert_eq!(text, r#"["error","next","end","write"]"#);
        assert_eq!(serde_json::from_str::<[Rejection; 4]>(&text).unwrap(), rejections);
    }

    #[test]
    fn what_earlier_versions_stored_is_read_for_ever() {
        let stored = r#"["next","end",{"stage":"write"},{"workflow":"w"}]"#;
        let targets =
            [Target::Next, Target::End, Target::Stage("write".into()), Target::Workflow("w".into())];
        assert_eq!(serde_json::from_str::<[Target; 4]>(stored).unwrap(), targets);
        let stored = r#"["error",{"stage":"write"}]"#;
        let rejections = [Rejection::Error, Rejection::Stage("write".into())];
        assert_eq!(serde_json::from_str::<[Rejection; 2]>(stored).unwrap(), rejections);
    }

    #[test]
    fn a_rejection_leads_to_no_workflow() {
        assert!(serde_json::from_str::<Rejection>(r#"{"workflow":"w"}"#).is_err());
    }
}
