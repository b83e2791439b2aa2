//! The same workflow against every wire format.

use callboard_fake_model::{Behaviour, Format};
use serde_json::json;

use crate::program::Desk;

const TWO: &str = "
      - { id: one, name: One, task: 'Look at {{ input }}.', agents: [{ agent: a, shares: [facts] }] }
      - { id: two, name: Two, task: Judge it., agents: [b], outcomes: { good: end, bad: one } }
";

#[test]
fn the_same_workflow_runs_unchanged_whatever_the_wire_format() {
    let formats = [
        ("openai", Format::Openai),
        ("openai-compatible", Format::Openai),
        ("anthropic", Format::Anthropic),
        ("gemini", Format::Gemini),
        ("ollama", Format::Ollama),
    ];
    for (provider, format) in formats {
        let desk = Desk::new();
        desk.model.push(
            Behaviour::call("share_result", json!({ "key": "facts", "value": ["owls"] }))
                .usage(10, 5)
                .agent("You are a.")
                .times(1),
        );
        desk.model.push(
            Behaviour::call("complete", json!({ "result": "Facts.", "summary": "F." }))
                .usage(10, 5)
                .agent("You are a."),
        );
        desk.model.push(
            Behaviour::call("complete", json!({ "result": "Good.", "summary": "G.", "outcome": "good" }))
                .usage(10, 5)
                .agent("You are b."),
        );
        desk.project_for(provider, format, TWO);
        let said = desk.run(&["run", "project.yaml", "--input", "owls", "--json"]);
        assert_eq!(said.code, 0, "{provider}: {said:?}");
        let run = said.object();
        assert_eq!(run["result"], "Good.", "{provider}");
        assert_eq!(run["memory"]["facts"]["value"], json!(["owls"]), "{provider}");
        assert_eq!(
            run["usage"],
            json!({ "model_calls": 3, "input_tokens": 30, "output_tokens": 15, "cost_usd": 0.00006 }),
            "{provider}"
        );
    }
}
