//! From a project back to its file: as JSON for programs, and as YAML for people.
//!
//! Both say only what differs from a default, so that a file that was read and written again is as
//! short as one that a person wrote; only the id of a stage is always there, since it must survive
//! the stage's renaming. Comments are lost: a project does not hold them.

mod document;
mod scalar;
mod yaml;

pub use document::document;

use super::Project;

/// The project file as YAML for people: what [`document()`] holds, read to the same project.
pub fn yaml(project: &Project) -> String {
    yaml::text(&document(project))
}
