//! Every field of the project file has its place in the manual, and every filter that the manual names
//! is one.

use crate::page::{Page, callboard, has};
use crate::source;

#[test]
fn every_field_of_the_project_file_is_described() {
    let page = Page::read("docs/reference/project-file.md");
    let fields = source::fields();
    assert!(fields.len() >= 60, "{fields:?}");
    let missing: Vec<_> = fields.iter().filter(|field| !has(&page.text, field)).collect();
    assert!(missing.is_empty(), "{} does not say what these are: {missing:?}", page.path.display());
}

#[test]
fn every_filter_and_test_that_is_named_exists() {
    let page = Page::read("docs/reference/project-file.md");
    let named = |mark: &str| -> Vec<String> {
        let rest = page.text.split(mark).nth(1).unwrap().trim_start();
        let line = rest.lines().next().unwrap();
        line.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let filters = named("<!-- filters -->").into_iter().map(|name| format!("{{{{ input | {name} }}}}"));
    let tests =
        named("<!-- tests -->").into_iter().map(|name| format!("{{% if input is {name} %}}yes{{% endif %}}"));
    let task: Vec<String> = filters.chain(tests).map(|line| format!("          {line}\n")).collect();
    assert!(task.len() > 70, "{}", task.len());
    let file = format!(
        "project: p\nmodels: {{ main: {{ provider: simulated }} }}\nteams: {{ t: {{ model: main, agents: {{ a: {{}} }} }} }}\n\
         workflows:\n  w:\n    team: t\n    stages:\n      - id: one\n        agents: [a]\n        task: |\n{}",
        task.concat()
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file.yaml"), file).unwrap();
    let (code, _, err) = callboard(folder.path(), &["check", "file.yaml"]);
    assert_eq!(code, 0, "{err}");
}
