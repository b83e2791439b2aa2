//! What nouns after this one keep in step with projects: rows that have to be true together with each
//! revision, though nobody here knows what they are.

use callboard_engine::project::Project;
use callboard_engine::time::Time;

use crate::db::Write;

/// A revision that is about to be written.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Its number.
    pub revision: i64,
    /// The project before; none where it is new.
    pub before: Option<&'a Project>,
    /// The project after.
    pub after: &'a Project,
    /// When it changes.
    pub at: Time,
    /// The part that is called otherwise than before, and stays the same part.
    pub renamed: Option<Renamed<'a>>,
}

/// A part with another name.
#[derive(Clone, Copy, Debug)]
pub struct Renamed<'a> {
    /// The section that it stands in.
    pub section: &'a str,
    /// Its name before.
    pub from: &'a str,
    /// Its name after.
    pub to: &'a str,
}

impl<'a> Change<'a> {
    /// What a part of the revision was called in the one before.
    pub fn name_before(&self, section: &str, name: &'a str) -> &'a str {
        let renamed = self.renamed.filter(|renamed| renamed.section == section && renamed.to == name);
        renamed.map_or(name, |renamed| renamed.from)
    }
}

/// Someone who keeps rows in step with projects.
pub trait Follow: Send + Sync {
    /// What is written in the transaction of the revision, after it. Nothing of it is a claim: whether
    /// the revision is written depends on the project alone.
    fn writes(&self, change: &Change<'_>) -> Vec<Write>;

    /// Hears that a revision is on disk.
    fn written(&self);
}
