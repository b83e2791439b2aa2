//! What is heard of a program: its output, its status.

use callboard_server::process::{Ended, STDERR_KEPT, STDOUT_KEPT, open};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::seen::{program, run, shell, until};

/// Some megabytes in which every place differs from its neighbours.
fn large() -> Vec<u8> {
    (0..5_000_000_u32).map(|place| (place ^ (place >> 8) ^ (place >> 16)) as u8).collect()
}

#[tokio::test]
async fn large_input_arrives_whole_and_large_output_is_kept_up_to_its_limit() {
    let input = large();
    let ran = run(&program(&["cat"]), Some(&input)).await.unwrap();
    assert!(ran.stdout == input[..STDOUT_KEPT], "the beginning of the output is not that of the input");
    assert_eq!(ran.stdout_dropped, (input.len() - STDOUT_KEPT) as u64);
    assert_eq!(ran.ended, Ended { status: Some(0), signal: None });

    let sum = "import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())";
    let ran = run(&program(&["python3", "-c", sum]), Some(&input)).await.unwrap();
    assert_eq!(String::from_utf8(ran.stdout).unwrap().trim_end(), sha256(&input));
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn the_end_of_standard_error_is_kept() {
    let ran = run(&shell("yes first | head -c 100000 >&2; echo last >&2", &[]), None).await.unwrap();
    assert_eq!(ran.stderr_tail.len(), STDERR_KEPT);
    assert!(ran.stderr_tail.ends_with(b"last\n"));
}

#[tokio::test]
async fn a_status_and_a_signal_are_told_apart() {
    let table = [
        ("exit 0", Some(0), None),
        ("exit 3", Some(3), None),
        ("exit 137", Some(137), None),
        ("kill -KILL $$", None, Some(9)),
        ("kill -TERM $$", None, Some(15)),
        ("exec >&- 2>&- <&-; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; exit 4", Some(4), None),
    ];
    for (script, status, signal) in table {
        let ran = run(&shell(script, &[]), None).await.unwrap();
        assert_eq!(ran.ended, Ended { status, signal }, "{script}");
    }
}

#[tokio::test]
async fn a_program_need_not_read_what_it_is_given() {
    let input = large();
    for script in ["echo done", "exec <&-; echo done", "head -c 10 >/dev/null; echo done"] {
        let ran = run(&shell(script, &[]), Some(&input)).await.unwrap();
        assert_eq!((ran.stdout.as_slice(), ran.ended.status), (&b"done\n"[..], Some(0)), "{script}");
    }
}

#[tokio::test]
async fn many_run_at_once() {
    let programs: Vec<_> = (0..40).map(|n| shell("cat; echo $1", &[&n.to_string()])).collect();
    let all = programs.iter().map(|program| run(program, Some(b"said ")));
    for (n, ran) in futures_util::future::join_all(all).await.into_iter().enumerate() {
        assert_eq!(String::from_utf8(ran.unwrap().stdout).unwrap(), format!("said {n}\n"));
    }
}

#[tokio::test]
async fn an_open_program_is_talked_with() {
    let mut opened = open(&shell("echo ready >&2; exec cat", &[])).unwrap();
    for word in ["one\n", "two\n"] {
        opened.stdin.write_all(word.as_bytes()).await.unwrap();
        let mut heard = [0; 4];
        opened.stdout.read_exact(&mut heard).await.unwrap();
        assert_eq!(heard, word.as_bytes());
    }
    let input = large();
    let mut heard = vec![0; input.len()];
    let (written, read) = tokio::join!(opened.stdin.write_all(&input), opened.stdout.read_exact(&mut heard));
    written.unwrap();
    read.unwrap();
    assert!(heard == input, "what came back is not what was sent");
    until("its word on standard error", || opened.stderr.bytes() == b"ready\n").await;
    drop(opened.stdin);
    assert_eq!(opened.guard.finish().await, Some(Ended { status: Some(0), signal: None }));
}
