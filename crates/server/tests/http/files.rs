//! Project files that are none: refused at once, whatever they would grow into.

use std::time::Instant;

use serde_json::json;

use crate::client::WAIT_MAX;
use crate::house::House;
use crate::support::store::Store;

on_both! {
    a_file_that_cannot_be_read_is_refused_with_its_place
    a_file_that_would_grow_without_end_is_refused_at_once
    a_file_is_a_file_whatever_it_is_called
}

async fn a_file_that_cannot_be_read_is_refused_with_its_place(store: Store) {
    let house = House::with_project(store).await;
    let before = house.client.get("projects/1/export").await;
    let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    for file in [
        b"".to_vec(),
        b" \n".to_vec(),
        b"\0".to_vec(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"7".to_vec(),
        b"---\n---\n".to_vec(),
        b"project: p\n---\nproject: q\n".to_vec(),
        b"project: p\nmodels: &a\n  x: *b\n".to_vec(),
        b"project: p\n<<: { timezone: UTC }\n".to_vec(),
        b"project: !!binary aGk=\n".to_vec(),
        b"project: !ruby/object:Gem {}\n".to_vec(),
        b"project: [p]\n".to_vec(),
        b"project: p\nproject: p\n".to_vec(),
        b"{\"project\": \"p\", \"project\": \"p\"}".to_vec(),
        b"project: caf\xe9\n".to_vec(),
        b"project: \"\xff\xfe\"\n".to_vec(),
        b"project: \"a\\0b\"\n".to_vec(),
        b"{\"project\": \"a\\u0000b\"}".to_vec(),
        b"{\"project\": \"\\ud800\"}".to_vec(),
        b"project: \"\\ud800\"\n".to_vec(),
        utf16("project: p\n"),
        [b"\xff\xfe".to_vec(), utf16("project: q\n")].concat(),
        b"project: p\n\tmodels: {}\n".to_vec(),
        b"? {a: b}\n: c\n".to_vec(),
        b"{project: p".to_vec(),
        b"%YAML 9.9\n---\nproject: [\n".to_vec(),
        format!("project: {}\n", "x".repeat(10_000)).into_bytes(),
        format!("project: p\n# {}\n", "x".repeat(1_500_000)).into_bytes(),
        format!("project: p\nmodels: {{ {}: {{ provider: simulated }} }}\n", "m".repeat(5_000)).into_bytes(),
        b"<?xml version=\"1.0\"?><project/>".to_vec(),
        b"\x7fELF\x02\x01\x01\0\0".to_vec(),
    ] {
        let shown = String::from_utf8_lossy(&file[..file.len().min(60)]).into_owned();
        for kind in ["application/yaml", "application/json"] {
            let answer = house.client.call("POST", "projects/apply").body(kind, file.clone()).send().await;
            let problem = answer.refused(422, "invalid_project");
            let first = &problem["errors"][0];
            assert!(first["line"].is_number() && first["column"].is_number(), "{shown:?}: {problem}");
        }
        house.client.get("/healthz").await.is(200);
    }
    assert_eq!(house.client.get("projects/1/export").await.body, before.body);
    assert_eq!(house.client.get("projects").await.is(200)["items"].as_array().unwrap().len(), 1);
}

async fn a_file_that_would_grow_without_end_is_refused_at_once(store: Store) {
    let house = House::open(store).await;
    let laughs = {
        let mut text = "project: p\na: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (from, to) in ('a'..'j').zip('b'..='j') {
            text.push_str(&format!("{to}: &{to} [{}]\n", vec![format!("*{from}"); 9].join(", ")));
        }
        text
    };
    let many =
        (0..60_000).map(|number| format!("  m{number}: {{ provider: simulated }}\n")).collect::<String>();
    let wide = format!(
        "project: p\nmodels: {{ m: {{ provider: simulated, script: [{}] }} }}\n",
        "{},".repeat(200_000)
    );
    for (name, file) in [
        ("laughs", laughs),
        ("maps in maps", format!("project: p\nmodels: {}{}\n", "{a: ".repeat(100_000), "}".repeat(100_000))),
        ("lists in lists", format!("project: p\nmodels: {}", "[".repeat(500_000))),
        ("closed lists", format!("project: p\nmodels: {}{}\n", "[".repeat(200_000), "]".repeat(200_000))),
        ("dashes", format!("project: p\nmodels:\n  {}", "- ".repeat(200_000))),
        ("steps", (0..900).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect()),
        ("JSON", format!("{{\"project\":\"p\",\"models\":{}{}}}", "[".repeat(300_000), "]".repeat(300_000))),
        ("many models", format!("project: p\nmodels:\n{many}")),
        ("wide", wide),
        ("itself", "project: p\nmodels: &a { b: *a }\n".to_owned()),
        ("merges", format!("project: p\nx: &x {{ a: 1 }}\n{}", "<<: *x\n".repeat(20_000))),
    ] {
        let begun = Instant::now();
        let answer = house.client.apply(&file).await;
        assert!([413, 422].contains(&answer.status), "{name}: {answer}");
        assert!(begun.elapsed() < WAIT_MAX / 4, "{name} took {:?}", begun.elapsed());
        assert!(answer.body.len() < 200_000, "{name}: an answer of {} bytes", answer.body.len());
        house.client.get("/healthz").await.is(200);
    }
    assert_eq!(house.client.get("projects").await.is(200)["items"], json!([]));
}

async fn a_file_is_a_file_whatever_it_is_called(store: Store) {
    let house = House::open(store).await;
    // What it is shows in its first letter; what a tool calls it differs from tool to tool.
    for kind in ["application/yaml", "application/x-yaml", "text/yaml", "application/json", "text/plain", ""]
    {
        let call = house.client.call("POST", "projects/apply").body(kind, "project: p\n");
        call.send().await.is(200);
        let call = house.client.call("POST", "projects/apply").body(kind, "\u{feff}{\"project\":\"p\"}\n");
        call.send().await.is(200);
    }
    assert_eq!(house.client.get("projects").await.is(200)["items"].as_array().unwrap().len(), 1);
}
