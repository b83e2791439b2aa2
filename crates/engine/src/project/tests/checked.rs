//! What the parts of a file say about each other.

use super::super::read;
use super::{SMALL, check, small_with};

#[test]
fn an_unknown_agent_names_the_nearest() {
    check(
        &small_with("agents: [writer]", "agents: [writr]"),
        r#"
14:54: error: workflows.digest.stages[0].agents[0]: The team "desk" has no agent "writr". Did you mean "writer"? [unknown_agent]
"#,
    );
}

#[test]
fn an_unknown_model_names_those_that_there_are() {
    check(
        &small_with("      editor: { role: Editor }", "      editor: { model: clever }"),
        r#"
9:24: error: teams.desk.agents.editor.model: There is no model "clever". Known: main. [unknown_model]
"#,
    );
}

#[test]
fn an_unknown_team_is_a_mistake() {
    check(
        &small_with("    team: desk", "    team: dsk"),
        r#"
12:11: error: workflows.digest.team: There is no team "dsk". Did you mean "desk"? [unknown_team]
"#,
    );
}

#[test]
fn an_unknown_tool_is_a_mistake_wherever_it_is_named() {
    check(
        &small_with("      editor: { role: Editor }", "      editor: { tools: [http_requst, complete] }"),
        r#"
9:25: error: teams.desk.agents.editor.tools[0]: There is no tool "http_requst". Did you mean "http_request"? [unknown_tool]
9:38: error: teams.desk.agents.editor.tools[1]: "complete" is not given to agents. Every agent can do it. Remove it here. [unknown_tool]
"#,
    );
}

#[test]
fn a_hooks_tool_must_exist() {
    check(
        &small_with(
            "agents: [writer]",
            "agents: [{ agent: writer, tools: [lookup] }], exit: [{ tool: write_fil, arguments: {} }]",
        ),
        r#"
14:79: error: workflows.digest.stages[0].agents[0].tools[0]: There is no tool "lookup". Known: http_request, read_file, write_file, list_files, current_time. [unknown_tool]
14:106: error: workflows.digest.stages[0].exit[0].tool: There is no tool "write_fil". Did you mean "write_file"? [unknown_tool]
"#,
    );
}

#[test]
fn one_tool_of_a_server_is_named_with_the_server() {
    let tools =
        "project: small\ntools: { files: { mcp: { command: [files] } }, lookup: { command: [lookup] } }";
    let small = small_with("project: small", tools);
    check(
        &small.replace(
            "      editor: { role: Editor }",
            "      editor: { tools: [files, files.read, fils.read, lookup.read, http_request.get] }",
        ),
        r#"
10:44: error: teams.desk.agents.editor.tools[2]: There is no MCP server "fils". Did you mean "files"? [unknown_tool]
10:55: error: teams.desk.agents.editor.tools[3]: "lookup" is a program and has no tools of its own. Write "lookup" alone. [unknown_tool]
10:68: error: teams.desk.agents.editor.tools[4]: There is no MCP server "http_request". Known: files. [unknown_tool]
"#,
    );
}

#[test]
fn a_hook_names_one_tool_of_a_server() {
    let small =
        small_with("project: small", "project: small\ntools: { files: { mcp: { command: [files] } } }");
    check(
        &small
            .replace("agents: [writer]", "agents: [writer], entry: [{ tool: files }, { tool: files.read }]"),
        r#"
15:79: error: workflows.digest.stages[0].entry[0].tool: "files" is an MCP server, and a hook calls one tool. Name one of its tools: "files.TOOL". [mcp_tool_missing]
"#,
    );
}

#[test]
fn an_unknown_workflow_is_a_mistake() {
    check(
        &small_with("good: end", "good: { workflow: digets }"),
        r#"
15:89: error: workflows.digest.stages[1].outcomes.good.workflow: There is no workflow "digets". Did you mean "digest"? [unknown_workflow]
"#,
    );
}

#[test]
fn a_triggers_workflow_must_exist() {
    check(
        &small_with(
            "project: small",
            "project: small\ntriggers: { a: { workflow: diggest, webhook: true } }",
        ),
        r#"
2:28: error: triggers.a.workflow: There is no workflow "diggest". Did you mean "digest"? [unknown_workflow]
"#,
    );
}

#[test]
fn an_unknown_fallback_is_a_mistake() {
    check(
        &small_with("  main: { provider: simulated }", "  main: { provider: simulated, fallback: mian }"),
        r#"
3:42: error: models.main.fallback: There is no model "mian". Did you mean "main"? [unknown_model]
"#,
    );
}

#[test]
fn fallbacks_cannot_lead_back() {
    check(
        &small_with(
            "  main: { provider: simulated }",
            "  main: { provider: simulated, fallback: b }\n  b: { provider: simulated, fallback: main }",
        ),
        r#"
3:42: error: models.main.fallback: The fallbacks of "main" lead back to it. Let the last model of the line have none. [fallback_cycle]
4:39: error: models.b.fallback: The fallbacks of "b" lead back to it. Let the last model of the line have none. [fallback_cycle]
"#,
    );
}

#[test]
fn an_outcome_leads_to_a_stage_that_exists() {
    check(
        &small_with("bad: write", "bad: wriet"),
        r#"
15:87: error: workflows.digest.stages[1].outcomes.bad: There is no stage with the id "wriet" in this workflow. Did you mean "write"? [unknown_stage]
"#,
    );
}

#[test]
fn a_rejection_leads_to_a_stage_that_exists() {
    check(
        &small_with("agents: [writer]", "agents: [writer], approval: { when: after, on_reject: rewiew }"),
        r#"
14:99: error: workflows.digest.stages[0].approval.on_reject: There is no stage with the id "rewiew" in this workflow. Did you mean "review"? [unknown_stage]
"#,
    );
}

#[test]
fn two_stages_cannot_have_one_id() {
    check(
        &small_with("id: review", "id: write"),
        r#"
15:15: error: workflows.digest.stages[1].id: The id "write" belongs to stages[0] already. Give this stage another "id: …". [duplicate_stage_id]
"#,
    );
}

#[test]
fn the_ids_next_and_end_are_taken() {
    check(
        &small_with("id: review", "id: end"),
        r#"
15:15: error: workflows.digest.stages[1].id: A stage cannot have the id "end": outcomes lead there. Add another "id: …". [reserved_stage_id]
"#,
    );
}

#[test]
fn an_agent_has_one_place_in_a_phase() {
    check(
        &small_with("agents: [writer]", "agents: [writer, editor, { agent: writer, phase: start }, writer]"),
        r#"
14:103: error: workflows.digest.stages[0].agents[3]: The agent "writer" stands twice in one phase of this stage. Remove one, or give it another phase: start, default or completion. [agent_twice]
"#,
    );
}

#[test]
fn an_agent_needs_a_model() {
    check(
        &small_with("    model: main\n", ""),
        r#"
7:15: error: teams.desk.agents.writer: The agent "writer" has no model, and neither has its team. Add "model: NAME" to the agent or to the team. [agent_without_model]
8:15: error: teams.desk.agents.editor: The agent "editor" has no model, and neither has its team. Add "model: NAME" to the agent or to the team. [agent_without_model]
"#,
    );
}

#[test]
fn a_stage_that_no_way_leads_to_is_warned_of() {
    check(
        &small_with(
            "      - { id: write, task: Write about it., agents: [writer] }",
            "      - { id: write, task: Write about it., agents: [writer], outcomes: { done: end } }",
        ),
        r#"
15:9: warning: workflows.digest.stages[1]: No way leads to the stage "review". Let an outcome lead to it, or remove it. [unreachable_stage]
"#,
    );
}

#[test]
fn a_workflow_without_a_way_out_is_warned_of() {
    check(
        &small_with("good: end", "good: review"),
        r#"
14:7: warning: workflows.digest.stages: No way leads out of these stages. Let an outcome lead to "end", or to "next" from the last stage. [no_way_to_the_end]
"#,
    );
}

#[test]
fn a_full_stage_that_forces_runs_on_is_a_way_out() {
    check(
        &small_with("good: end, bad: write }", "good: write }, on_max_visits: continue")
            .replace("agents: [writer]", "agents: [writer], on_max_visits: continue"),
        "",
    );
}

#[test]
fn a_limit_of_money_needs_prices() {
    check(
        &small_with("    team: desk", "    limits: { cost_usd: 1.5 }\n    team: desk"),
        r#"
12:25: error: workflows.digest.limits.cost_usd: The model "main" has no price, so this limit of money cannot be kept. Add "price: { input: …, output: … }" to models.main, or remove the limit. [model_without_price]
"#,
    );
}

#[test]
fn a_limit_of_money_needs_prices_of_the_workflows_that_it_leads_to() {
    let other = "workflows:
  caller:
    team: cheap
    limits: { cost_usd: 1 }
    stages: [{ id: s, task: Go on., agents: [clerk], outcomes: { more: { workflow: digest }, no: end } }]
  free:
    team: cheap
    limits: { cost_usd: 1 }
    stages: [{ id: s, task: Go on., agents: [clerk] }]";
    let teams = "  free: { provider: simulated, price: { input: 0, output: 0 } }
teams:
  cheap: { model: free, agents: { clerk: {} } }";
    check(
        &SMALL.replace("workflows:", other).replace("teams:", teams),
        r#"
15:25: error: workflows.caller.limits.cost_usd: The model "main" has no price, so this limit of money cannot be kept. Add "price: { input: …, output: … }" to models.main, or remove the limit. [model_without_price]
"#,
    );
}

#[test]
fn a_limit_of_money_per_day_needs_prices() {
    check(
        &small_with("project: small", "project: small\nlimits: { cost_usd_per_day: 1 }"),
        r#"
2:29: error: limits.cost_usd_per_day: The model "main" has no price, so this limit of money cannot be kept. Add "price: { input: …, output: … }" to models.main, or remove the limit. [model_without_price]
"#,
    );
}

#[test]
fn what_should_be_a_schema_is_one() {
    check(
        &small_with("agents: [writer]", "agents: [writer], result_schema: { type: strnig }").replace(
            "project: small",
            "project: small\ntools: { a: { command: [a], parameters: { b: { minimum: no }, c: { type: string } } } }",
        ),
        r##"
2:46: error: tools.a.parameters.b: This is not a JSON Schema that can be followed: minimum: This should be of the type number. Write it as JSON Schema has it, such as { type: string }. [invalid_schema]
15:78: error: workflows.digest.stages[0].result_schema: This is not a JSON Schema that can be followed: type: This fits none of the schemas that it may fit. Write it as JSON Schema has it, such as { type: string }. [invalid_schema]
"##,
    );
    check(
        "project: p\ntools: { a: { command: [a], parameters: { b: { $ref: '#/$defs/c', $defs: { c: {} } } } } }",
        r##"
2:41: error: tools.a.parameters: This is not a JSON Schema that can be followed: The reference "#/$defs/c" leads nowhere. Write it as JSON Schema has it, such as { type: string }. [invalid_schema]
"##,
    );
}

#[test]
fn a_template_that_cannot_be_read_is_shown_in_its_line() {
    check(
        &small_with("      - { id: write, task: Write about it., agents: [writer] }", "      - id: write\n        agents: [writer]\n        task: |\n          Write about it.\n          Then {{ input"),
        "
18:11: error: workflows.digest.stages[0].task: This cannot be read: unexpected end of input, expected end of variable block. Write {{ name }} for a value. Braces that are meant as text go between {% raw %} and {% endraw %}. [template_syntax]
",
    );
}

#[test]
fn a_template_names_what_is_known() {
    check(
        &small_with("task: Write about it.", "task: 'Write about {{ inptu }}.'"),
        r#"
14:44: error: workflows.digest.stages[0].task: The template uses the name "inptu", which is not known. Did you mean "input"? [template_unknown_name]
"#,
    );
}

#[test]
fn a_template_names_stages_of_its_workflow() {
    check(
        &small_with(
            "task: Write about it.",
            r#"task: "Mind {{ results.revew }} and {{ results['write'] }}.""#,
        ),
        r#"
14:45: error: workflows.digest.stages[0].task: The template uses the stage "revew", which is not known. Did you mean results.review? [template_unknown_stage]
"#,
    );
}

#[test]
fn a_stage_with_a_dash_stands_in_brackets() {
    check(
        &small_with("id: review, task: Review it.", "id: re-view, task: 'Mind {{ results.re-view }}.'"),
        r#"
15:47: error: workflows.digest.stages[1].task: The template uses the stage "re", which is not known. Did you mean results["re-view"]? A name with "-" stands in brackets and quotes. [template_unknown_stage]
15:50: error: workflows.digest.stages[1].task: The template uses the name "view", which is not known. Known: input, results, memory. [template_unknown_name]
"#,
    );
}

#[test]
fn a_template_names_keys_that_something_promises() {
    check(
        &small_with(
            "agents: [writer]",
            r#"agents: [{ agent: writer, directive: "See {{ memory.fact }}.", shares: [facts] }]"#,
        ),
        r#"
14:97: error: workflows.digest.stages[0].agents[0].directive: The template uses the key of shared memory "fact", which is not known. Did you mean memory.facts? [template_unknown_key]
"#,
    );
}

#[test]
fn the_place_within_a_block_of_lines_is_exact() {
    check(
        &small_with(
            "      - { id: write, task: Write about it., agents: [writer] }",
            "      - id: write\n        agents: [writer]\n        task: |\n\n          Write about it.\n\n            Écris sur {{ inputs }}.",
        ),
        r#"
20:26: error: workflows.digest.stages[0].task: The template uses the name "inputs", which is not known. Did you mean "input"? [template_unknown_name]
"#,
    );
}

#[test]
fn where_lines_are_joined_the_start_of_the_text_is_named() {
    check(
        &small_with(
            "      - { id: write, task: Write about it., agents: [writer] }",
            "      - id: write\n        agents: [writer]\n        task: >\n          Write about\n          {{ inputs }}.",
        ),
        r#"
17:11: error: workflows.digest.stages[0].task: The template uses the name "inputs", which is not known. Did you mean "input"? [template_unknown_name]
"#,
    );
}

#[test]
fn an_unknown_filter_is_a_mistake() {
    check(
        &small_with("task: Write about it.", "task: '{{ input | uper }} {% if input is nice %}{% endif %}'"),
        r#"
14:40: error: workflows.digest.stages[0].task: The template uses the filter "uper", which is not known. [template_unknown_filter]
14:63: error: workflows.digest.stages[0].task: The template uses the test "nice", which is not known. [template_unknown_filter]
"#,
    );
}

#[test]
fn arguments_of_hooks_are_templates() {
    check(
        &small_with(
            "agents: [writer]",
            r#"agents: [writer], exit: [{ tool: write_file, arguments: { path: a, text: ["{{ result.write }}"] } }]"#,
        ),
        r#"
14:123: error: workflows.digest.stages[0].exit[0].arguments.text[0]: The template uses the name "result", which is not known. Did you mean "results"? [template_unknown_name]
"#,
    );
}

#[test]
fn a_webhook_sees_the_call_and_no_run() {
    check(
        &small_with(
            "project: small",
            r#"project: small
triggers: { a: { workflow: digest, webhook: { input: '{{ input }}', when: "body.x ==" } }, b: { workflow: digest, webhook: { when: bdy.x == 1 } } }"#,
        ),
        r#"
2:58: error: triggers.a.webhook.input: The template uses the name "input", which is not known. Known: body, headers, query. [template_unknown_name]
2:76: error: triggers.a.webhook.when: This cannot be read: unexpected end of input, expected expression. Write a comparison, such as body.action == 'opened'. [template_syntax]
2:132: error: triggers.b.webhook.when: The template uses the name "bdy", which is not known. Did you mean "body"? [template_unknown_name]
"#,
    );
}

#[test]
fn a_line_of_fallbacks_ends() {
    let models: String = (0..20)
        .map(|model| format!("\n  m{model}: {{ provider: simulated, fallback: m{} }}", (model + 1).min(19)))
        .collect();
    let mistakes = read(&format!("project: small\nmodels:{models}")).mistakes;
    let shown: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown[0],
        "3:40: error: models.m0.fallback: The fallbacks of \"m0\" are a line of more than 16 models, or lead in a \
         circle. Let the line end earlier. [too_many_fallbacks]"
    );
}

#[test]
fn a_workflow_has_at_most_a_thousand_stages() {
    let stages: String = (0..1_001)
        .map(|stage| format!("      - {{ id: s{stage}, task: Go on., agents: [writer] }}\n"))
        .collect();
    let (head, _) = SMALL.split_once("      - { id: write").unwrap();
    check(
        &format!("{head}{stages}"),
        "12:5: error: workflows.digest: This workflow has 1001 stages; a workflow may have 1000. Split it into \
         several workflows. [too_many_stages]",
    );
}

#[test]
fn what_a_run_leads_to_can_be_kept() {
    let head = "project: p\nmodels: { m: { provider: simulated } }\nteams: { t: { model: m, agents: { w: { instructions: ";
    let file = |instructions: usize, workflows: usize| {
        let workflows: String = (0..workflows)
            .map(|index| {
                let next = (index + 1) % workflows;
                format!("  w{index}: {{ team: t, stages: [{{ id: s, task: T, agents: [w], outcomes: {{ o: {{ workflow: w{next} }} }} }}] }}\n")
            })
            .collect();
        format!("{head}{} }} }} }} }}\nworkflows:\n{workflows}", "x".repeat(instructions))
    };
    let codes =
        |file: String| -> Vec<_> { read(&file).mistakes.iter().map(|mistake| mistake.code).collect() };
    assert_eq!(codes(file(1_000, 900)), [""; 0]);
    assert_eq!(codes(file(100_000, 50)), [""; 0]);
    assert_eq!(codes(file(100_000, 90)), ["definition_too_large"; 90]);
    assert_eq!(codes(file(10, 1_001))[0], "definition_too_large");
}
