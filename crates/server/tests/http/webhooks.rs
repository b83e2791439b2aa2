//! Webhooks as those who call them meet them: what becomes of a call, and what is told of it afterwards.

use callboard_engine::time::Time;
use callboard_server::clock::Clock;
use callboard_server::secret::Secret;
use callboard_server::secret::signature::sign;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::client::{Answer, Call};
use crate::house::House;
use crate::support::store::Store;

on_both! {
    a_call_starts_a_run_whose_input_is_the_body
    an_address_stays_what_it_is_and_is_shown_again
    a_template_shapes_the_input_and_a_filter_passes_calls_over
    githubs_documented_example_starts_a_run
    a_standard_webhook_starts_one_run_for_each_id
    a_shared_secret_is_looked_for_in_a_header
    a_token_that_was_replaced_answers_as_long_as_it_is_told_to
    what_is_paused_gone_or_unknown_takes_no_calls
    a_body_may_have_a_mebibyte
    a_page_from_elsewhere_may_call_a_webhook_and_nothing_else
    odd_calls_are_never_the_fault_of_the_server
    the_newest_fifty_calls_are_kept_with_what_became_of_them
    nothing_that_may_be_a_secret_is_shown
}

/// Callers that ask at once.
const AT_ONCE: usize = 16;

const GITHUB: &str = "It's a Secret to Everybody";
const STANDARD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A house with webhooks of every kind, and where each is called.
struct Hooked {
    house: House,
    applied: Value,
}

impl Hooked {
    async fn open(store: Store) -> Self {
        let house = House::with_project(store).await;
        let triggers = "project: p
triggers:
  any: { workflow: play, webhook: true }
  shaped:
    workflow: play
    webhook:
      when: body.ref == 'refs/heads/main'
      input: \"{{ {'ref': body.ref, 'event': headers['x-github-event'] | default('none'), 'to': query.to | default('all')} }}\"
  told: { workflow: play, webhook: { input: 'Look at {{ body.name }}.' } }
  github: { workflow: play, webhook: { verify: github, secret: { secret: gh } } }
  standard: { workflow: play, webhook: { verify: standard-webhooks, secret: { secret: std } } }
  shared: { workflow: play, webhook: { verify: header, secret: { secret: gh } } }
  own: { workflow: play, webhook: { verify: header, header: X-Our-Key, secret: { secret: gh } } }
  keyless: { workflow: play, webhook: { verify: github, secret: { secret: nobody } } }
  never: { workflow: play, webhook: { when: 'false' } }
  daily: { workflow: play, schedule: '0 9 * * *' }
";
        let applied = house.client.apply(triggers).await.is(200);
        for (name, value) in [("gh", GITHUB), ("std", STANDARD)] {
            let path = format!("projects/1/secrets/{name}");
            house.client.call("PUT", &path).json(&json!({ "value": value })).send().await.is(200);
        }
        Self { house, applied }
    }

    fn id(&self, name: &str) -> i64 {
        self.applied["triggers"][name]["id"].as_i64().unwrap()
    }

    fn path(&self, name: &str) -> String {
        self.path_of(self.applied["triggers"][name]["webhook_url"].as_str().unwrap())
    }

    fn path_of(&self, url: &str) -> String {
        url.strip_prefix(&format!("http://{}", self.house.client.address)).unwrap().to_owned()
    }

    fn call(&self, name: &str) -> Call {
        self.house.client.call("POST", &self.path(name))
    }

    async fn run(&self, answer: Answer) -> Value {
        let id = answer.is(201)["run_id"].as_i64().unwrap();
        self.house.client.get(&format!("runs/{id}")).await.is(200)
    }

    async fn calls(&self, name: &str) -> Vec<Value> {
        let path = format!("triggers/{}/deliveries", self.id(name));
        self.house.client.get(&path).await.is(200)["items"].as_array().unwrap().clone()
    }
}

async fn a_call_starts_a_run_whose_input_is_the_body(store: Store) {
    let hooked = Hooked::open(store).await;
    let body = json!({ "ref": "refs/heads/main", "n": [1, null] });
    let answer = hooked.call("any").json(&body).send().await;
    let id = answer.json()["run_id"].as_i64().unwrap();
    let address = hooked.house.client.address;
    assert_eq!(answer.json()["url"], format!("http://{address}/runs/{id}"));
    assert_eq!(answer.header("location"), format!("/api/v1/runs/{id}"));
    let run = hooked.run(answer).await;
    assert_eq!(run["input"], body);
    assert_eq!(run["source"]["kind"], "webhook");
    assert_eq!(run["source"]["trigger_id"], hooked.id("any"));
    let list = hooked.house.client.get(&format!("runs?trigger={}", hooked.id("any"))).await.is(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    for (kind, body, input) in [
        ("text/plain", "just words", json!("just words")),
        ("application/x-www-form-urlencoded", "a=1&b=2", json!({ "a": "1", "b": "2" })),
        ("application/json", "7", json!(7)),
        ("application/json", "", json!(null)),
    ] {
        let run = hooked.run(hooked.call("any").body(kind, body).send().await).await;
        assert_eq!(run["input"], input, "{kind} {body}");
    }
    hooked.house.ended(id).await;
}

async fn an_address_stays_what_it_is_and_is_shown_again(store: Store) {
    let mut hooked = Hooked::open(store).await;
    let path = hooked.path("any");
    let token = path.strip_prefix("/api/v1/hooks/").unwrap();
    assert_eq!(token.len(), 43);
    assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')));
    assert_eq!(hooked.applied["triggers"]["daily"].get("webhook_url"), None);
    assert_eq!(hooked.applied.get("warnings"), None, "{}", hooked.applied);
    // Applied again, sent again under a key, read and listed, it is the same.
    let file = "project: p\ntriggers: { any: { workflow: play, webhook: true } }";
    for _ in 0..2 {
        let again =
            hooked.house.client.call("POST", "projects/apply").key("k").yaml(file).send().await.is(200);
        assert_eq!(hooked.path_of(again["triggers"]["any"]["webhook_url"].as_str().unwrap()), path);
    }
    let read = format!("triggers/{}", hooked.id("any"));
    let trigger = hooked.house.client.get(&read).await.is(200);
    assert_eq!(hooked.path_of(trigger["webhook_url"].as_str().unwrap()), path);
    let play = hooked.house.workflow("play").await;
    let listed = hooked.house.client.get(&format!("workflows/{play}/triggers")).await.is(200);
    let urls = listed["items"].as_array().unwrap().iter().filter_map(|one| one["webhook_url"].as_str());
    let mut urls: Vec<&str> = urls.collect();
    assert_eq!(urls.len(), 9);
    urls.sort_unstable();
    urls.dedup();
    assert_eq!(urls.len(), 9, "each has its own");
    // The server listens elsewhere after a restart; the token stays.
    hooked.house.restart().await;
    let trigger = hooked.house.client.get(&read).await.is(200);
    assert_eq!(hooked.path_of(trigger["webhook_url"].as_str().unwrap()), path);
    hooked.house.client.call("POST", &path).json(&json!(1)).send().await.is(201);
}

async fn a_template_shapes_the_input_and_a_filter_passes_calls_over(store: Store) {
    let hooked = Hooked::open(store).await;
    let path = format!("{}?to=a&to=b", hooked.path("shaped"));
    let call = hooked.house.client.call("POST", &path).header("x-github-event", "push");
    let run = hooked.run(call.json(&json!({ "ref": "refs/heads/main" })).send().await).await;
    assert_eq!(run["input"], json!({ "ref": "refs/heads/main", "event": "push", "to": ["a", "b"] }));
    for body in [json!({ "ref": "refs/heads/other" }), json!({ "zen": "ping" }), json!([1]), json!("x")] {
        let passed = hooked.call("shaped").json(&body).send().await.is(202);
        assert_eq!(passed, json!({ "filtered": true }), "{body}");
    }
    let run = hooked.run(hooked.call("told").json(&json!({ "name": "owls" })).send().await).await;
    assert_eq!(run["input"], "Look at owls.");
    hooked.call("told").json(&json!({})).send().await.refused(422, "template_value_missing");
    let calls = hooked.calls("shaped").await;
    let statuses: Vec<u64> = calls.iter().map(|call| call["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [202, 202, 202, 202, 201]);
    assert_eq!(calls[4]["headers"]["x-github-event"], "push");
    assert_eq!(hooked.house.client.get("runs").await.is(200)["items"].as_array().unwrap().len(), 2);
}

async fn githubs_documented_example_starts_a_run(store: Store) {
    let hooked = Hooked::open(store).await;
    let right = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let call = |signature: &str, delivery: &str| {
        let call = hooked.call("github").header("x-hub-signature-256", signature);
        call.header("x-github-delivery", delivery).body("text/plain", "Hello, World!").send()
    };
    let first = hooked.run(call(right, "one").await).await;
    assert_eq!(first["input"], "Hello, World!");
    // Delivered again, it is the same run; another delivery is another.
    assert_eq!(call(right, "one").await.is(201)["run_id"], first["id"]);
    assert_ne!(call(right, "two").await.is(201)["run_id"], first["id"]);
    call(&right.replace('7', "8"), "one").await.refused(401, "signature_wrong");
    hooked.call("github").body("text/plain", "Hello, World!").send().await.refused(401, "signature_missing");
    let other = hooked.call("github").header("x-hub-signature-256", right).body("text/plain", "Hello!");
    other.send().await.refused(401, "signature_wrong");
    let keyless = hooked.call("keyless").header("x-hub-signature-256", right);
    keyless.body("text/plain", "Hello, World!").send().await.refused(422, "secret_missing");
}

/// A call signed as Standard Webhooks says, so many seconds ago.
fn signed(call: Call, id: &str, ago: i64, body: &str) -> Call {
    let seconds = Clock::system().now().as_millis() / 1000 - ago;
    let signature = sign(&Secret::new(STANDARD), id, seconds, body.as_bytes()).unwrap();
    let call = call.header("webhook-id", id).header("webhook-timestamp", seconds.to_string());
    call.header("webhook-signature", signature).body("application/json", body.to_owned())
}

async fn a_standard_webhook_starts_one_run_for_each_id(store: Store) {
    let hooked = Hooked::open(store).await;
    let call = |id: &str, ago: i64| signed(hooked.call("standard"), id, ago, r#"{"type":"a"}"#).send();
    let answers = join_all((0..AT_ONCE).map(|_| call("msg_1", 0))).await;
    let ids: Vec<Value> = answers.into_iter().map(|answer| answer.is(201)["run_id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(hooked.house.client.get("runs").await.is(200)["items"].as_array().unwrap().len(), 1);
    let run = hooked.house.client.get(&format!("runs/{}", ids[0])).await.is(200);
    assert_eq!(run["input"], json!({ "type": "a" }));
    assert_ne!(call("msg_2", 0).await.is(201)["run_id"], ids[0]);
    // What was recorded and is sent later is too old.
    call("msg_3", 400).await.refused(401, "signature_expired");
    call("msg_4", -400).await.refused(401, "signature_expired");
    let forged = hooked.call("standard").header("webhook-id", "msg_5").header("webhook-timestamp", "1");
    forged
        .header("webhook-signature", "v1,AAAA")
        .json(&json!({}))
        .send()
        .await
        .refused(401, "signature_wrong");
    let calls = hooked.calls("standard").await;
    let of_first: Vec<&Value> = calls.iter().filter(|call| call["run_id"] == ids[0]).collect();
    assert_eq!(of_first.len(), AT_ONCE, "every call is noted: {calls:#?}");
    assert_eq!(of_first.iter().filter(|call| call["reason"] == Value::Null).count(), 1);
}

async fn a_shared_secret_is_looked_for_in_a_header(store: Store) {
    let hooked = Hooked::open(store).await;
    for (trigger, header, value, status) in [
        ("shared", "x-webhook-secret", GITHUB, 201),
        ("shared", "x-gitlab-token", GITHUB, 201),
        ("shared", "authorization", &format!("Bearer {GITHUB}"), 201),
        ("shared", "x-webhook-secret", "It's", 401),
        ("shared", "x-our-key", GITHUB, 401),
        ("own", "x-our-key", GITHUB, 201),
        ("own", "x-webhook-secret", GITHUB, 401),
    ] {
        let answer = hooked.call(trigger).header(header, value).json(&json!({})).send().await;
        assert_eq!(answer.status, status, "{trigger} {header}: {answer}");
    }
}

async fn a_token_that_was_replaced_answers_as_long_as_it_is_told_to(store: Store) {
    let hooked = Hooked::open(store).await;
    let client = hooked.house.client;
    let rotate = format!("triggers/{}/rotate", hooked.id("any"));
    let call = async |path: &str| client.call("POST", path).json(&json!({})).send().await.status;
    let old = hooked.path("any");
    let rotated = client.post(&rotate, &json!({ "grace_s": 3600 })).await.is(200);
    let new = hooked.path_of(rotated["webhook_url"].as_str().unwrap());
    assert!(rotated["old_answers_until"].is_string(), "{rotated}");
    assert_ne!(old, new);
    assert_eq!((call(&old).await, call(&new).await), (201, 201));
    let shown = client.get(&format!("triggers/{}", hooked.id("any"))).await.is(200);
    assert_eq!(shown["webhook_url"], rotated["webhook_url"]);
    // Without a grace both are over at once.
    let rotated = client.post(&rotate, &json!({})).await.is(200);
    let newest = hooked.path_of(rotated["webhook_url"].as_str().unwrap());
    assert_eq!(rotated["old_answers_until"], Value::Null);
    assert_eq!((call(&old).await, call(&new).await, call(&newest).await), (404, 404, 201));
    client.post(&rotate, &json!({ "grace_s": 9_999_999 })).await.refused(422, "grace_too_long");
    let daily = format!("triggers/{}/rotate", hooked.id("daily"));
    client.post(&daily, &json!({})).await.refused(409, "not_a_webhook");
    client.post("triggers/999/rotate", &json!({})).await.refused(404, "trigger_not_found");
}

async fn what_is_paused_gone_or_unknown_takes_no_calls(store: Store) {
    let hooked = Hooked::open(store).await;
    let client = hooked.house.client;
    let trigger = format!("triggers/{}", hooked.id("any"));
    client.patch(&trigger, &json!({ "enabled": false })).await.is(200);
    hooked.call("any").json(&json!({})).send().await.refused(409, "trigger_disabled");
    assert_eq!(hooked.calls("any").await[0]["code"], "trigger_disabled");
    client.patch(&trigger, &json!({ "enabled": true })).await.is(200);
    hooked.call("any").json(&json!({})).send().await.is(201);
    client.delete(&trigger).await.is(204);
    hooked.call("any").json(&json!({})).send().await.refused(404, "webhook_not_found");
    client.get(&format!("{trigger}/deliveries")).await.refused(404, "trigger_not_found");
    let unknown = "A".repeat(43);
    for token in [unknown.as_str(), "x", "%00", "%ff", "a%2fb", "..%2f..%2fruns"] {
        let answer = client.call("POST", &format!("/api/v1/hooks/{token}")).json(&json!({})).send().await;
        assert!([400, 404].contains(&answer.status), "{token}: {answer}");
    }
    client.get(&hooked.path("told")).await.refused(405, "method_not_allowed");
}

async fn a_body_may_have_a_mebibyte(store: Store) {
    let hooked = Hooked::open(store).await;
    let most = 1024 * 1024;
    let send = |bytes: usize| hooked.call("never").body("text/plain", vec![b'x'; bytes]).send();
    send(most).await.is(202);
    send(most + 1).await.refused(413, "body_too_large");
    let calls = hooked.calls("never").await;
    assert_eq!((&calls[0]["status"], &calls[1]["bytes"]), (&json!(413), &json!(most)));
}

async fn a_page_from_elsewhere_may_call_a_webhook_and_nothing_else(store: Store) {
    let hooked = Hooked::open(store).await;
    let client = hooked.house.client;
    let foreign = ("origin", "https://example.org");
    hooked.call("any").header(foreign.0, foreign.1).json(&json!({})).send().await.is(201);
    let trigger = client.call("POST", "trigger").header(foreign.0, foreign.1);
    trigger.json(&json!({ "workflow": "p/play" })).send().await.refused(403, "origin_refused");
    let rotate = client.call("POST", &format!("triggers/{}/rotate", hooked.id("any")));
    rotate.header(foreign.0, foreign.1).json(&json!({})).send().await.refused(403, "origin_refused");
    // Without accounts the server is for its own machine alone, whatever is called.
    let path = hooked.path("any");
    let raw = format!("POST {path} HTTP/1.1\r\nhost: example.org\r\ncontent-length: 0\r\n\r\n");
    client.raw(raw.as_bytes()).await.unwrap().refused(403, "host_refused");
}

async fn odd_calls_are_never_the_fault_of_the_server(store: Store) {
    let hooked = Hooked::open(store).await;
    let client = hooked.house.client;
    let deep = ["[".repeat(5_000), "]".repeat(5_000)].concat().into_bytes();
    let wide = format!("{{{}}}", (0..20_000).map(|n| format!("\"k{n}\":{n}")).collect::<Vec<_>>().join(","));
    let bodies: [&[u8]; 12] = [
        b"",
        b"\0",
        b"\xff\xfe\xfd",
        b"{\"a\":\"\\u0000\"}",
        b"{\"a\\u0000\":1}",
        b"{\"a\":1e999}",
        b"[1,2",
        b"\"\\ud800\"",
        &deep,
        wide.as_bytes(),
        b"a=%ff&b=%00&=&&&a",
        b"payload=%7B",
    ];
    let kinds =
        ["application/json", "text/plain", "application/x-www-form-urlencoded", "nonsense", "\u{e9}/;;;"];
    for trigger in ["any", "shaped", "told", "standard", "github"] {
        for kind in kinds {
            for body in bodies {
                let answer = hooked.call(trigger).body(kind, body.to_vec()).send().await;
                assert!(answer.status < 500, "{trigger} {kind} {:?}: {answer}", body.get(..40));
            }
        }
    }
    // Heads that are large or odd.
    let long = "x".repeat(30_000);
    for (name, value) in [
        ("x-long", long.as_str()),
        ("webhook-id", &long),
        ("idempotency-key", ""),
        ("x-github-delivery", "\u{e9}"),
    ] {
        let answer = hooked.call("any").header(name, value).json(&json!({})).send().await;
        assert!(answer.status < 500, "{name}: {answer}");
    }
    let many = (0..90).fold(hooked.call("any"), |call, n| call.header(&format!("x-{n}"), "y"));
    assert!(many.json(&json!({})).send().await.status < 500);
    let path = hooked.path("any");
    for query in ["?", "?&&==&", "?a=%ff%00", "?a[b]=c", "?%"] {
        let answer = client.call("POST", &format!("{path}{query}")).json(&json!({})).send().await;
        assert!(answer.status < 500, "{query}: {answer}");
    }
    // A body that does not come whole.
    let cut = format!("POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: 9\r\n\r\n{{}}", client.address);
    let mut stream = tokio::net::TcpStream::connect(client.address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, cut.as_bytes()).await.unwrap();
    drop(stream);
    hooked.call("any").json(&json!({})).send().await.is(201);
}

async fn the_newest_fifty_calls_are_kept_with_what_became_of_them(store: Store) {
    let hooked = Hooked::open(store).await;
    let before = Clock::system().now();
    for number in 0..55 {
        let call = hooked.call("never").header("x-request-id", number.to_string());
        call.body("text/plain", format!("{number}")).send().await.is(202);
    }
    let calls = hooked.calls("never").await;
    let numbers = calls.iter().map(|call| call["headers"]["x-request-id"].as_str().unwrap().parse().unwrap());
    assert_eq!(numbers.collect::<Vec<i32>>(), (5..55).rev().collect::<Vec<_>>());
    let newest = &calls[0];
    assert_eq!((&newest["status"], &newest["bytes"]), (&json!(202), &json!(2)));
    assert_eq!(newest["headers"]["content-type"], "text/plain");
    assert_eq!((&newest["run_id"], &newest["code"]), (&Value::Null, &Value::Null));
    assert!(newest["reason"].as_str().unwrap().contains("filter"), "{newest}");
    let at: Time = serde_json::from_value(newest["at"].clone()).unwrap();
    assert!(at >= before);
}

async fn nothing_that_may_be_a_secret_is_shown(store: Store) {
    let hooked = Hooked::open(store).await;
    let call = hooked.call("own").header("x-our-key", GITHUB).header("authorization", "Bearer hush");
    let id = call.header("cookie", "hush").json(&json!({ "a": 1 })).send().await.is(201)["run_id"].clone();
    hooked
        .call("own")
        .header("x-our-key", "hush")
        .json(&json!({}))
        .send()
        .await
        .refused(401, "signature_wrong");
    let run = hooked.house.ended(id.as_i64().unwrap()).await;
    let events = json!(hooked.house.events(id.as_i64().unwrap()).await).to_string();
    let calls = json!(hooked.calls("own").await).to_string();
    let token = hooked.path("own").replace("/api/v1/hooks/", "");
    for shown in [run.to_string(), events, calls] {
        assert!(!shown.contains("hush") && !shown.contains(GITHUB) && !shown.contains(&token), "{shown}");
    }
}
