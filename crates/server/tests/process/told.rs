//! What a program is told: its arguments, its environment, its folder.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use callboard_server::process::Program;

use crate::seen::{output, program, run, shell};

#[tokio::test]
async fn arguments_arrive_as_they_were_given() {
    let odd = ["", "a b", "$HOME", "`id`", "*", "'\"\\", "a\nb", "-n", "; exit 7", "ü"];
    let said = output(&program(&[&["printf", "[%s]"], &odd[..]].concat())).await;
    assert_eq!(said, odd.map(|argument| format!("[{argument}]")).concat());
}

#[tokio::test]
async fn a_program_sees_no_variable_that_it_was_not_given() {
    let folder = tempfile::tempdir().unwrap();
    let env = folder.path().join("env");
    symlink("/usr/bin/env", &env).unwrap();
    let mut program = program(&[env.to_str().unwrap()]);
    program.env =
        vec![("CITY".to_owned(), "Paris = a\ncity".to_owned()), ("odd-name".to_owned(), String::new())];
    let own = folder.path().to_str().unwrap();
    let expected = [
        format!("CALLBOARD_CALL={}", program.mark),
        "CITY=Paris = a".to_owned(),
        format!("PATH={own}:/usr/local/bin:/usr/bin:/bin"),
        "city".to_owned(),
        "odd-name=".to_owned(),
    ];
    assert_eq!(sorted(&program).await, expected);
}

#[tokio::test]
async fn the_caller_may_name_the_path_and_never_the_mark() {
    let mut program = program(&["env"]);
    program.env = [("PATH", "/nowhere"), ("CALLBOARD_CALL", "somebody/else")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    assert_eq!(
        sorted(&program).await,
        [format!("CALLBOARD_CALL={}", program.mark), "PATH=/nowhere".to_owned()]
    );
}

#[tokio::test]
async fn a_program_in_a_standard_folder_finds_the_standard_folders() {
    let said = output(&program(&["/bin/sh", "-c", "echo $PATH"])).await;
    assert_eq!(said, "/usr/local/bin:/usr/bin:/bin\n");
}

async fn sorted(program: &Program) -> Vec<String> {
    let said = output(program).await;
    let mut lines: Vec<String> = said.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn a_path_begins_at_the_server_and_not_where_the_program_begins() {
    let folder = tempfile::tempdir().unwrap();
    let up = std::env::current_dir().unwrap().components().count() - 1;
    let sh = format!("./{}bin/sh", "../".repeat(up));
    let mut program = program(&[&sh, "-c", "pwd -P"]);
    program.dir = Some(folder.path().to_owned());
    let said = output(&program).await;
    assert_eq!(Path::new(said.trim_end()), folder.path().canonicalize().unwrap());
}

#[tokio::test]
async fn without_input_there_is_nothing_to_read() {
    assert_eq!(output(&shell("cat; echo end", &[])).await, "end\n");
}

#[tokio::test]
async fn what_cannot_be_started_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(place("plain"), "#!/bin/sh\n").unwrap();
    std::fs::write(place("orphan"), "#!/nowhere/interpreter\n").unwrap();
    std::fs::set_permissions(place("orphan"), PermissionsExt::from_mode(0o755)).unwrap();
    let table = [
        ("no-such-program-anywhere".to_owned(), "program_not_found"),
        (String::new(), "program_not_found"),
        (place("missing"), "program_not_found"),
        (place("plain"), "program_failed_to_start"),
        (place("orphan"), "program_failed_to_start"),
        (place(""), "program_failed_to_start"),
    ];
    for (name, code) in table {
        let error = run(&program(&[&name]), None).await.unwrap_err();
        assert_eq!(error.code(), code, "{name}: {error}");
        assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
    }
    let empty = run(&program(&[]), None).await.unwrap_err();
    assert_eq!(empty.code(), "program_not_found");
}

#[tokio::test]
async fn a_variable_that_cannot_be_told_is_refused() {
    for (name, value) in [("", "x"), ("A=B", "x"), ("A", "x\0y"), ("A\0B", "x")] {
        let mut program = program(&["env"]);
        program.env = vec![(name.to_owned(), value.to_owned())];
        let error = run(&program, None).await.unwrap_err();
        assert_eq!(error.code(), "program_failed_to_start", "{name:?}={value:?}");
    }
}

#[tokio::test]
async fn a_program_shown_for_debugging_shows_no_value_of_its_environment() {
    let mut program = program(&["env"]);
    program.env = vec![("API_KEY".to_owned(), "very-secret".to_owned())];
    let shown = format!("{program:?}");
    assert!(shown.contains("API_KEY") && !shown.contains("very-secret"), "{shown}");
}
