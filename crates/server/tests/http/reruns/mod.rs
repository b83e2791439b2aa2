//! Going on from a stage of an ended run, over HTTP.

mod beside;
mod refused;
mod several;
mod source;
mod taken_over;

use callboard_fake_model::{Behaviour, Format};
use serde_json::{Value, json};

use crate::house::House;
use crate::support::store::Store;

/// A workflow with a loop, shared memory, a document, and three ways out of its review.
const STAGES: &str = "
      - { id: facts, name: Facts, task: 'Gather facts on {{ input }}.', agents: [{ agent: a, tools: [write_file, read_file] }] }
      - { id: draft, name: Draft, task: Write with the facts., agents: [{ agent: a, tools: [write_file, read_file] }] }
      - { id: review, name: Review, task: Judge the draft., agents: [b], outcomes: { revise: draft, good: next, bad: end } }
      - { id: print, name: Print, task: Print it., agents: [{ agent: a, tools: [read_file] }] }";

/// The project with those stages.
fn file(house: &House, stages: &str) -> String {
    format!(
        "project: p
models:
  main: {{ provider: openai-compatible, model: m, base_url: '{0}' }}
  other: {{ provider: openai-compatible, model: o, base_url: '{0}' }}
teams: {{ desk: {{ model: main, agents: {{ a: {{ role: A }}, b: {{ role: B }} }} }} }}
workflows:
  work:
    team: desk
    stages:{stages}
",
        house.model.base_url(Format::Openai)
    )
}

fn completes(result: &str) -> Behaviour {
    let given = json!({ "result": result, "summary": format!("In short: {result}") });
    Behaviour::call("complete", given).usage(100, 10)
}

fn judges(outcome: &str) -> Behaviour {
    let given = json!({ "result": format!("It is {outcome}."), "outcome": outcome, "summary": "Judged." });
    Behaviour::call("complete", given).usage(100, 10).agent("You are b.")
}

/// A house with a run that has ended: facts, draft, review (revise), draft, review (good), print.
async fn with_source(store: Store) -> (House, i64) {
    let house = House::open(store).await;
    house.client.apply(&file(&house, STAGES)).await.is(200);
    let share = json!({ "key": "facts", "value": { "owls": ["hoot", 3] } });
    let write = |text: &str| json!({ "path": "notes.md", "text": text });
    let facts = Behaviour::call("share_result", share).and_call("write_file", write("First notes."));
    house.model.push(facts.when("Gather").times(1));
    house.model.push(Behaviour::call("write_file", write("Second notes.")).when("Write with").times(1));
    house.model.push(judges("revise").times(1));
    house.model.push(judges("good"));
    house.model.push(completes("Done.").agent("You are a."));
    let id = house.start(json!("owls")).await;
    let run = house.ended(id).await;
    assert_eq!(run["status"], "completed", "{run}");
    assert_eq!(path(&run), ["facts", "draft", "review:revise", "draft", "review:good", "print"]);
    (house, id)
}

/// The stages of a run's visits, with their outcomes.
fn path(run: &Value) -> Vec<String> {
    let visits = run["visits"].as_array().unwrap().iter();
    let step = |visit: &Value| match visit["outcome"].as_str() {
        Some(outcome) => format!("{}:{outcome}", visit["stage"].as_str().unwrap()),
        None => visit["stage"].as_str().unwrap().to_owned(),
    };
    visits.map(step).collect()
}

/// Starts a re-run, and gives its number.
async fn rerun(house: &House, source: i64, body: Value) -> i64 {
    let run = house.client.post(&format!("runs/{source}/rerun"), &body).await.is(201);
    run["id"].as_i64().unwrap()
}

/// Everything that can be read of a run, byte for byte.
async fn everything(house: &House, id: i64) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let mut paths = vec![
        format!("runs/{id}"),
        format!("runs/{id}/events?limit=1000"),
        format!("runs/{id}/memory"),
        format!("runs/{id}/documents"),
    ];
    let run = house.client.get(&paths[0]).await.is(200);
    for visit in run["visits"].as_array().unwrap() {
        paths.push(format!("runs/{id}/visits/{}/result.md", visit["visit"]));
    }
    let documents = house.client.get(&paths[3]).await.is(200);
    for document in documents["items"].as_array().unwrap() {
        paths.push(format!("runs/{id}/documents/{}", document["path"].as_str().unwrap()));
    }
    for event in house.events(id).await.iter().filter(|event| event["kind"] == "model_call_started") {
        paths.push(format!("runs/{id}/calls/{}", event["call"]));
    }
    for path in paths {
        let answer = house.client.get(&path).await;
        all.push([path.as_bytes(), answer.status.to_string().as_bytes(), &answer.body].concat());
    }
    assert!(all.len() > 12, "{}", all.len());
    all
}
