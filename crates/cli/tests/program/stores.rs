//! Where runs are kept, who may use it at a time, and what is left there.

use callboard_fake_model::Behaviour;

use crate::program::{Desk, said};

const ONE: &str = "
      - { id: one, name: One, task: 'Look at {{ input }}.', agents: [a] }
";

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
