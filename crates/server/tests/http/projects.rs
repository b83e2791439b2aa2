//! Projects and their files: applied, exported, changed.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::house::House;
use crate::support::store::Store;

on_both! {
    a_file_makes_what_it_names_and_what_is_there_keeps_its_number
    a_dry_run_says_what_would_be_and_writes_nothing
    a_file_may_lean_on_what_the_project_has
    a_wrong_file_is_refused_with_its_places_and_writes_nothing
    a_file_that_is_exported_and_applied_changes_nothing
    files_that_are_applied_at_once_all_land
    what_belongs_to_a_project_as_a_whole_is_changed_alone
    projects_are_listed_page_by_page
}

const FILE: &str = "project: p
models:
  main: { provider: simulated }
  spare: { provider: simulated }
teams:
  desk: { model: main, agents: { a: { role: A }, b: { role: B } } }
workflows:
  work:
    team: desk
    stages: [{ id: one, name: One, task: Begin., agents: [a, b] }]
";

fn did(created: &[&str], changed: &[&str], removed: &[&str]) -> Value {
    json!({ "created": created, "changed": changed, "removed": removed })
}

fn what(applied: &Value) -> Value {
    json!({ "created": applied["created"], "changed": applied["changed"], "removed": applied["removed"] })
}

async fn a_file_makes_what_it_names_and_what_is_there_keeps_its_number(store: Store) {
    let house = House::open(store).await;
    let applied = house.client.apply(FILE).await.is(200);
    let all = [
        "project",
        "models/main",
        "models/spare",
        "teams/desk",
        "teams/desk/agents/a",
        "teams/desk/agents/b",
        "workflows/work",
    ];
    assert_eq!(what(&applied), did(&all, &[], &[]));
    let id = applied["workflows"]["work"].as_i64().unwrap();
    assert_eq!(applied["project_id"], 1);

    let again = house.client.apply(FILE).await.is(200);
    assert_eq!(what(&again), did(&[], &[], &[]));
    let changed = FILE.replace("role: B", "role: C").replace("Begin.", "Start.");
    let applied = house.client.apply(&changed).await.is(200);
    assert_eq!(what(&applied), did(&[], &["teams/desk/agents/b", "workflows/work"], &[]));
    assert_eq!(applied["workflows"]["work"], id);

    // What a file does not name stays, or goes where that is asked for; runs of it do not.
    let models = house.client.get("projects/1/models").await.is(200);
    let without = FILE.replace("  spare: { provider: simulated }\n", "");
    let kept = house.client.apply(&without).await.is(200);
    assert_eq!(kept["removed"], json!([]));
    let pruned = house.client.call("POST", "projects/apply?prune=true").yaml(&without).send().await.is(200);
    assert_eq!(pruned["removed"], json!(["models/spare"]));
    let spare = models["items"][1]["id"].as_i64().unwrap();
    house.client.get(&format!("models/{spare}")).await.refused(404, "model_not_found");
    let back = house.client.apply(FILE).await.is(200);
    assert_eq!(what(&back), did(&["models/spare"], &[], &[]));
    assert_eq!(house.client.get("projects/1/models").await.is(200), models);
}

async fn a_dry_run_says_what_would_be_and_writes_nothing(store: Store) {
    let house = House::open(store).await;
    let dry = |file: &str, and: &str| {
        house.client.call("POST", &format!("projects/apply?dry_run=true{and}")).yaml(file).send()
    };
    let would = dry(FILE, "").await.is(200);
    assert_eq!((&would["project_id"], &would["created"][0]), (&json!(0), &json!("project")));
    assert_eq!(house.client.get("projects").await.is(200)["items"], json!([]));

    house.client.apply(FILE).await.is(200);
    let before = house.client.get("projects/1").await.is(200);
    let exported = house.client.get("projects/1/export").await;
    let other = FILE.replace("spare", "third");
    assert_eq!(what(&dry(&other, "").await.is(200)), did(&["models/third"], &[], &[]));
    let pruned = dry(&other, "&prune=true").await.is(200);
    assert_eq!(what(&pruned), did(&["models/third"], &[], &["models/spare"]));
    assert_eq!(pruned.get("file"), None);
    let shown = dry(&other, "&prune=true&show=true").await.is(200);
    assert_eq!(shown["document"]["models"].get("spare"), None);
    let file = shown["file"].as_str().unwrap();
    assert!(file.starts_with("project: p\n") && file.contains("third:"), "{file}");
    assert_eq!(house.client.get("projects/1").await.is(200), before);
    assert_eq!(house.client.get("projects/1/export").await.body, exported.body);
    // What it showed is a file like any other, and gives what it promised.
    assert_eq!(what(&house.client.apply(file).await.is(200)), did(&["models/third"], &[], &[]));
}

async fn a_file_may_lean_on_what_the_project_has(store: Store) {
    let house = House::open(store).await;
    house.client.apply(FILE).await.is(200);
    let more = "project: p\nworkflows:\n  more:\n    team: desk\n    stages: [{ name: Two, task: Go., agents: [b] }]\n";
    let applied = house.client.apply(more).await.is(200);
    assert_eq!(what(&applied), did(&["workflows/more"], &[], &[]));
    assert_eq!(applied["workflows"].as_object().unwrap().len(), 2);
    // Alone it is not right.
    let alone = more.replace("project: p", "project: q");
    house.client.apply(&alone).await.refused(422, "invalid_project");
    // Nor is one that takes away what others lean on.
    let teams = "project: p\nteams: { desk: { model: main, agents: { a: { role: A } } } }\n";
    let refused = house.client.apply(teams).await.refused(422, "invalid_project");
    let errors = refused["errors"].as_array().unwrap();
    // What is wrong is said of both together, and not of the file alone, which has no model.
    let paths: Vec<&str> = errors.iter().map(|error| error["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["workflows.work.stages[0].agents[1]", "workflows.more.stages[0].agents[0]"]);
    // What stands in the file has its place there, leaning or not.
    let wrong = more.replace("team: desk", "team: nobody").replace("more", "most");
    let refused = house.client.apply(&wrong).await.refused(422, "invalid_project");
    let errors = refused["errors"].as_array().unwrap();
    assert_eq!(
        (errors.len(), &errors[0]["line"], &errors[0]["column"]),
        (1, &json!(4), &json!(11)),
        "{refused}"
    );
}

async fn a_wrong_file_is_refused_with_its_places_and_writes_nothing(store: Store) {
    let house = House::open(store).await;
    house.client.apply(FILE).await.is(200);
    let before = house.client.get("projects/1").await.is(200);
    let wrong = FILE.replace("agents: [a, b]", "agents: [a, nobody]").replace("role: B", "roll: B");
    let refused = house.client.apply(&wrong).await.refused(422, "invalid_project");
    let places: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|error| &error["line"]).collect();
    assert_eq!(places, [&json!(6), &json!(10)], "{refused}");
    assert!(refused["errors"][0]["column"].as_u64() > Some(40), "{refused}");
    for (file, line, column) in [
        ("project: p\nmodels: [\n", 3, 1),
        ("project: p\n\tmodels: {}\n", 1, 10),
        ("project: p\nproject: q\n", 2, 1),
        ("{\"project\": [7]}", 1, 13),
    ] {
        let refused = house.client.apply(file).await.refused(422, "invalid_project");
        let first = &refused["errors"][0];
        assert_eq!((&first["line"], &first["column"]), (&json!(line), &json!(column)), "{file:?}: {refused}");
    }
    assert_eq!(house.client.get("projects/1").await.is(200), before);
    assert_eq!(house.client.get("projects").await.is(200)["items"].as_array().unwrap().len(), 1);
}

async fn a_file_that_is_exported_and_applied_changes_nothing(store: Store) {
    let house = House::open(store).await;
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut files: Vec<String> = vec![FILE.to_owned(), house.file()];
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    for path in paths.filter(|path| path.extension().is_some_and(|end| end == "yaml")) {
        files.push(std::fs::read_to_string(path).unwrap());
    }
    for file in files {
        let applied = house.client.call("POST", "projects/apply?prune=true").yaml(&file).send().await.is(200);
        let export = format!("projects/{}/export", applied["project_id"]);
        let yaml = house.client.get(&export).await;
        let again = house.client.call("POST", "projects/apply?prune=true").yaml(yaml.text()).send().await;
        assert_eq!(what(&again.is(200)), did(&[], &[], &[]), "{file}");
        assert_eq!(house.client.get(&export).await.body, yaml.body);
        let json = house.client.call("GET", &export).header("accept", "application/json").send().await;
        let again = house.client.post("projects/apply?prune=true", &json.is(200)).await.is(200);
        assert_eq!(what(&again), did(&[], &[], &[]), "{file}");
    }
}

async fn files_that_are_applied_at_once_all_land(store: Store) {
    let house = House::open(store).await;
    // The first of them makes the project.
    let files: Vec<String> = (0..12)
        .map(|number| format!("project: p\nmodels: {{ m{number}: {{ provider: simulated }} }}\n"))
        .collect();
    let applied = futures_util::future::join_all(files.iter().map(|file| house.client.apply(file))).await;
    let ids: Vec<Value> = applied.into_iter().map(|answer| answer.is(200)["project_id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let models = house.client.get(&format!("projects/{}/models", ids[0])).await.is(200);
    assert_eq!(models["items"].as_array().unwrap().len(), 12);
}

async fn what_belongs_to_a_project_as_a_whole_is_changed_alone(store: Store) {
    let house = House::open(store).await;
    house.client.apply("project: p\n").await.is(200);
    let before = house.client.get("projects/1").await.is(200);
    assert_eq!((&before["timezone"], &before["max_running"]), (&json!("UTC"), &Value::Null));
    let change =
        json!({ "timezone": "Europe/Paris", "max_running": 3, "limits": { "cost_usd_per_day": 1.5 } });
    let after = house.client.patch("projects/1", &change).await.is(200);
    for (key, value) in change.as_object().unwrap() {
        assert_eq!(after[key], *value, "{key}");
    }
    assert_eq!((&after["created_at"], &after["name"]), (&before["created_at"], &before["name"]));
    let nothing = json!({ "timezone": null, "max_running": null, "limits": null });
    let back = house.client.patch("projects/1", &nothing).await.is(200);
    for key in ["timezone", "max_running", "limits"] {
        assert_eq!(back[key], before[key], "{key}");
    }
    for (wrong, code) in [
        (json!({ "timezone": 1 }), "invalid_project"),
        (json!({ "max_running": -1 }), "invalid_project"),
        (json!({ "max_running": "three" }), "invalid_project"),
        (json!({ "name": "q" }), "body_invalid"),
        (json!({ "models": {} }), "body_invalid"),
        (json!({ "workflows": null }), "body_invalid"),
        (json!([]), "body_invalid"),
    ] {
        house.client.patch("projects/1", &wrong).await.refused(422, code);
    }
    house.client.patch("projects/2", &change).await.refused(404, "project_not_found");
}

async fn projects_are_listed_page_by_page(store: Store) {
    let house = House::open(store).await;
    for number in 0..5 {
        house.client.apply(&format!("project: p{number}\n")).await.is(200);
    }
    let mut names = Vec::new();
    let mut path = "projects?limit=2".to_owned();
    for length in [2, 2, 1] {
        let page = house.client.get(&path).await.is(200);
        let items = page["items"].as_array().unwrap();
        assert_eq!(items.len(), length);
        names.extend(items.iter().map(|project| project["name"].as_str().unwrap().to_owned()));
        path = format!("projects?limit=2&after={}", page["next"].as_str().unwrap_or("none"));
    }
    assert_eq!(names, ["p0", "p1", "p2", "p3", "p4"]);
    assert!(path.ends_with("none"));
    // A name of digits is still a name.
    for file in ["project: 2024\n", "{\"project\": 2024}", "project: '2024'\n"] {
        let applied = house.client.apply(file).await.is(200);
        assert_eq!(
            house.client.get(&format!("projects/{}", applied["project_id"])).await.is(200)["name"],
            "2024"
        );
    }
    assert_eq!(house.client.get("projects").await.is(200)["items"].as_array().unwrap().len(), 6);
}
