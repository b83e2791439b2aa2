//! The project files that the manual shows.
//!
//! A block that begins with `yaml` is a whole file and has no mistakes. `yaml part` is a piece of one,
//! and has none when the rest is put around it. `yaml wrong NAME` is a file with mistakes; the `text`
//! block after it is what the program says of it.

use serde_json::Value;

use crate::page::{self, Block, callboard, root};

#[test]
fn every_project_file_of_the_manual_is_right_or_wrong_as_it_says() {
    let mut files = 0;
    for page in page::all() {
        let blocks = page.blocks();
        for (index, block) in blocks.iter().enumerate().filter(|(_, block)| block.info.starts_with("yaml")) {
            let place = format!("{}:{}", page.path.display(), block.line);
            match block.info.strip_prefix("yaml").unwrap().trim() {
                "" => has_no_mistakes(&place, &block.text),
                "part" => has_no_mistakes(&place, &whole(&block.text)),
                wrong => says(&place, wrong.strip_prefix("wrong ").expect(&place), block, &blocks[index + 1]),
            }
            files += 1;
        }
    }
    assert!(files >= 15, "{files}");
}

fn has_no_mistakes(place: &str, file: &str) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file.yaml"), file).unwrap();
    let (code, mistakes, _) = callboard(folder.path(), &["check", "--json", "file.yaml"]);
    assert_eq!((code, mistakes.trim()), (0, "[]"), "{place}\n{file}");
}

fn says(place: &str, name: &str, file: &Block, said: &Block) {
    assert_eq!(said.info, "text", "{place}: what the program says should follow");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), &file.text).unwrap();
    let (code, _, err) = callboard(folder.path(), &["check", name]);
    assert_eq!((code, err), (2, said.text.clone()), "{place}");
}

/// A piece of a file with the rest around it.
fn whole(part: &str) -> String {
    let mut head = "project: manual\n".to_owned();
    let mut models = "models:\n  main: { provider: simulated, price: { input: 1.0, output: 2.0 } }\n  \
                      careful: { provider: simulated }\n"
        .to_owned();
    let mut tools =
        "tools:\n  archive: { command: [./archive.sh], parameters: { text: { type: string } } }\n".to_owned();
    let mut teams =
        "teams:\n  desk: { model: main, agents: { researcher: {}, writer: {}, editor: {}, publisher: {} } }\n"
            .to_owned();
    let mut workflows = String::new();
    let mut triggers = String::new();
    match part.lines().next().unwrap() {
        project if project.starts_with("project: ") => part.clone_into(&mut head),
        "models:" => part.clone_into(&mut models),
        "tools:" => part.clone_into(&mut tools),
        "teams:" => part.clone_into(&mut teams),
        "workflows:" => part.clone_into(&mut workflows),
        "triggers:" => {
            // They start the workflow that the first pages write.
            let stages = "[{ id: one, task: Begin., agents: [researcher] }]";
            workflows = format!("workflows:\n  digest: {{ team: desk, stages: {stages} }}\n");
            part.clone_into(&mut triggers);
        }
        stage => {
            assert!(
                stage.starts_with("- id: "),
                "a part begins with project, models, tools, teams, workflows, triggers or a stage: {stage}"
            );
            workflows.push_str("workflows:\n  work:\n    team: desk\n    stages:\n");
            part.lines().for_each(|line| workflows.extend(["      ", line, "\n"]));
        }
    }
    [head, models, tools, teams, workflows, triggers].concat()
}

#[test]
fn every_example_is_right_and_runs_to_its_end() {
    let mut examples = 0;
    let files = std::fs::read_dir(root().join("examples")).unwrap().map(|file| file.unwrap().path());
    for path in files.filter(|path| path.extension().is_some_and(|end| end == "yaml")) {
        let name = path.to_str().unwrap();
        let (code, mistakes, _) = callboard(root(), &["check", "--json", name]);
        assert_eq!((code, mistakes.trim()), (0, "[]"), "{name}");
        // One that needs models of its own is carried out with the program's tests.
        if std::fs::read_to_string(&path).unwrap().contains("base_url:") {
            continue;
        }
        let (code, out, err) = callboard(root(), &["run", name, "--input", "owls", "--json"]);
        assert_eq!(code, 0, "{name}: {err}");
        let run: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(run["status"], "completed", "{name}");
        examples += 1;
    }
    assert!(examples >= 3, "{examples}");
}

#[test]
fn the_round_table_hears_everyone_and_comes_back_once() {
    let question = "Should the office move out of town?";
    let (_, out, _) = callboard(root(), &["run", "examples/roundtable.yaml", "--input", question, "--json"]);
    let run: Value = serde_json::from_str(&out).unwrap();
    let visits = run["visits"].as_array().unwrap();
    let path: Vec<&str> = visits.iter().map(|visit| visit["stage"].as_str().unwrap()).collect();
    assert_eq!(path, ["discuss", "decide", "discuss", "decide"]);
    assert_eq!(visits[0]["summaries"].as_array().unwrap().len(), 1, "the summary is shared");
    assert!(run["memory"]["facts"]["agent"] == "clerk");
}
