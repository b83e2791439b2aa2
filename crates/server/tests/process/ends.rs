//! How programs are ended while the server lives.

use std::time::Duration;

use callboard_server::process::{self, Ended, ProcessError, open};
use rustix::process::{Pid, getpgid};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::seen::{STAYS, lives, pids, pids_in, run, shell, until, until_gone};

#[tokio::test]
async fn a_time_limit_ends_the_program_and_what_it_started() {
    let script = "trap '' TERM INT HUP; sh -c 'sleep 600 & echo $$ $! >&2; wait' & echo $$ >&2; wait; wait";
    let limit = Duration::from_secs(1);
    let error = process::run(&shell(script, &[]), Some(b"{}"), limit).await.unwrap_err();
    assert_eq!(error.code(), "timed_out");
    assert!(error.to_string().contains("longer than 1 seconds"), "{error}");
    let ProcessError::TimedOut { stderr_tail, .. } = error else { panic!("{error}") };
    let pids = pids(stderr_tail);
    assert_eq!(pids.len(), 3);
    until_gone(&pids).await;
}

#[tokio::test]
async fn a_program_that_does_not_read_its_input_runs_into_its_time_limit() {
    let input = vec![b'x'; 1_000_000];
    let limit = Duration::from_millis(100);
    let error = process::run(&shell("while :; do wait; done", &[]), Some(&input), limit).await.unwrap_err();
    assert_eq!(error.code(), "timed_out");
}

#[tokio::test]
async fn what_a_program_leaves_behind_is_gone_when_it_has_ended() {
    let script = "sleep 600 & sh -c 'trap \"\" TERM HUP; sleep 600 & echo $!; wait' & echo $!; sleep 600 >/dev/null 2>&1 & echo $!";
    let ran = run(&shell(script, &[]), None).await.unwrap();
    assert_eq!(ran.ended.status, Some(0));
    until_gone(&pids(ran.stdout)).await;
}

#[tokio::test]
async fn dropping_the_future_ends_the_program_and_what_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pids");
    let program = shell(STAYS, &[file.to_str().unwrap()]);
    let running = tokio::spawn(async move { run(&program, None).await });
    let pids = pids_in(&file).await;
    assert!(pids.iter().all(|pid| lives(*pid)), "{pids:?}");
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    until_gone(&pids).await;
}

#[tokio::test]
async fn dropping_an_open_program_ends_it_and_its_guard() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pids");
    let opened = open(&shell(STAYS, &[file.to_str().unwrap()])).unwrap();
    let mut pids = pids_in(&file).await;
    assert_eq!(opened.guard.id(), Some(pids[0].cast_unsigned()));
    let guard = getpgid(Pid::from_raw(pids[0])).unwrap().as_raw_nonzero().get();
    assert_ne!(guard, pids[0]);
    pids.push(guard);
    assert!(pids.iter().all(|pid| lives(*pid)), "{pids:?}");
    drop(opened);
    until_gone(&pids).await;
}

#[tokio::test]
async fn an_open_program_that_does_not_end_with_its_input_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pids");
    let opened = open(&shell(STAYS, &[file.to_str().unwrap()])).unwrap();
    let pids = pids_in(&file).await;
    drop(opened.stdin);
    assert_eq!(opened.guard.finish().await, None);
    until_gone(&pids).await;
}

#[tokio::test]
async fn an_open_program_that_ends_is_heard_of() {
    let mut opened = open(&shell("read -r line; exit 5", &[])).unwrap();
    drop(opened.stdin);
    assert_eq!(opened.guard.wait().await, Ended { status: Some(5), signal: None });
}

/// Where `/proc` shows which signals a process ignores.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_signal_to_the_whole_group_leaves_the_guard() {
    const TERM: u64 = 1 << 14;
    let ignores = |pid: i32| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
        u64::from_str_radix(mask.trim(), 16).unwrap() & TERM != 0
    };
    let script = "trap '' TERM; echo $$; read -r go; kill -TERM 0; echo sent; exec sleep 600";
    let mut opened = open(&shell(script, &[])).unwrap();
    let mut lines = BufReader::new(opened.stdout).lines();
    let pid = pids(lines.next_line().await.unwrap().unwrap())[0];
    let guard = getpgid(Pid::from_raw(pid)).unwrap().as_raw_nonzero().get();
    until("a guard that ignores signals", || ignores(guard)).await;
    drop(opened.stdin);
    assert_eq!(lines.next_line().await.unwrap().unwrap(), "sent");
    assert!(lives(guard) && lives(pid));
    opened.guard.end().await;
    until_gone(&[guard, pid]).await;
}
