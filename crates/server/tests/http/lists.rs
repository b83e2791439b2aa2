//! Lists of runs: whatever they are filtered by, each run is there once, newest first.

use callboard_fake_model::Behaviour;
use serde_json::{Value, json};

use crate::house::House;
use crate::support::store::Store;

on_both! {
    every_filter_finds_what_it_says_on_pages_of_every_length
    a_row_is_the_run_without_what_grows_with_it
    a_path_has_the_visits_that_a_run_carried_out
    a_stretch_of_time_has_the_runs_that_were_created_in_it
    a_list_that_cannot_be_is_refused
    a_walk_over_a_growing_list_sees_each_run_once
}

/// Runs in all states, of two projects, three workflows and two ways to start: newest first.
async fn crowd(house: &House) -> Vec<Value> {
    let client = house.client;
    client.apply(&house.file().replace("project: p", "project: q")).await.is(200);
    house.model.push(Behaviour::status(400, "{}").when("fails"));
    house.model.push(Behaviour::hang().when("hangs"));
    let mut ids = Vec::new();
    for (workflow, input) in [
        ("p/work", "fine"),
        ("q/work", "fails"),
        ("p/play", "fine"),
        ("p/work", "hangs"),
        ("q/work", "hangs"),
        ("p/work", "fails"),
        ("q/play", "fine"),
    ] {
        for by_hand in [true, false] {
            let body = json!({ "workflow": workflow, "input": input });
            let id = if by_hand {
                let (project, name) = workflow.split_once('/').unwrap();
                let list = format!("projects/{}/workflows", if project == "p" { 1 } else { 2 });
                let path = format!("workflows/{}/runs", house.part(&list, name).await);
                client.post(&path, &json!({ "input": input })).await.is(201)["id"].clone()
            } else {
                client.post("trigger", &body).await.is(201)["run_id"].clone()
            };
            let id = id.as_i64().unwrap();
            if input == "hangs" && by_hand {
                client.post(&format!("runs/{id}/stop"), &json!({})).await.is(202);
            }
            if input != "hangs" || by_hand {
                house.ended(id).await;
            }
            ids.insert(0, id);
        }
    }
    let mut runs = Vec::new();
    for id in ids {
        runs.push(client.get(&format!("runs/{id}")).await.is(200));
    }
    runs
}

/// All runs of a list, by pages of that length.
async fn walk(house: &House, filter: &str, limit: u64) -> Vec<i64> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = house.client.get(&format!("runs?limit={limit}{filter}{cursor}")).await.is(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() as u64 <= limit);
        found.extend(items.iter().map(|run| run["id"].as_i64().unwrap()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&after={next}"),
            None => return found,
        }
        assert_eq!(items.len() as u64, limit, "only the last page is short");
    }
}

async fn every_filter_finds_what_it_says_on_pages_of_every_length(store: Store) {
    let house = House::with_project(store).await;
    let runs = crowd(&house).await;
    let of = |values: &[&str]| {
        [vec![None], values.iter().map(|value| Some((*value).to_owned())).collect()].concat()
    };
    let workflows: Vec<String> = runs.iter().map(|run| run["workflow_id"].to_string()).collect();
    let workflows: Vec<&str> = workflows.iter().map(String::as_str).chain(["9999"]).collect();
    let mut seen_some = 0;
    for project in of(&["1", "2", "3"]) {
        for workflow in of(&[workflows[0], workflows[5], "9999"]) {
            for status in of(&["pending", "running", "completed", "stopped", "error"]) {
                for source in of(&["manual", "api", "schedule", "rerun"]) {
                    let asked = [
                        ("project", "project_id", &project),
                        ("workflow", "workflow_id", &workflow),
                        ("status", "status", &status),
                    ];
                    let fits = |run: &&Value| {
                        let says = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
                        asked.iter().all(|(_, field, wanted)| {
                            wanted.as_ref().is_none_or(|wanted| says(&run[*field]) == *wanted)
                        }) && source.as_ref().is_none_or(|source| run["source"]["kind"] == **source)
                    };
                    let expected: Vec<i64> =
                        runs.iter().filter(fits).map(|run| run["id"].as_i64().unwrap()).collect();
                    let mut filter = String::new();
                    for (name, value) in
                        asked.iter().map(|(name, _, value)| (*name, *value)).chain([("source", &source)])
                    {
                        filter.extend(value.iter().map(|value| format!("&{name}={value}")));
                    }
                    for limit in [3, 1_000_000] {
                        assert_eq!(walk(&house, &filter, limit).await, expected, "{filter}");
                    }
                    seen_some += usize::from(!expected.is_empty());
                }
            }
        }
    }
    assert!(seen_some > 40, "{seen_some}");
    assert_eq!(walk(&house, "&trigger=1", 5).await, Vec::<i64>::new());
    assert_eq!(walk(&house, "", 1).await.len(), runs.len());
}

async fn a_row_is_the_run_without_what_grows_with_it(store: Store) {
    let house = House::with_project(store).await;
    for mut run in crowd(&house).await {
        let list = house.client.get(&format!("runs?limit=1&after={}", run["id"].as_i64().unwrap() + 1)).await;
        let mut row = list.is(200)["items"][0].clone();
        let whole = run.as_object_mut().unwrap();
        whole.remove("visits").unwrap();
        whole.remove("memory").unwrap();
        whole.remove("asks").unwrap();
        whole.remove("interrupted").unwrap();
        if whole["ended_at"].is_null() {
            // It goes on getting older.
            whole.remove("duration_ms").unwrap();
            row.as_object_mut().unwrap().remove("duration_ms").unwrap();
        }
        assert_eq!(row, run);
    }
}

async fn a_path_has_the_visits_that_a_run_carried_out(store: Store) {
    let house = House::with_project(store).await;
    let runs = crowd(&house).await;
    let list = house.client.get("runs?path=true").await.is(200);
    let mut with_visits = 0;
    for (run, row) in runs.iter().zip(list["items"].as_array().unwrap()) {
        let ended = run["visits"].as_array().unwrap().iter().filter(|visit| !visit["ended_at"].is_null());
        let short: Vec<Value> = ended
            .map(|visit| {
                let mut short = json!({});
                for field in ["visit", "stage", "name", "status", "duration_ms"] {
                    short[field] = visit[field].clone();
                }
                if !visit["outcome"].is_null() {
                    short["outcome"] = visit["outcome"].clone();
                }
                short
            })
            .collect();
        with_visits += usize::from(!short.is_empty());
        assert_eq!(row["path"], Value::from(short), "{run}");
    }
    assert!(with_visits > 6, "{with_visits}");
    assert!(house.client.get("runs").await.is(200)["items"][0]["path"].is_null());
}

async fn a_stretch_of_time_has_the_runs_that_were_created_in_it(store: Store) {
    let house = House::with_project(store).await;
    let runs = crowd(&house).await;
    let created = |run: &Value| run["created_at"].as_str().unwrap().to_owned();
    for (query, wanted) in [("since", true), ("until", false)] {
        for edge in &runs {
            let fits = |run: &&Value| (created(run) >= created(edge)) == wanted;
            let ids: Vec<i64> = runs.iter().filter(fits).map(|run| run["id"].as_i64().unwrap()).collect();
            assert_eq!(walk(&house, &format!("&{query}={}", created(edge)), 3).await, ids);
            let stopped: Vec<i64> = runs
                .iter()
                .filter(fits)
                .filter(|run| run["status"] == "stopped")
                .map(|run| run["id"].as_i64().unwrap())
                .collect();
            assert_eq!(walk(&house, &format!("&status=stopped&{query}={}", created(edge)), 1).await, stopped);
        }
    }
    assert_eq!(walk(&house, "&since=2999-01-01T00:00:00Z", 3).await, Vec::<i64>::new());
    assert_eq!(walk(&house, "&until=1999-01-01T00:00:00Z", 3).await, Vec::<i64>::new());
}

async fn a_list_that_cannot_be_is_refused(store: Store) {
    let house = House::with_project(store).await;
    let huge = "9".repeat(5_000);
    for (query, code) in [
        ("limit=0", "limit_invalid"),
        ("limit=-1", "parameter_invalid"),
        ("limit=1.5", "parameter_invalid"),
        ("limit=", "parameter_invalid"),
        ("limit=%00", "parameter_invalid"),
        ("after=x", "cursor_invalid"),
        ("after=", "cursor_invalid"),
        ("after=-5", "cursor_invalid"),
        ("after=%00", "cursor_invalid"),
        ("after=%FF", "cursor_invalid"),
        ("after=9223372036854775808", "cursor_invalid"),
        (&*format!("after={huge}"), "cursor_invalid"),
        ("status=done", "parameter_invalid"),
        ("status=Running", "parameter_invalid"),
        ("status=", "parameter_invalid"),
        ("source=me", "parameter_invalid"),
        ("project=x", "parameter_invalid"),
        ("project=9223372036854775808", "parameter_invalid"),
        ("project=1%00", "parameter_invalid"),
        ("unheard_of=1", "parameter_invalid"),
        ("status=running&status=error", "parameter_invalid"),
        ("limit=1&limit=1", "parameter_invalid"),
        ("limit=%GG", "parameter_invalid"),
        ("since=yesterday", "parameter_invalid"),
        ("path=1", "parameter_invalid"),
        ("=", "parameter_invalid"),
    ] {
        house.client.get(&format!("runs?{query}")).await.refused(400, code);
    }
    for query in ["limit=18446744073709551615", "after=9223372036854775807", "after=0", "project=-1", "", "&"]
    {
        assert_eq!(house.client.get(&format!("runs?{query}")).await.is(200)["items"], json!([]), "{query}");
    }
}

async fn a_walk_over_a_growing_list_sees_each_run_once(store: Store) {
    let house = House::with_project(store).await;
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.insert(0, house.start(json!("x")).await);
    }
    let mut seen = Vec::new();
    let mut path = "runs?limit=2".to_owned();
    for _ in 0..3 {
        let page = house.client.get(&path).await.is(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|run| run["id"].as_i64().unwrap()));
        path = format!("runs?limit=2&after={}", page["next"].as_str().unwrap_or_default());
        house.start(json!("new")).await;
    }
    assert_eq!(seen, ids);
}
