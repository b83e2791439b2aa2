//! Where runs are kept, who may use it at a time, and what is left there.

use std::path::Path;

use callboard_fake_model::Behaviour;
use callboard_server::db::{Address, Db, Value};
use serde_json::json;

use crate::postgres;
use crate::program::{Desk, said, signal};

const ONE: &str = "
      - { id: one, name: One, task: 'Look at {{ input }}.', agents: [a] }
";

/// How long a model takes to answer whose database is stopped meanwhile, which takes a tenth of it.
const DATABASE_GONE_MS: u64 = 1_000;

/// Leaves a run in that store whose process was killed while it waited for the model.
fn leave(desk: &Desk, store: &[&str], asked: u64) {
    desk.model.push(Behaviour::hang().times(1));
    let mut child = desk.start(&[&["run", "project.yaml"], store].concat());
    desk.wait(desk.model.wait_for_requests(asked));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_database_file_in_use_is_refused_by_name_however_it_is_named() {
    let desk = Desk::new();
    desk.project(ONE);
    std::fs::create_dir(desk.path("folder")).unwrap();
    for (place, (first, second, code)) in [
        ("sqlite:runs.db", "sqlite:./runs.db", "[database_locked]"),
        ("sqlite:folder/callboard.db", "folder", "[data_dir_locked]"),
    ]
    .into_iter()
    .enumerate()
    {
        desk.model.push(Behaviour::hang().times(1));
        let mut child = desk.start(&["run", "project.yaml", "--database-url", first]);
        desk.wait(desk.model.wait_for_requests(place as u64 + 1));
        let flag = if second.starts_with("sqlite:") { "--database-url" } else { "--data" };
        let said = desk.run(&["run", "--resume", flag, second]);
        assert_eq!(said.code, 1, "{said:?}");
        assert!(said.err.contains(&child.id().to_string()), "{said:?}");
        assert!(said.err.trim_end().ends_with(code), "{said:?}");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn a_flag_goes_before_the_environment_and_an_empty_variable_is_none() {
    let desk = Desk::new();
    desk.project(ONE);
    let run = |words: &[&str], url: &str| {
        let mut program = desk.program(&[&["run", "project.yaml"], words].concat());
        said(program.env("CALLBOARD_DATABASE_URL", url).output().unwrap())
    };
    let with_flag = run(&["--data", "store"], "sqlite:other.db");
    assert_eq!(with_flag.code, 0, "{with_flag:?}");
    assert!(desk.path("store/callboard.db").exists() && !desk.path("other.db").exists());
    assert_eq!(run(&[], "").code, 0);
    assert_eq!(run(&[], "sqlite:other.db").code, 0);
    assert!(desk.path("other.db").exists());
}

#[test]
fn runs_that_were_left_stay_untouched_and_the_person_is_told_of_them() {
    let desk = Desk::new();
    desk.project(ONE);
    leave(&desk, &["--data", "my store"], 1);
    let said = desk.run(&["run", "project.yaml", "--data", "my store"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.contains("callboard run --resume --data 'my store'"), "{said:?}");
    assert_eq!(desk.model.count(), 2, "the run that was left is not gone on with");
    let said = desk.run(&["run", "--resume", "--data", "my store", "--json"]);
    assert_eq!((said.code, said.object()["id"].as_i64()), (0, Some(1)), "{said:?}");
    let said = desk.run(&["run", "project.yaml", "--data", "my store"]);
    assert!(!said.err.contains("--resume"), "nothing is left: {said:?}");
}

#[test]
fn a_damaged_run_is_told_and_the_others_go_on() {
    let desk = Desk::new();
    desk.project(ONE);
    leave(&desk, &["--data", "store"], 1);
    leave(&desk, &["--data", "store"], 2);
    desk.wait(spoil(&desk.path("store/callboard.db")));
    let said = desk.run(&["run", "--resume", "--data", "store", "--json"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert_eq!(
        (&said.object()["id"], &said.object()["status"]),
        (&2.into(), &"completed".into()),
        "{said:?}"
    );
    assert!(said.err.contains("run 1") && said.err.trim_end().ends_with("[history_damaged]"), "{said:?}");
}

async fn spoil(path: &Path) {
    let db = Db::open(&Address::sqlite(path)).await.unwrap();
    let spoil = "UPDATE journal_entry SET events = '[{' WHERE stream_id = $1";
    db.execute(spoil, [Value::Int(1)]).await.unwrap();
    db.close().await;
}

#[test]
fn of_two_processes_that_go_on_with_the_same_runs_one_gives_up_and_says_so() {
    let Some(url) = postgres::database() else { return };
    let desk = Desk::new();
    desk.project(ONE);
    let store = ["--database-url", url.as_str()];
    leave(&desk, &store, 1);
    desk.model.push(Behaviour::hang().times(1));
    let first = desk.start(&[&["run", "--resume", "--json"], &store[..]].concat());
    desk.wait(desk.model.wait_for_requests(2));
    let second = desk.run(&[&["run", "--resume", "--json"], &store[..]].concat());
    assert_eq!((second.code, second.object()["status"].as_str()), (0, Some("completed")), "{second:?}");
    // The first learns of it when it has something to write: here, a stop.
    signal(&first, "INT");
    let first = said(first.wait_with_output().unwrap());
    assert_eq!(first.code, 1, "{first:?}");
    assert!(first.err.trim_end().ends_with("[run_taken_over]"), "{first:?}");
    assert_eq!(first.runs().len(), 1, "{first:?}");
}

#[test]
fn a_database_that_goes_away_takes_no_run_with_it_and_no_program_captive() {
    // The server that tests share takes its port now, and not the one that is free for a while here.
    if postgres::database().is_none() {
        return;
    }
    let Some(server) = postgres::Postgres::start() else { return };
    what_was_answered_meanwhile_is_not_asked_again(&server);
    a_second_interrupt_ends_the_program_meanwhile(&server);
}

fn what_was_answered_meanwhile_is_not_asked_again(server: &postgres::Postgres) {
    let url = server.database();
    let desk = Desk::new();
    desk.project(
        "
      - { id: one, name: One, task: 'Look at {{ input }}.', agents: [a, b], turns: at_once }
",
    );
    // The second answer is longer on the wire than what a connection holds: someone must read it all the while.
    let mut long = Behaviour::text("word ").agent("You are b.").times(1);
    long = long.and_call("complete", json!({ "result": "B", "summary": "B" }));
    (long.repeat, long.delay_ms) = (60_000, DATABASE_GONE_MS + 200);
    desk.model.push(long);
    let mut short = Behaviour::call("complete", json!({ "result": "A", "summary": "A" })).agent("You are a.");
    short.delay_ms = DATABASE_GONE_MS;
    desk.model.push(short.times(1));
    let child = desk.start(&["run", "project.yaml", "--json", "--database-url", &url]);
    desk.wait(desk.model.wait_for_requests(2));
    server.control("stop").unwrap();
    desk.wait(desk.model.wait_for_ends(2));
    server.control("start").unwrap();
    let ended = said(child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.object()["status"].as_str()), (0, Some("completed")), "{ended:?}");
    assert_eq!(desk.model.count(), 2, "what was answered is not asked again");
}

fn a_second_interrupt_ends_the_program_meanwhile(server: &postgres::Postgres) {
    let url = server.database();
    let desk = Desk::new();
    desk.project(ONE);
    desk.model.push(Behaviour::hang());
    let child = desk.start(&["run", "project.yaml", "--database-url", &url]);
    desk.wait(desk.model.wait_for_requests(1));
    server.control("stop").unwrap();
    signal(&child, "INT");
    signal(&child, "TERM");
    let ended = said(child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.out.as_str()), (130, ""), "{ended:?}");
    assert!(ended.err.contains("callboard run --resume --database-url URL"), "{ended:?}");
}
