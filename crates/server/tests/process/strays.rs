//! Processes that left their group, where the system shows their environment.

#![cfg(target_os = "linux")]

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, Stdio};

use callboard_server::process::{MARK, end_strays};

use crate::seen::{HIDES, lives, pids, pids_in, program, run, store, until_gone};

/// A process that has nothing to do with us but its mark.
fn stranger(mark: Option<&str>) -> Child {
    let mut command = Command::new("sleep");
    command.arg("600").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command.env_remove(MARK).envs(mark.map(|mark| (MARK, mark))).spawn().unwrap()
}

fn killed(mut child: Child) -> bool {
    let lived = lives(child.id().cast_signed());
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    !lived
}

#[tokio::test]
async fn only_what_bears_the_mark_is_killed() {
    let store = store();
    let table = [
        (Some(format!("{store}/1/2")), true),
        (Some(format!("{store}/1/3")), true),
        (Some(store.clone()), true),
        (Some(format!("{store}x/1/2")), false),
        (Some(format!("x{store}/1/2")), false),
        (None, false),
    ];
    let strangers = table.map(|(mark, expected)| (stranger(mark.as_deref()), mark, expected));
    assert_eq!(end_strays(&store).await, 3);
    for (child, mark, expected) in strangers {
        assert_eq!(killed(child), expected, "{mark:?}");
    }
    assert_eq!(end_strays(&store).await, 0);
}

#[tokio::test]
async fn the_end_of_one_call_leaves_the_others_of_its_run() {
    let store = store();
    let [one, other, longer] = ["1/2", "1/3", "1/22"].map(|call| stranger(Some(&format!("{store}/{call}"))));
    assert_eq!(end_strays(&format!("{store}/1/2")).await, 1);
    assert!(killed(one));
    assert!(!killed(other) && !killed(longer));
}

#[tokio::test]
async fn the_group_of_a_marked_leader_goes_with_it() {
    let store = store();
    let mut leader = Command::new("sh")
        .args(["-c", "env -i sh -c 'echo $$; exec sleep 600' & wait"])
        .env(MARK, format!("{store}/1/2"))
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(leader.stdout.take().unwrap()).read_line(&mut said).unwrap();
    let unmarked = pids(said);
    assert!(lives(unmarked[0]));
    assert_eq!(end_strays(&store).await, 1);
    assert!(killed(leader));
    until_gone(&unmarked).await;
}

#[tokio::test]
async fn a_call_that_ends_takes_along_what_hid_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let bystander = stranger(None);
    let ran = run(&program(&["python3", "-c", HIDES, file.to_str().unwrap()]), None).await.unwrap();
    assert_eq!(ran.ended.status, Some(0), "{}", String::from_utf8_lossy(&ran.stderr_tail));
    let stray = pids_in(&file).await;
    assert!(!lives(stray[0]), "it is gone by the time that the call has ended");
    assert!(!killed(bystander));
}

#[tokio::test]
async fn a_call_that_is_dropped_takes_along_what_hid_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let program = program(&["python3", "-c", HIDES, file.to_str().unwrap(), "stay"]);
    let running = tokio::spawn(async move { run(&program, None).await });
    let stray = pids_in(&file).await;
    assert!(lives(stray[0]));
    running.abort();
    until_gone(&stray).await;
}

/// Set for the process that is marked itself, as a server is that a tool has started.
const ROLE: &str = "CALLBOARD_TEST_IS_MARKED";

#[test]
fn a_process_never_ends_itself() {
    let said = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "strays::looks_for_its_own_mark", "--nocapture"])
        .env(ROLE, "yes")
        .env(MARK, format!("{}/1/2", store()))
        .process_group(0)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success() && text.contains("still here, and ended 1"), "{text}");
}

/// No test by itself: the other half of the one above.
#[tokio::test]
async fn looks_for_its_own_mark() {
    if std::env::var_os(ROLE).is_none() {
        return;
    }
    let mark = std::env::var(MARK).unwrap();
    let child = stranger(Some(&mark));
    println!("still here, and ended {}", end_strays(&mark).await);
    assert!(killed(child));
}
