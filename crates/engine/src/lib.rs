//! The rules of a run, and nothing else.
//!
//! A project file becomes a [`Project`](project::Project), one of its workflows becomes a frozen
//! [`Definition`](definition::Definition), and a run of it is a fold of [`Event`](event::Event)s.
//! [`decide`](decide::decide) answers a command with the events that it causes, or refuses it.
//! [`Run::apply`](run::Run::apply) folds one event into the run. [`Run::pending`](run::Run::pending) says what
//! the outside owes the run now.
//!
//! There is no clock here, no randomness, no waiting and no I/O: whatever a rule needs comes in as
//! an argument, so that the same history always folds to the same run.

#![warn(missing_docs)]

pub mod money;
pub mod nearest;
pub mod schema;
pub mod time;

pub mod content;
pub mod text;

pub mod status;

pub mod definition;
pub mod template;

pub mod project;

pub mod call;
pub mod event;
pub mod rerun;
pub mod rules;
mod toolbox;

pub mod command;
pub mod decide;
pub mod prompt;
pub mod run;

pub mod replay;
