//! Schemas: those of results and of the parameters of tools must be some.

use serde_json::Value;

use super::Checker;
use crate::project::mistake::Mistake;
use crate::schema;

/// Checks every schema of a project.
pub(super) fn check(checker: &mut Checker<'_>) {
    let project = checker.project;
    checker.within("tools", |checker| {
        for (name, tool) in &project.tools {
            checker.within(name.as_str(), |checker| {
                checker.within("parameters", |checker| {
                    let mut right = true;
                    for (parameter, schema) in &tool.parameters {
                        checker.within(parameter.as_str(), |checker| right &= check_schema(checker, schema));
                    }
                    // Together they are one schema, in which references lead elsewhere than in each alone.
                    if right && !tool.parameters.is_empty() {
                        check_schema(checker, &schema::of_parameters(&tool.parameters));
                    }
                });
            });
        }
    });
    checker.within("workflows", |checker| {
        for (name, workflow) in &project.workflows {
            checker.within(name.as_str(), |checker| {
                checker.each("stages", &workflow.stages, |checker, stage| {
                    let Some(schema) = &stage.result_schema else { return };
                    checker.within("result_schema", |checker| {
                        check_schema(checker, schema);
                    });
                });
            });
        }
    });
}

/// Checks one schema. Whether it is right.
fn check_schema(checker: &mut Checker<'_>, schema: &Value) -> bool {
    if checker.mistakes.is_full() {
        return true;
    }
    let Err(why) = schema::check_schema(schema) else { return true };
    checker.add(|at| {
        Mistake::error(at, "invalid_schema", format!("This is not a JSON Schema that can be followed: {why}"))
            .hint("Write it as JSON Schema has it, such as { type: string }.")
    });
    false
}
