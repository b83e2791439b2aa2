//! Templates: what they name must be there by the time they are rendered, or come later in a loop.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Checker;
use crate::definition::{Stage, Target, Workflow};
use crate::project::mistake::{Mistake, Place};
use crate::project::types::TriggerKind;
use crate::project::yaml::{Kind, Node, Written};
use crate::template::{self, Known, TemplateMistake};

/// Checks the templates of a workflow's stages.
pub(super) fn check(checker: &mut Checker<'_>, workflow: &Workflow) {
    let ids: Vec<&str> = workflow.stages.iter().map(|stage| stage.id.as_str()).collect();
    let keys: Vec<&str> = memory_keys(workflow).into_iter().collect();
    let known = Known { open: &["input"], closed: &[("results", &ids), ("memory", &keys)] };
    checker.each("stages", &workflow.stages, |checker, stage| check_stage(checker, stage, &known));
}

/// The keys of shared memory that something in the workflow promises to write.
fn memory_keys(workflow: &Workflow) -> BTreeSet<&str> {
    let mut keys = BTreeSet::new();
    for stage in &workflow.stages {
        keys.extend(stage.agents.iter().flat_map(|assignment| &assignment.shares).map(String::as_str));
        keys.extend(stage.entry.iter().chain(&stage.exit).filter_map(|hook| hook.key.as_deref()));
        let to_workflows = stage.outcomes.iter().filter(|(_, target)| matches!(target, Target::Workflow(_)));
        keys.extend(to_workflows.map(|(outcome, _)| outcome.as_str()));
    }
    keys
}

fn check_stage(checker: &mut Checker<'_>, stage: &Stage, known: &Known<'_>) {
    checker.within("task", |checker| check_text(checker, &stage.task, known));
    checker.each("agents", &stage.agents, |checker, assignment| {
        let Some(directive) = &assignment.directive else { return };
        checker.within("directive", |checker| check_text(checker, directive, known));
    });
    for (place, hooks) in [("entry", &stage.entry), ("exit", &stage.exit)] {
        checker.each(place, hooks, |checker, hook| {
            checker.within("arguments", |checker| {
                for (name, value) in &hook.arguments {
                    checker.within(name.as_str(), |checker| check_texts(checker, value, known));
                }
            });
        });
    }
}

/// Checks every text within a value.
fn check_texts(checker: &mut Checker<'_>, value: &Value, known: &Known<'_>) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(text) => check_text(checker, text, known),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                checker.within(index, |checker| check_texts(checker, item, known));
            }
        }
        Value::Object(entries) => {
            for (key, value) in entries {
                checker.within(key.as_str(), |checker| check_texts(checker, value, known));
            }
        }
    }
}

/// Checks what the webhooks of a project make of a call.
pub(super) fn check_webhooks(checker: &mut Checker<'_>) {
    let project = checker.project;
    checker.within("triggers", |checker| {
        for (name, trigger) in &project.triggers {
            let TriggerKind::Webhook(webhook) = &trigger.kind else { continue };
            checker.within(name.as_str(), |checker| {
                checker.within("webhook", |checker| {
                    if let Some(input) = &webhook.input {
                        checker.within("input", |checker| check_text(checker, input, &Known::WEBHOOK));
                    }
                    if let Some(when) = &webhook.when {
                        checker.within("when", |checker| {
                            let mistakes = template::check_expression(when, &Known::WEBHOOK);
                            add_all(checker, mistakes);
                        });
                    }
                    if let Some(concurrency) = &webhook.concurrency {
                        checker.within("concurrency", |checker| {
                            let key = &concurrency.key;
                            checker.within("key", |checker| check_text(checker, key, &Known::WEBHOOK));
                        });
                    }
                });
            });
        }
    });
}

fn check_text(checker: &mut Checker<'_>, text: &str, known: &Known<'_>) {
    if !checker.mistakes.is_full() && !template::is_plain(text) {
        let mistakes = template::check(text, known);
        add_all(checker, mistakes);
    }
}

fn add_all(checker: &mut Checker<'_>, mistakes: Vec<TemplateMistake>) {
    if mistakes.is_empty() {
        return;
    }
    let (node, source) = (checker.node(), checker.source);
    for mistake in mistakes {
        let inside = place_inside(source, node, mistake.line, mistake.column);
        checker.add(|at| {
            let found = Mistake::error(inside.unwrap_or(at), mistake.code, mistake.message);
            match mistake.hint {
                Some(hint) => found.hint(hint),
                None => found,
            }
        });
    }
}

/// Where in the file a place within a text stands; `None` where that cannot be said for sure,
/// because quotes, escapes or joined lines lie between the text and the file.
fn place_inside(source: &str, node: &Node, line: u32, column: Option<u32>) -> Option<Place> {
    let Kind::Text(text) = &node.kind else { return None };
    let steps = usize::try_from(line.checked_sub(1)?).ok()?;
    let written = text.text.split('\n').nth(steps)?;
    let in_file = match text.written {
        Written::Lines => {
            // The block is said to begin at its first line with words in it.
            let empty = text.text.split('\n').take_while(|line| line.is_empty()).count();
            let first = node.at.line.checked_sub(u32::try_from(empty).ok()?)?;
            first.checked_add(line - 1)?
        }
        Written::Plain | Written::Quoted if !text.text.contains('\n') => node.at.line,
        Written::Plain | Written::Quoted | Written::Joined => return None,
    };
    let whole = source.lines().nth(usize::try_from(in_file.checked_sub(1)?).ok()?)?;
    let before = match text.written {
        Written::Lines => whole.strip_suffix(written)?.chars().count(),
        Written::Plain | Written::Quoted | Written::Joined => {
            let quote = usize::from(text.written == Written::Quoted);
            let before = usize::try_from(node.at.column.checked_sub(1)?).ok()? + quote;
            let rest: String = whole.chars().skip(before).take(written.chars().count()).collect();
            (rest == written).then_some(before)?
        }
    };
    let column = u32::try_from(before).ok()?.checked_add(column.unwrap_or(1))?;
    Some(Place { line: in_file, column })
}
