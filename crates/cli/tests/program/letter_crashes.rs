//! The example of a whole team, whose server is killed at each of its events in turn: the next server
//! goes on from there, does nothing again that had finished, and leaves no process behind.

use std::collections::{BTreeMap, BTreeSet};

use callboard_server::db::Value as Field;
use callboard_server::db::{Address, Db};
use serde_json::Value;

use crate::letter::{Letter, SECOND, events, follow, http, person};
use crate::postgres;
use crate::program::Desk;
use crate::replay::plays;
use crate::server::Server;

/// Makes a test for each number of an event.
macro_rules! killed_at {
    ($($name:ident = $number:literal,)*) => {
        /// The last event at which a server is killed here.
        const EVENTS: u64 = [$($number),*].len() as u64;

        mod a_server_that_is_killed_at_event {$(
            #[test]
            fn $name() {
                super::killed_at(&[], $number);
            }
        )*}
    };
}

killed_at! {
    event_01 = 1,
    event_02 = 2,
    event_03 = 3,
    event_04 = 4,
    event_05 = 5,
    event_06 = 6,
    event_07 = 7,
    event_08 = 8,
    event_09 = 9,
    event_10 = 10,
    event_11 = 11,
    event_12 = 12,
    event_13 = 13,
    event_14 = 14,
    event_15 = 15,
    event_16 = 16,
    event_17 = 17,
    event_18 = 18,
    event_19 = 19,
    event_20 = 20,
    event_21 = 21,
    event_22 = 22,
    event_23 = 23,
    event_24 = 24,
    event_25 = 25,
    event_26 = 26,
    event_27 = 27,
    event_28 = 28,
    event_29 = 29,
    event_30 = 30,
    event_31 = 31,
    event_32 = 32,
    event_33 = 33,
    event_34 = 34,
    event_35 = 35,
    event_36 = 36,
    event_37 = 37,
    event_38 = 38,
    event_39 = 39,
    event_40 = 40,
    event_41 = 41,
    event_42 = 42,
    event_43 = 43,
    event_44 = 44,
    event_45 = 45,
    event_46 = 46,
    event_47 = 47,
    event_48 = 48,
    event_49 = 49,
    event_50 = 50,
    event_51 = 51,
    event_52 = 52,
    event_53 = 53,
    event_54 = 54,
    event_55 = 55,
    event_56 = 56,
    event_57 = 57,
    event_58 = 58,
    event_59 = 59,
    event_60 = 60,
    event_61 = 61,
    event_62 = 62,
    event_63 = 63,
    event_64 = 64,
    event_65 = 65,
    event_66 = 66,
    event_67 = 67,
    event_68 = 68,
    event_69 = 69,
    event_70 = 70,
    event_71 = 71,
    event_72 = 72,
    event_73 = 73,
    event_74 = 74,
    event_75 = 75,
    event_76 = 76,
    event_77 = 77,
    event_78 = 78,
    event_79 = 79,
    event_80 = 80,
    event_81 = 81,
    event_82 = 82,
    event_83 = 83,
    event_84 = 84,
    event_85 = 85,
    event_86 = 86,
    event_87 = 87,
}

/// Kills a server as soon as an event of its run is on disk, and looks at what the next one does.
fn killed_at(store: &[&str], number: u64) {
    let Some(letter) = Letter::new() else { return };
    let desk = &letter.desk;
    let mut server = Server::start_on(desk, "127.0.0.1:0", store);
    let run = letter.start(&server);
    let seen = follow(desk, &server, (run, 0), |event| event["seq"] == number);
    assert_eq!(seen.len() as u64, number, "the run ended before its event {number}");
    server.kill();
    let mark = desk.wait(mark(&address(desk, store)));
    let left = marked(&mark);

    let server = Server::start_on(desk, "127.0.0.1:0", store);
    let alive = marked(&mark);
    assert!(left.is_disjoint(&alive), "{left:?} outlived their server: {alive:?}");
    let last: Value = serde_json::from_str(seen.last().unwrap()).unwrap();
    person(&server.address, run, &last);
    follow(desk, &server, (run, number), |_| false);
    let told = events(desk, &server, run);
    assert_eq!(told[..seen.len()], seen, "the run remembers its past otherwise");
    let history: Vec<Value> = told.iter().map(|event| serde_json::from_str(event).unwrap()).collect();
    assert_whole(&history);
    assert_nothing_again(&letter, &history);
    let (status, document) =
        http(&server.address, "GET", &format!("/api/v1/runs/{run}/documents/letter.md"), &Value::Null);
    assert_eq!((status, document.as_str()), (200, SECOND));
    assert_eq!(plays(desk, &server, run).len(), told.len());
    desk.wait(all_gone(&mark));
}

/// The ends of the run's own appends, and what lies between two of them.
#[test]
fn servers_on_postgres_that_are_killed_here_and_there_leave_a_run_that_goes_on() {
    for number in [1, 5, 9, 27, 42, 61, 80] {
        let Some(url) = postgres::database() else { return };
        killed_at(&["--database-url", &url], number);
    }
}

#[test]
fn a_server_is_killed_at_every_event_of_the_example() {
    let Some(letter) = Letter::new() else { return };
    let server = Server::start_on(&letter.desk, "127.0.0.1:0", &[]);
    let run = letter.start(&server);
    assert_eq!(follow(&letter.desk, &server, (run, 0), |_| false).len() as u64, EVENTS);
}

/// The run went the way that it goes without a crash, to its end, and its events have no holes.
fn assert_whole(history: &[Value]) {
    let numbers: Vec<u64> = history.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=history.len() as u64).collect::<Vec<_>>());
    let completed = of_kind(history, "stage_completed");
    let path: Vec<_> = completed.iter().map(|event| event["stage"].as_str().unwrap()).collect();
    assert_eq!(path, ["weather", "draft", "review", "draft", "review", "publish"]);
    let last = history.last().unwrap();
    assert_eq!((last["kind"].as_str(), last["result"].as_str()), (Some("run_completed"), Some(SECOND)));
    assert!(of_kind(history, "run_recovered").len() <= 1);
}

/// No call was made again whose end was on disk, and what was made again is on record as that.
fn assert_nothing_again(letter: &Letter, history: &[Value]) {
    let lost: Vec<&Value> = of_kind(history, "run_recovered")
        .into_iter()
        .flat_map(|event| event["in_flight"].as_array().unwrap())
        .collect();
    let lost_of = |what: &str| lost.iter().filter(|lost| lost["what"] == what).count();
    let lost_calls: BTreeSet<u64> = lost.iter().map(|lost| lost["call"].as_u64().unwrap()).collect();
    for (begins, ends) in [
        ("model_call_started", ["model_call_finished", "model_call_failed"]),
        ("tool_call_started", ["tool_call_finished", ""]),
        ("tool_list_started", ["tools_listed", "tool_list_failed"]),
    ] {
        let begun = attempts(history, |kind| kind == begins);
        let ended = attempts(history, |kind| ends.contains(&kind));
        for (call, times) in begun {
            let again = usize::from(lost_calls.contains(&call) && !is_reported(history, call));
            assert_eq!(times, 1 + again, "{begins} of call {call}");
            assert_eq!(ended.get(&call), Some(&1), "call {call} has one end");
        }
    }
    // A question that was lost may have gone out, and no other was asked twice.
    let asked = letter.asked();
    let begun = of_kind(history, "model_call_started").len();
    let lost_models = lost_of("model_call");
    assert!((begun - lost_models..=begun).contains(&asked.len()), "{begun} begun, {} asked", asked.len());
    let different: BTreeSet<_> = asked.iter().collect();
    assert!(asked.len() - different.len() <= lost_models, "a question was asked again");
    // The same of the program, which wrote down each of its calls.
    let counted = letter.counted();
    for started in of_kind(history, "tool_call_started") {
        if started["tool"] == "count_words" {
            let call = started["call"].as_u64().unwrap();
            let times = counted.get(&call).copied().unwrap_or_default();
            let most = 1 + usize::from(lost_calls.contains(&call));
            assert!((1..=most).contains(&times), "call {call} was carried out {times} times");
        }
    }
}

/// Whether the end of a call is that its agent was told that a crash had cut it off.
fn is_reported(history: &[Value], call: u64) -> bool {
    let mut ended = of_kind(history, "tool_call_finished").into_iter();
    let reported = ended.any(|event| event["call"] == call && event["code"] == "interrupted");
    let begun = history.iter().find(|event| event["call"] == call).unwrap();
    // The server of tools does not say that its calls may be made twice; the program does.
    assert!(!reported || begun["tool"] == "everything.get-structured-content", "{begun}");
    reported
}

fn of_kind<'h>(history: &'h [Value], kind: &str) -> Vec<&'h Value> {
    history.iter().filter(|event| event["kind"] == kind).collect()
}

/// How many events of some kinds there are of each call.
fn attempts(history: &[Value], is_one: impl Fn(&str) -> bool) -> BTreeMap<u64, usize> {
    let mut attempts = BTreeMap::new();
    for event in history.iter().filter(|event| is_one(event["kind"].as_str().unwrap())) {
        *attempts.entry(event["call"].as_u64().unwrap()).or_default() += 1;
    }
    attempts
}

/// Where a server that was started so keeps its runs.
pub(crate) fn address(desk: &Desk, store: &[&str]) -> Address {
    match store.last() {
        None => Address::sqlite(desk.path("store").join("callboard.db")),
        Some(url) => url.parse().unwrap(),
    }
}

/// What the processes of a store's tools are marked with.
pub(crate) async fn mark(address: &Address) -> String {
    let db = Db::open(address).await.unwrap();
    let row = db.query_one("SELECT mark FROM run_store WHERE id = 1", Vec::<Field>::new()).await.unwrap();
    let mark = row.text(0).unwrap().to_string();
    db.close().await;
    mark
}

/// The processes that bear a store's mark.
pub(crate) fn marked(mark: &str) -> BTreeSet<u32> {
    let begins = format!("CALLBOARD_CALL={mark}/");
    let numbers = std::fs::read_dir("/proc").unwrap().flatten();
    let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers
        .filter(|number: &u32| {
            let environment = std::fs::read(format!("/proc/{number}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|variable| variable.starts_with(begins.as_bytes()))
        })
        .collect()
}

/// Waits until no process bears a store's mark any more.
pub(crate) async fn all_gone(mark: &str) {
    let mut looks = tokio::time::interval(std::time::Duration::from_millis(20));
    for _ in 0..500 {
        looks.tick().await;
        if marked(mark).is_empty() {
            return;
        }
    }
    panic!("left behind: {:?}", marked(mark));
}
