//! Requests that a machine makes up from the OpenAPI document, and whether the answers are what the
//! document promises. `cargo xtask setup` installs the tool and says where it is.

#![expect(clippy::print_stderr, reason = "a skipped test says why")]

use std::process::Stdio;

use serde_json::json;
use tokio::process::Command;

use crate::house::House;
use crate::support::store::Store;

/// On one database: what is made up is the same for both, and takes its time.
#[test]
fn made_up_requests_are_answered_as_the_document_says() {
    crate::support::store::on_sqlite(made_up_requests);
}

/// Where the tool is.
const PROGRAM: &str = "CALLBOARD_TEST_SCHEMATHESIS";

/// What is not looked at: whether what a schema lets through is always taken, since a project has
/// rules that no schema says, and what needs accounts.
const NOT_CHECKED: [&str; 4] =
    ["negative_data_rejection", "positive_data_acceptance", "ignored_auth", "object_level_authorization"];

/// What the document does not say: which numbers lead to something, by the paths that they stand in.
async fn settings(house: &House) -> String {
    let run = house.start(json!("x")).await;
    house.ended(run).await;
    let desk = house.part("projects/1/teams", "desk").await;
    let known = [
        ("projects", 1),
        ("models", house.part("projects/1/models", "main").await),
        ("tools", house.part("projects/1/tools", "lookup").await),
        ("teams", desk),
        ("agents", house.part(&format!("teams/{desk}/agents"), "a").await),
        ("workflows", house.workflow("work").await),
        ("runs", run),
    ];
    let operation = |(noun, id): (&str, i64)| {
        format!(
            "[[operations]]
include-path-regex = \"^/api/v1/{noun}/.id.\"
exclude-method = \"DELETE\"
parameters = {{ \"path.id\" = {id}, \"path.visit\" = 1 }}
"
        )
    };
    let unchecked = NOT_CHECKED.map(|check| format!("{check} = {{ enabled = false }}\n")).concat();
    format!("[checks]\n{unchecked}{}", known.map(operation).concat())
}

async fn made_up_requests(store: Store) {
    let Some(program) = std::env::var_os(PROGRAM) else {
        eprintln!("skipped: {PROGRAM} does not say where Schemathesis is; see `cargo xtask setup`");
        return;
    };
    let house = House::with_project(store).await;
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("schemathesis.toml");
    std::fs::write(&settings, self::settings(&house).await).unwrap();
    let mut command = Command::new(program);
    command
        .arg("--config-file")
        .arg(settings)
        .arg("run")
        .arg(format!("http://{}/api/openapi.json", house.client.address))
        .args(["--max-examples", "15", "--phases", "examples,coverage,fuzzing"])
        // A stream of a run that goes on does not end by itself.
        .args(["--exclude-operation-id", "streamRun", "--seed", "1", "--max-failures", "20"])
        // Most texts that it makes up for a document's path cannot stand in a URL, and are left out.
        .args(["--suppress-health-check", "filter_too_much"])
        .args(["--request-timeout", "20", "--no-color", "--generation-database", "none"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = command.output().await.unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    eprintln!("{told}");
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    house.client.get("/healthz").await.is(200);
}
