//! What the parts of a project say about each other: names that must exist, ways that must lead
//! somewhere, money that must be countable, schemas that must be some, templates that must find what they name.
//!
//! A name that was broken reads as empty and is passed over here: its mistake has been made.

mod money;
mod names;
mod reach;
mod schedules;
mod schemas;
mod stages;
mod templates;
mod ways;

pub(super) use schedules::check as schedules;

use super::Project;
use super::mistake::{Mistake, Mistakes, Place};
use super::yaml::{Node, Step, path_text};

/// Checks a project against itself.
pub(super) fn check(source: &str, project: &Project, root: &Node, mistakes: &mut Mistakes) {
    let mut checker = Checker { source, project, root, mistakes, path: Vec::new() };
    names::check(&mut checker);
    money::check(&mut checker);
    reach::check(&mut checker);
    schemas::check(&mut checker);
    for (name, workflow) in &project.workflows {
        checker.within("workflows", |checker| {
            checker.within(name.as_str(), |checker| {
                stages::check(checker, workflow);
                ways::check(checker, workflow);
                templates::check(checker, workflow);
            });
        });
    }
    templates::check_webhooks(&mut checker);
}

/// A project under check, and where in it the check is.
struct Checker<'a> {
    source: &'a str,
    project: &'a Project,
    root: &'a Node,
    mistakes: &'a mut Mistakes,
    path: Vec<Step>,
}

impl<'a> Checker<'a> {
    /// Checks something one step further into the project.
    fn within(&mut self, step: impl Into<Step>, check: impl FnOnce(&mut Self)) {
        self.path.push(step.into());
        check(self);
        self.path.pop();
    }

    /// Checks each thing of a list.
    fn each<T>(&mut self, step: &str, things: &[T], mut check: impl FnMut(&mut Self, &T)) {
        self.within(step, |checker| {
            for (index, thing) in things.iter().enumerate() {
                checker.within(index, |checker| check(checker, thing));
            }
        });
    }

    /// The value where the check is, or the last one on the way there.
    fn node(&self) -> &'a Node {
        self.root.follow(&self.path).0
    }

    /// Whether the file has a thing of that name, broken or not.
    fn is_written(&self, things: &str, name: &str) -> bool {
        self.root.entry(things).is_some_and(|(_, things)| things.entry(name).is_some())
    }

    /// Notes a mistake at the value where the check is.
    fn add(&mut self, mistake: impl FnOnce(Place) -> Mistake) {
        if self.mistakes.is_full() {
            self.mistakes.add(mistake(Place::START));
            return;
        }
        let (node, taken) = self.root.follow(&self.path);
        let at = node.at;
        self.mistakes.add(mistake(at).path(path_text(&self.path[..taken])));
    }

    /// Notes that a name is not among the known ones.
    fn unknown<'n>(&mut self, what: Unknown<'_>, known: impl Iterator<Item = &'n str> + Clone) {
        let Unknown { code, name, message } = what;
        let nearest = self.mistakes.nearest(name, known.clone());
        let hint = match nearest {
            Some(nearest) => format!("Did you mean \"{nearest}\"?"),
            None => known_words(known),
        };
        self.add(|at| Mistake::error(at, code, message).hint(hint));
    }
}

/// A name that is not known.
struct Unknown<'a> {
    code: &'static str,
    name: &'a str,
    message: String,
}

/// Known names that are shown at once.
const KNOWN_SHOWN: usize = 8;

/// The known names in a sentence.
fn known_words<'n>(mut known: impl Iterator<Item = &'n str>) -> String {
    let shown: Vec<_> = known.by_ref().take(KNOWN_SHOWN).collect();
    match (shown.is_empty(), known.next()) {
        (true, _) => "There is none yet.".to_owned(),
        (false, None) => format!("Known: {}.", shown.join(", ")),
        (false, Some(_)) => format!("Known: {}, and more.", shown.join(", ")),
    }
}
