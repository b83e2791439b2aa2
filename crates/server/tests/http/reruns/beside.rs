//! Runs beside each other: families, and two runs compared.

use serde_json::{Value, json};

use super::{rerun, with_source};
use crate::support::store::Store;

on_both! {
    a_family_says_what_each_changed_and_what_all_of_it_cost
    two_runs_are_compared_side_by_side
}

async fn a_family_says_what_each_changed_and_what_all_of_it_cost(store: Store) {
    let (house, source) = with_source(store).await;
    let task = json!({ "stages": { "print": { "task": "Sing it." } } });
    let second = rerun(&house, source, json!({ "from_visit": 6, "overrides": task, "input": "mice" })).await;
    house.ended(second).await;
    let third = rerun(&house, second, json!({ "after_visit": 3, "outcome": "bad" })).await;
    house.ended(third).await;
    let mut families = Vec::new();
    for run in [source, second, third] {
        families.push(house.client.get(&format!("runs/{run}/family")).await.is(200));
    }
    assert!(families.windows(2).all(|pair| pair[0] == pair[1]), "it is the same from every side");
    let family = &families[0];
    assert_eq!(family["root"], source);
    let items = family["items"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    let descent = &items[1]["descent"];
    assert_eq!((&descent["run_id"], &descent["from_visit"]), (&json!(source), &json!(6)));
    assert_eq!((&descent["stage"], &descent["other_input"]), (&json!("print"), &json!(true)));
    assert_eq!((&descent["changed"], &descent["overrides"]), (&json!(["stages/print"]), &task));
    let descent = &items[2]["descent"];
    assert_eq!((&descent["run_id"], &descent["after_visit"]), (&json!(second), &json!(3)));
    assert_eq!((&descent["outcome"], &descent["changed"]), (&json!("bad"), &json!(["stages/print"])));
    let calls: u64 = items.iter().map(|item| item["kept"]["usage"]["model_calls"].as_u64().unwrap()).sum();
    assert_eq!(family["usage"]["model_calls"], calls);
}

async fn two_runs_are_compared_side_by_side(store: Store) {
    let (house, source) = with_source(store).await;
    let said = "Line one.\nLine two.\nLine three.";
    house.model.push_first(super::completes(said).when("Sing it").times(1));
    let task = json!({ "stages": { "print": { "task": "Sing it." } } });
    let sung = rerun(&house, source, json!({ "from_visit": 6, "overrides": task })).await;
    house.ended(sung).await;
    let short = rerun(&house, source, json!({ "after_visit": 3, "outcome": "bad", "input": "mice" })).await;
    house.ended(short).await;

    let told = house.client.get(&format!("runs/{source}/compare/{sung}")).await.is(200);
    assert_eq!(told["same_input"], true);
    let pairs = told["visits"].as_array().unwrap();
    assert_eq!(pairs.len(), 6);
    assert!(pairs[..5].iter().all(|pair| pair["result"]["same"] == true));
    let lines = pairs[5]["result"]["lines"].as_array().unwrap().iter();
    let lines: Vec<_> =
        lines.map(|line| (line["side"].as_str().unwrap(), line["text"].as_str().unwrap())).collect();
    assert_eq!(lines, [("a", "Done."), ("b", "Line one."), ("b", "Line two."), ("b", "Line three.")]);
    assert_eq!(told["result"]["lines"], pairs[5]["result"]["lines"]);
    assert_eq!(told["definition"]["stages"][0]["fields"][0]["after"], "Sing it.");
    assert!(told["b"]["figures"]["tokens"].as_u64() < told["a"]["figures"]["tokens"].as_u64());

    let told = house.client.get(&format!("runs/{source}/compare/{short}")).await.is(200);
    assert_eq!(
        (&told["same_input"], &told["b"]["path"]),
        (&json!(false), &json!(["facts", "draft", "review"]))
    );
    let sides: Vec<_> = told["visits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| (pair["stage"].as_str().unwrap().to_owned(), pair["nth"].clone(), pair["b"].is_null()))
        .collect();
    let expected: Vec<(String, Value, bool)> = [
        ("facts", 1, false),
        ("draft", 1, false),
        ("review", 1, false),
        ("draft", 2, true),
        ("review", 2, true),
        ("print", 1, true),
    ]
    .into_iter()
    .map(|(stage, nth, only_a)| (stage.to_owned(), json!(nth), only_a))
    .collect();
    assert_eq!(sides, expected);
    assert_eq!(
        (&told["visits"][2]["a"]["outcome"], &told["visits"][2]["b"]["outcome"]),
        (&json!("revise"), &json!("bad"))
    );
    let same = house.client.get(&format!("runs/{source}/compare/{source}")).await.is(200);
    assert_eq!((&same["result"]["same"], &same["memory"]), (&json!(true), &json!([])));
    house.client.get(&format!("runs/{source}/compare/999")).await.refused(404, "run_not_found");
}
