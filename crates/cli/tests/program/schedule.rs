//! `callboard schedule`.

use crate::program::Desk;

#[test]
fn a_schedule_is_explained_with_its_next_fire_times() {
    let said = Desk::new().run(&[
        "schedule",
        "every Sunday at 2:30am EST",
        "--after",
        "2026-03-01T12:00:00Z",
        "--count",
        "2",
    ]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(
        said.out,
        "At 02:30 on Sundays, in America/New_York.
cron  30 2 * * 0
note  EST is read as New York time (America/New_York).

LOCAL TIME                   UTC                   CLOCK CHANGE
Sun 2026-03-08 03:00 -04:00  2026-03-08T07:00:00Z  The clocks go forward by 1 hour on this day: 02:30 does not exist.
Sun 2026-03-15 02:30 -04:00  2026-03-15T06:30:00Z
"
    );
}

#[test]
fn words_need_no_quotes_and_the_zone_can_be_an_option() {
    let desk = Desk::new();
    let arguments = ["schedule", "every", "90", "minutes", "--timezone", "Asia/Kathmandu", "--count", "0"];
    let said = desk.run(&arguments);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.starts_with("Every 90 minutes, in Asia/Kathmandu.\nnote  "), "{said:?}");
    assert!(!said.out.contains("cron"), "no cron line holds it: {said:?}");
}

#[test]
fn as_json_it_is_what_the_api_gives() {
    let arguments = ["schedule", "0 9 * * 1", "--after", "2026-03-01T12:00:00Z", "--count", "1", "--json"];
    let said = Desk::new().run(&arguments);
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let expected = serde_json::json!({
        "description": "At 09:00 on Mondays, in UTC.",
        "cron": ["0 9 * * 1"],
        "timezone": "UTC",
        "notes": [],
        "fires": ["2026-03-02T09:00:00.000Z"],
    });
    assert_eq!(json, expected);
}

#[test]
fn what_is_not_understood_is_refused_with_what_would_be() {
    let desk = Desk::new();
    let said = desk.run(&["schedule", "every Mnday at 9am"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""), "{said:?}");
    assert_eq!(
        said.err,
        "hint: Did you mean `every monday at 9am`?
error: The word `mnday` is not known. [schedule_not_understood]
"
    );
    for arguments in [["--timezone", "Mars/Olympus"], ["--after", "noon"], ["--count", "1001"]] {
        let said = desk.run(&[&["schedule", "every day"], &arguments[..]].concat());
        assert_eq!(said.code, 2, "{said:?}");
    }
}
