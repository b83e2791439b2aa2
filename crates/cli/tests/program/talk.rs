//! What the program says and gives where nobody reads it, and how it ends what it says.

use std::fs::File;

use crate::program::{Desk, root, said};

#[test]
fn a_reader_that_goes_away_changes_nothing_of_the_run() {
    let desk = Desk::new();
    let file = root().join("examples/newsroom.yaml");
    let words = ["run", file.to_str().unwrap(), "--input", "owls", "--data", "store"];
    let mut child = desk.start(&words);
    drop(child.stderr.take());
    let said_without = said(child.wait_with_output().unwrap());
    assert_eq!(said_without.code, 0, "{said_without:?}");
    assert!(said_without.out.contains("owls"), "{said_without:?}");

    let mut child = desk.start(&words);
    drop(child.stdout.take());
    let said_without = said(child.wait_with_output().unwrap());
    assert_eq!(said_without.code, 0, "{said_without:?}");
    assert!(said_without.err.trim_end().contains("run 2: completed after"), "{said_without:?}");
    assert!(!said_without.err.contains("panicked"), "{said_without:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_an_error_and_talk_that_cannot_is_none() {
    let desk = Desk::new();
    let file = root().join("examples/newsroom.yaml");
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let words = ["run", file.to_str().unwrap(), "--input", "owls"];
    let ended = said(desk.program(&words).stdout(full()).output().unwrap());
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.err.trim_end().ends_with("[output_failed]"), "{ended:?}");
    let ended = said(desk.program(&words).stderr(full()).output().unwrap());
    assert!(ended.code == 0 && ended.out.contains("owls"), "{ended:?}");
}

#[test]
fn wrong_use_ends_with_its_code_and_help_is_data() {
    let desk = Desk::new();
    for words in [&["rnu"][..], &[], &["run"], &["run", "a", "b", "c"], &["check", "--jsno", "x"]] {
        let said = desk.run(words);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{said:?}");
        assert!(said.err.trim_end().ends_with("[wrong_use]"), "{said:?}");
    }
    let said = desk.run(&["run", "--help"]);
    assert!(said.code == 0 && said.err.is_empty() && said.out.contains("Usage: callboard run"), "{said:?}");
}

#[cfg(unix)]
#[test]
fn a_file_without_an_end_is_refused_and_not_read_for_ever() {
    let desk = Desk::new();
    let said = desk.run(&["check", "/dev/zero"]);
    assert!(said.code == 2 && said.err.trim_end().ends_with("[invalid_project]"), "{said:?}");
    let file = root().join("examples/newsroom.yaml");
    let said = desk.run(&["run", file.to_str().unwrap(), "--input", "@/dev/zero"]);
    assert!(said.code == 2 && said.err.trim_end().ends_with("[input_too_large]"), "{said:?}");
}
