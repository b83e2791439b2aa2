//! What each field may hold.

use super::super::{TriggerKind, read};
use super::{NEWSROOM, SMALL, check, small_with};
use crate::definition::{EnvValue, ToolKind};

#[test]
fn everything_that_the_contract_names_can_be_written() {
    check(NEWSROOM, "");
    check(SMALL, "");
}

#[test]
fn a_project_needs_no_workflow() {
    check("project: nothing yet", "");
}

#[test]
fn nothing_is_as_good_as_absent() {
    let file =
        small_with("project: small", "project: small\ntimezone:\nmax_running: null\ntools: ~\ntriggers:");
    assert_eq!(read(&file).project, read(SMALL).project);
}

#[test]
fn what_is_left_out_has_its_default() {
    let project = read(SMALL).project.unwrap();
    let model = &project.models["main"];
    assert_eq!((model.timeout_s, model.retry_for_s, model.max_at_once, model.tools), (120, 600, 50, true));
    assert_eq!(model.context_tokens, 128_000);
    let workflow = &project.workflows["digest"];
    assert_eq!(workflow.max_visits, 200);
    let stage = &workflow.stages[0];
    assert_eq!((stage.name.as_str(), stage.max_cycles, stage.max_visits), ("write", 30, 5));
    let assignment = &stage.agents[0];
    assert_eq!((assignment.ask_timeout_s, assignment.run_timeout_s), (86_400, 300));
    assert_eq!(project.timezone, "UTC");
}

#[test]
fn a_trigger_is_a_schedule_or_a_webhook() {
    let project = read(NEWSROOM).project.unwrap();
    let TriggerKind::Schedule(monday) = &project.triggers["monday"].kind else { panic!("a schedule") };
    assert_eq!((monday.schedule.as_str(), monday.start_at), ("every Monday at 9am EST", None));
    assert_eq!(monday.input, "AI news");
    let TriggerKind::Webhook(push) = &project.triggers["push"].kind else { panic!("a webhook") };
    assert_eq!(push.secret.as_deref(), Some("hook"));
}

#[test]
fn every_mistake_is_shown_at_once_in_the_order_of_the_file() {
    check(
        "project: my/project\ntimzone: UTC\nworkflows:\n  digest:\n    team: desk\n    stages:\n      - { id: a, agents: [x], task: 5 }\nmodels: []\n",
        r#"
1:10: error: project: This cannot be the name of a project. Expected at most 64 characters in one line, without "/". [bad_name]
2:1: error: timzone: The key "timzone" is not known here. Expected one of project, timezone, max_running, limits, models, tools, teams, workflows, triggers. Did you mean "timezone"? [unknown_key]
5:11: error: workflows.digest.team: There is no team "desk". There is none yet. [unknown_team]
7:37: error: workflows.digest.stages[0].task: This is a number. Expected text. Put it in quotes. [wrong_type]
8:9: error: models: This is a list. Expected a map of models by name. [wrong_type]
"#,
    );
}

#[test]
fn a_misspelt_key_names_the_nearest_one() {
    check(
        &small_with("    team: desk", "    team: desk\n    max_vists: 5"),
        r#"
13:5: error: workflows.digest.max_vists: The key "max_vists" is not known here. Expected one of team, ask, limits, max_running, max_visits, stages. Did you mean "max_visits"? [unknown_key]
"#,
    );
}

#[test]
fn a_key_that_resembles_none_names_those_that_there_are() {
    check(
        &small_with("project: small", "project: small\nqqq: 1"),
        r#"
2:1: error: qqq: The key "qqq" is not known here. Expected one of project, timezone, max_running, limits, models, tools, teams, workflows, triggers. [unknown_key]
"#,
    );
}

#[test]
fn a_missing_key_is_named() {
    check(
        &small_with("    team: desk\n", ""),
        r#"
12:5: error: workflows.digest: The key "team" is missing. Add "team: …" here. [missing_key]
"#,
    );
}

#[test]
fn a_value_of_the_wrong_type_says_what_it_is_and_what_it_should_be() {
    check(
        &small_with("project: small", "project: small\nmax_running: many\ntimezone: 5\ntriggers: none"),
        "
2:14: error: max_running: This is text. Expected a whole number. [wrong_type]
3:11: error: timezone: This is a number. Expected text. Put it in quotes. [wrong_type]
4:11: error: triggers: This is text. Expected a map of triggers by name. [wrong_type]
",
    );
}

#[test]
fn yes_is_text_and_not_true() {
    check(
        &small_with("  main: { provider: simulated }", "  main: { provider: simulated, tools: yes }"),
        "
3:39: error: models.main.tools: This is text. Expected true or false. [wrong_type]
",
    );
}

#[test]
fn a_word_that_is_not_among_the_choices_names_the_nearest() {
    check(
        &small_with("  main: { provider: simulated }", "  main: { provider: openia, model: gpt }"),
        r#"
3:21: error: models.main.provider: "openia" is not known here. Expected one of openai, anthropic, gemini, ollama, openai-compatible, simulated. Did you mean "openai"? [unknown_value]
"#,
    );
}

#[test]
fn a_number_out_of_its_range_says_the_range() {
    check(
        &small_with("      - { id: write, task: Write about it., agents: [writer] }", "      - { id: write, task: Write., agents: [writer], max_cycles: 0, max_visits: 2.5 }"),
        "
14:66: error: workflows.digest.stages[0].max_cycles: 0 cannot stand here. Expected a whole number from 1 to 1000000000. [out_of_range]
14:81: error: workflows.digest.stages[0].max_visits: 2.5 cannot stand here. Expected a whole number from 1 to 1000000000. [out_of_range]
",
    );
}

#[test]
fn a_price_is_not_negative() {
    check(
        &small_with("  main: { provider: simulated }", "  main: { provider: simulated, price: { input: -1, output: 2 } }"),
        "
3:48: error: models.main.price.input: -1 cannot stand here. Expected a number of US dollars from 0 to 1000000000. [out_of_range]
",
    );
}

#[test]
fn a_name_is_letters_digits_dashes_and_underscores() {
    check(
        &small_with("      editor: { role: Editor }", "      editor: { role: Editor }\n      the boss: {}"),
        r#"
10:7: error: teams.desk.agents.the boss: "the boss" cannot be a name. Expected letters, digits, "-" and "_", at most 64. [bad_name]
"#,
    );
}

#[test]
fn an_empty_text_is_refused_where_words_are_needed() {
    check(
        &small_with("task: Write about it.", r#"task: """#),
        "
14:28: error: workflows.digest.stages[0].task: This text is empty. Write something, or remove the key. [empty_text]
",
    );
}

#[test]
fn a_key_written_into_the_file_is_refused_and_never_repeated() {
    check(
        &small_with("  main: { provider: simulated }", r#"  main: { provider: openai, model: m, api_key: "sk-very-secret" }"#),
        "
3:48: error: models.main.api_key: Never write a key into the file. Expected { env: NAME } or { secret: NAME }. If this was a real key, withdraw it: it has been written down. [key_in_file]
",
    );
}

#[test]
fn a_key_in_place_of_a_variables_name_is_not_repeated() {
    check(
        &small_with(
            "  main: { provider: simulated }",
            r#"  main: { provider: openai, model: m, api_key: { env: "sk-very-secret" } }"#,
        ),
        r#"
3:55: error: models.main.api_key.env: This cannot be the name of an environment variable. Expected letters, digits and "_", such as OPENAI_API_KEY. Write the variable's name, never the key itself. [bad_name]
"#,
    );
}

#[test]
fn a_secret_in_place_of_its_name_is_not_repeated() {
    check(
        &small_with(
            "  main: { provider: simulated }",
            r#"  main: { provider: openai, model: m, api_key: { secret: "sk very/secret" } }"#,
        ),
        r#"
3:58: error: models.main.api_key.secret: This cannot be the name of a secret. Expected letters, digits, "-" and "_", at most 64. Write the secret's name, never the secret itself. [bad_name]
"#,
    );
}

#[test]
fn a_key_comes_from_one_place() {
    check(
        &small_with(
            "  main: { provider: simulated }",
            "  main: { provider: openai, model: m, api_key: { env: A, secret: b } }",
        ),
        r#"
3:48: error: models.main.api_key: This comes from one place. Expected either "env" or "secret". [choose_one]
"#,
    );
}

#[test]
fn a_password_in_an_address_is_refused() {
    check(
        &small_with(
            "  main: { provider: simulated }",
            r#"  main: { provider: ollama, model: m, base_url: "http://ana:word@example.com" }"#,
        ),
        r#"
3:49: error: models.main.base_url: This address holds a name or a password. Never write keys or passwords into the file. Use "api_key: { env: NAME }". [key_in_file]
"#,
    );
}

#[test]
fn an_address_begins_with_http() {
    check(
        &small_with("  main: { provider: simulated }", "  main: { provider: ollama, model: m, base_url: localhost }"),
        "
3:49: error: models.main.base_url: This is not the address of a server. Expected an address that begins with http:// or https://. [bad_address]
",
    );
}

#[test]
fn a_model_of_a_provider_needs_its_name() {
    check(
        &small_with("  main: { provider: simulated }", "  main: { provider: anthropic }"),
        r#"
3:9: error: models.main: A model of the provider anthropic needs its name. Add "model: …" with the provider's own name for the model. [model_needed]
"#,
    );
}

#[test]
fn a_compatible_server_needs_an_address() {
    check(
        &small_with("  main: { provider: simulated }", "  main: { provider: openai-compatible, model: m }"),
        r#"
3:9: error: models.main: A model of the provider openai-compatible needs an address. Add "base_url: …", such as http://127.0.0.1:8000/v1. [base_url_needed]
"#,
    );
}

#[test]
fn only_a_simulated_model_has_a_script() {
    check(
        &small_with("  main: { provider: simulated }", "  main: { provider: ollama, model: m, script: [] }"),
        r#"
3:39: error: models.main.script: Only a simulated model has a script. Remove it, or write "provider: simulated". [script_not_simulated]
"#,
    );
}

#[test]
fn an_entry_of_a_script_answers_in_one_way() {
    check(
        &small_with(
            "  main: { provider: simulated }",
            "  main: { provider: simulated, script: [{ when: { nth: 1 } }] }",
        ),
        r#"
3:41: error: models.main.script[0]: An entry of a script answers in one way. Expected either "reply" or "fail". [choose_one]
"#,
    );
}

#[test]
fn a_tool_is_reached_in_one_way() {
    check(
        &small_with("project: small", "project: small\ntools: { a: {}, b: { mcp: {} }, c: { command: [] } }"),
        r#"
2:13: error: tools.a: A tool is reached in one way. Expected either "command" or "mcp". [choose_one]
2:27: error: tools.b.mcp: An MCP server is reached in one way. Expected either "command" or "url". [choose_one]
2:47: error: tools.c.command: This command names no program. Write the program first, then its arguments, such as [./lookup.sh, --fast]. [empty_text]
"#,
    );
}

#[test]
fn a_tool_cannot_take_the_name_of_one_that_is_there() {
    check(
        &small_with("project: small", "project: small\ntools: { read_file: { command: [cat] } }"),
        r#"
2:21: error: tools.read_file: The tool "read_file" comes with Callboard. Give this one another name. [reserved_tool]
"#,
    );
}

#[test]
fn a_team_needs_an_agent() {
    check(
        "project: small\nteams: { desk: { agents: {} } }\n",
        r#"
2:16: error: teams.desk: A team needs at least one agent. Add one under "agents". [no_agents]
"#,
    );
}

#[test]
fn a_workflow_needs_a_stage() {
    check(
        "project: small\nmodels: { m: { provider: simulated } }\nteams: { desk: { model: m, agents: { a: {} } } }\nworkflows: { digest: { team: desk, stages: [] } }\n",
        r#"
4:22: error: workflows.digest: A workflow needs at least one stage. Add one under "stages". [no_stages]
"#,
    );
}

#[test]
fn a_stage_needs_an_agent() {
    check(
        &small_with("agents: [writer]", "agents: []"),
        "
14:45: error: workflows.digest.stages[0].agents: A stage needs at least one agent. Name one of the team's agents. [no_agents]
",
    );
}

#[test]
fn a_stage_without_an_id_is_a_new_one_when_it_is_renamed() {
    check(
        &small_with("id: review,", "name: '  Review, at last!',"),
        r#"
15:9: warning: workflows.digest.stages[1]: The stage "  Review, at last!" has no id; "review-at-last" is made from its name. Renamed, it is a new stage. Add "id: review-at-last" to keep it. [stage_without_id]
"#,
    );
}

#[test]
fn an_id_is_asked_for_where_the_name_gives_none() {
    check(
        &small_with("id: review,", "name: 初稿,"),
        r#"
15:9: error: workflows.digest.stages[1]: No id can be made from the name "初稿". Add "id: …" with letters, digits and "-". [stage_id_needed]
"#,
    );
}

#[test]
fn two_approvals_cannot_be_asked_for_at_once() {
    check(
        &small_with("agents: [writer]", "agents: [writer], approval: [{ when: before }, { when: before }]"),
        "
14:73: error: workflows.digest.stages[0].approval: Two approvals are asked for at the same moment. Expected at most one before and one after. [approval_twice]
",
    );
}

#[test]
fn only_exit_hooks_run_always() {
    check(
        &small_with("agents: [writer]", "agents: [writer], entry: [{ tool: current_time, always: true }]"),
        r#"
14:93: error: workflows.digest.stages[0].entry[0].always: Only exit hooks can run always. Remove the key, or move the hook to "exit". [always_at_entry]
"#,
    );
}

#[test]
fn a_trigger_fires_in_one_way() {
    check(
        &small_with(
            "project: small",
            "project: small\ntriggers: { a: { workflow: digest }, b: { workflow: digest, schedule: daily, webhook: true }, c: { workflow: digest, webhook: false } }",
        ),
        r#"
2:16: error: triggers.a: A trigger fires in one way. Expected either "schedule" or "webhook". [choose_one]
2:41: error: triggers.b: A trigger fires in one way. Expected either "schedule" or "webhook". [choose_one]
2:127: error: triggers.c.webhook: A webhook that is false never fires. Write "webhook: true", or "enabled: false" to pause the trigger. [choose_one]
"#,
    );
}

#[test]
fn what_belongs_to_a_schedule_does_not_fit_a_webhook() {
    check(
        &small_with(
            "project: small",
            "project: small\ntriggers: { a: { workflow: digest, webhook: true, input: x, missed: all } }",
        ),
        r#"
2:51: error: triggers.a.input: The key "input" belongs to a schedule, and this trigger is a webhook. Move it into the webhook: "webhook: { input: … }". [not_with_webhook]
2:61: error: triggers.a.missed: The key "missed" belongs to a schedule, and this trigger is a webhook. Remove it. [not_with_webhook]
"#,
    );
}

#[test]
fn a_moment_has_a_date_a_time_and_an_offset() {
    check(
        &small_with(
            "project: small",
            "project: small\ntriggers: { a: { workflow: digest, schedule: daily, start_at: 2026-01-01 } }",
        ),
        r#"
2:63: error: triggers.a.start_at: "2026-01-01" is not a moment. Expected a date, a time and an offset, such as 2026-01-31T09:00:00+01:00. [bad_time]
"#,
    );
}

#[test]
fn a_schedule_ends_after_it_starts() {
    check(
        &small_with(
            "project: small",
            "project: small\ntriggers: { a: { workflow: digest, schedule: daily, start_at: 2026-02-01T00:00:00Z, end_at: 2026-01-01T00:00:00+01:00 } }",
        ),
        "
2:85: error: triggers.a.end_at: The end is before the start. Exchange them, or remove one. [end_before_start]
",
    );
}

#[test]
fn a_zone_has_the_name_of_a_region() {
    check(
        &small_with("project: small", "project: small\ntimezone: UTC+2"),
        r#"
2:11: error: timezone: "UTC+2" is not the name of a time zone. Expected a name such as Europe/Paris, America/New_York or UTC. [bad_timezone]
"#,
    );
}

#[test]
fn a_schedule_has_words() {
    check(
        &small_with(
            "project: small",
            r#"project: small
triggers: { a: { workflow: digest, schedule: " " } }"#,
        ),
        "
2:46: error: triggers.a.schedule: This text is empty. Write something, or remove the key. [empty_text]
",
    );
}

#[test]
fn a_signature_needs_its_secret() {
    check(
        &small_with(
            "project: small",
            "project: small\ntriggers: { a: { workflow: digest, webhook: { verify: github } }, b: { workflow: digest, webhook: { verify: header, secret: hunter2 } } }",
        ),
        r#"
2:45: error: triggers.a.webhook: The key "secret" is missing. Add "secret: …" here. [missing_key]
2:125: error: triggers.b.webhook.secret: Never write a secret into the file. Expected { secret: NAME }. If this was the real secret, change it: it has been written down. [key_in_file]
"#,
    );
}

#[test]
fn a_tool_says_what_its_program_is_given() {
    let project = read(NEWSROOM).project.unwrap();
    let files = &project.tools["files"];
    assert_eq!((files.acts_outside, files.timeout_s), (false, 90));
    assert_eq!(files.env["HOME"], EnvValue::Text("/srv".to_owned()));
    assert_eq!(files.env["TOKEN"], EnvValue::Secret("files-token".to_owned()));
    let ToolKind::Mcp { headers, .. } = &project.tools["remote"].kind else { panic!("an MCP server") };
    assert_eq!(headers["Authorization"], EnvValue::Env("REMOTE_KEY".to_owned()));
    let lookup = &project.tools["lookup"];
    assert_eq!((lookup.acts_outside, lookup.timeout_s, lookup.env.len()), (true, 60, 0));
}

#[test]
fn an_environment_belongs_to_a_program_and_headers_to_an_address() {
    check(
        &small_with(
            "project: small",
            "project: small\ntools: { a: { mcp: { url: 'http://localhost' }, env: { A: b } }, b: { mcp: { command: [b], headers: { A: b } } } }",
        ),
        r#"
2:49: error: tools.a.env: This server is at an address: no program is started that could have an environment. Remove it, or write "headers" beside "url". [env_without_program]
2:92: error: tools.b.mcp.headers: Headers are sent to an address, and this server is a program. Remove it, or write "env" beside "mcp". [headers_without_url]
"#,
    );
}

#[test]
fn an_environment_is_named_and_written_as_text() {
    check(
        &small_with(
            "project: small",
            "project: small\ntools: { a: { command: [a], env: { a-b: c, PORT: 80, B: { env: A, secret: b }, C: { file: d } }, timeout_s: 3601 } }",
        ),
        r#"
2:36: error: tools.a.env.a-b: "a-b" cannot be the name of an environment variable. Expected letters, digits and "_", such as HOME. [bad_name]
2:50: error: tools.a.env.PORT: This is a number. Expected text. Put it in quotes. [wrong_type]
2:57: error: tools.a.env.B: This comes from one place. Expected either "env" or "secret". [choose_one]
2:83: error: tools.a.env.C: This comes from one place. Expected either "env" or "secret". [choose_one]
2:85: error: tools.a.env.C.file: The key "file" is not known here. Expected one of env, secret. [unknown_key]
2:109: error: tools.a.timeout_s: 3601 cannot stand here. Expected a whole number from 1 to 3600. [out_of_range]
"#,
    );
}

#[test]
fn a_header_holds_no_secret_and_stands_once() {
    check(
        &small_with(
            "project: small",
            "project: small\ntools: { a: { mcp: { url: 'http://localhost', headers: { authorization: abc, 'x y': a, X-A: é, x-a: b } } } }",
        ),
        r#"
2:73: error: tools.a.mcp.headers.authorization: Never write a secret into the file. Expected { env: NAME } or { secret: NAME }, with the whole value of the header. If this was a real secret, withdraw it: it has been written down. [key_in_file]
2:78: error: tools.a.mcp.headers.x y: "x y" cannot be the name of a header. Expected letters, digits and "-", such as X-Team. [bad_name]
2:93: error: tools.a.mcp.headers.X-A: This cannot be the value of a header. Expected letters, digits, spaces and signs of ASCII in one line. [bad_header]
"#,
    );
    let twice = "project: p\ntools: { a: { mcp: { url: 'http://a', headers: { X-A: a, x-a: b } } } }";
    check(
        twice,
        r#"
2:58: error: tools.a.mcp.headers.x-a: This header stands here already; its case does not count. Remove one of them. [duplicate_header]
"#,
    );
}

#[test]
fn a_model_reads_at_least_a_thousand_tokens() {
    check(
        &small_with("{ provider: simulated }", "{ provider: simulated, context_tokens: 999 }"),
        r#"
3:48: error: models.main.context_tokens: 999 cannot stand here. Expected a whole number from 1000 to 1000000000. [out_of_range]
"#,
    );
}

#[test]
fn the_name_of_a_tool_has_at_most_a_server_before_it() {
    check(
        &small_with(
            "      editor: { role: Editor }",
            "      editor: { tools: [.read, files., 'a b', files.a b] }",
        ),
        r#"
9:25: error: teams.desk.agents.editor.tools[0]: ".read" cannot be a name. Expected letters, digits, "-" and "_", at most 64. One tool of an MCP server is written SERVER.TOOL, such as files.read_file. [bad_name]
9:32: error: teams.desk.agents.editor.tools[1]: "files." cannot be a name. Expected letters, digits, "-" and "_", at most 64. One tool of an MCP server is written SERVER.TOOL, such as files.read_file. [bad_name]
9:40: error: teams.desk.agents.editor.tools[2]: "a b" cannot be a name. Expected letters, digits, "-" and "_", at most 64. One tool of an MCP server is written SERVER.TOOL, such as files.read_file. [bad_name]
9:47: error: teams.desk.agents.editor.tools[3]: "files.a b" cannot be a name. Expected letters, digits, "-" and "_", at most 64. One tool of an MCP server is written SERVER.TOOL, such as files.read_file. [bad_name]
"#,
    );
    check(
        "project: p\ntools: { a.b: { command: [a] } }",
        r#"
2:10: error: tools.a.b: "a.b" cannot be a name. Expected letters, digits, "-" and "_", at most 64. [bad_name]
"#,
    );
}

#[test]
fn a_time_zone_is_one_that_there_is() {
    check(
        "project: p\ntimezone: Mars/Olympus\nworkflows: {}",
        r#"
2:11: error: timezone: There is no time zone "Mars/Olympus". Expected a name such as Europe/Paris, America/New_York or UTC. [unknown_timezone]
"#,
    );
    check(
        &small_with(
            "project: small",
            "project: small\ntimezone: europe/paris\ntriggers: { a: { workflow: digest, schedule: daily, timezone: America/NewYork } }",
        ),
        r#"
2:11: error: timezone: There is no time zone "europe/paris". Expected a name such as Europe/Paris, America/New_York or UTC. Did you mean "Europe/Paris"? [unknown_timezone]
3:63: error: triggers.a.timezone: There is no time zone "America/NewYork". Expected a name such as Europe/Paris, America/New_York or UTC. Did you mean "America/New_York"? [unknown_timezone]
"#,
    );
    for zone in ["UTC", "Etc/GMT+5", "America/Argentina/Buenos_Aires", "EST"] {
        check(&format!("project: p\ntimezone: {zone}"), "");
    }
}
