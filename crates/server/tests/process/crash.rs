//! What is left when the server is killed by force: nothing.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use callboard_server::process::{Program, open};
use rustix::process::{Pid, getpgid};

use crate::seen::{STAYS, lives, pids_in, run, shell, until_gone};

/// Set for the process that is to be killed: how it starts a program, and the file that the program
/// says its numbers in.
const SERVER: &str = "CALLBOARD_TEST_STARTS_A_PROGRAM";

/// Starts this test binary again as a server that starts a program.
fn server(how: &str, file: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::starts_a_program_until_it_is_killed", "--nocapture"])
        .env(SERVER, format!("{how} {}", file.display()))
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// No test by itself: the server of those below.
#[tokio::test]
async fn starts_a_program_until_it_is_killed() {
    let Ok(told) = std::env::var(SERVER) else { return };
    let (how, file) = told.split_once(' ').unwrap();
    let program = match how {
        "hides" => hiding(file),
        _ => shell(STAYS, &[file]),
    };
    if how == "open" {
        let mut opened = open(&program).unwrap();
        opened.guard.wait().await;
    } else {
        let _ended = run(&program, Some(b"{}")).await;
    }
    panic!("it was to be killed before this");
}

/// The store's name is the file's, so that both sides know it.
fn hiding(file: &str) -> Program {
    let mut program = crate::seen::program(&["python3", "-c", crate::seen::HIDES, file, "stay"]);
    program.mark = format!("{file}/1/2");
    program
}

#[tokio::test]
async fn a_server_that_is_killed_leaves_no_process() {
    for how in ["run", "open"] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pids");
        let mut server = server(how, &file);
        let mut pids = pids_in(&file).await;
        pids.push(getpgid(Pid::from_raw(pids[0])).unwrap().as_raw_nonzero().get());
        assert!(pids.iter().all(|pid| lives(*pid)), "{how}: {pids:?}");
        server.kill().unwrap();
        server.wait().unwrap();
        until_gone(&pids).await;
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_next_server_ends_what_hid_from_the_guard() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let mut server = server("hides", &file);
    let stray = pids_in(&file).await;
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(lives(stray[0]), "a process that left its session is beyond the guard");
    // The program itself may still be on its way out, and is then found by its mark as well.
    assert!(callboard_server::process::end_strays(file.to_str().unwrap()).await >= 1);
    assert!(!lives(stray[0]));
}
