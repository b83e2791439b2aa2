//! The commands about triggers, against a real server.

use serde_json::json;

use crate::server::Office;

const ONE: &str = "
      - { id: one, name: One, task: 'Look at {{ input }}.', agents: [a] }
triggers:
  weekly: { workflow: work, schedule: every Monday at 9am, timezone: Europe/Berlin, input: owls, overlap: skip }
";

#[test]
fn triggers_are_listed_shown_paused_resumed_and_fired() {
    let office = Office::with(ONE);
    let list = office.run(&["triggers", "list", "test"]);
    assert_eq!(list.code, 0, "{list:?}");
    let row = list.out.lines().nth(1).unwrap();
    assert!(
        row.contains("weekly") && row.contains("enabled") && row.ends_with("every Monday at 9am"),
        "{row}"
    );
    let listed = office.run(&["triggers", "list", "--workflow", "work", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed.out).unwrap();
    let id = listed[0]["id"].to_string();

    let paused = office.run(&["triggers", "pause", &id, "--reason", "a holiday"]);
    assert!(paused.err.starts_with(&format!("trigger {id} is paused since ")), "{paused:?}");
    let shown = office.run(&["triggers", "show", &id]).out;
    assert!(shown.contains("paused since ") && shown.contains(": a holiday"), "{shown}");
    let resumed = office.run(&["triggers", "resume", &id]);
    assert!(resumed.err.contains(" is enabled; its next slot is "), "{resumed:?}");

    let fired = office.run(&["triggers", "fire", &id, "--input", "mice"]).object();
    assert_eq!(fired["overlap"], json!({ "policy": "skip", "overridden": false }));
    let run = fired["run_id"].to_string();
    let followed = office.run(&["runs", "follow", &run]);
    assert_eq!(followed.code, 0, "{followed:?}");
    assert_eq!(office.run(&["runs", "show", &run, "--json"]).object()["input"], "mice");
    let slots = office.run(&["triggers", "slots", &id]);
    assert_eq!((slots.code, slots.err.trim()), (0, "no slots"));
    let unknown = office.run(&["triggers", "show", "999"]);
    assert!(unknown.err.ends_with("[trigger_not_found]\n"), "{unknown:?}");
}

#[test]
fn a_schedule_that_is_not_understood_is_a_mistake_of_the_file() {
    let desk = crate::program::Desk::new();
    desk.project(&ONE.replace("every Monday at 9am", "every Monday at 25:00"));
    let checked = desk.run(&["check", "project.yaml"]);
    assert_eq!(checked.code, 2);
    assert!(
        checked.err.contains("triggers.weekly.schedule") && checked.err.contains("[schedule_not_understood]"),
        "{checked:?}"
    );
}
