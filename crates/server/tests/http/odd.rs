//! Requests that nobody means: each is answered with a problem that says what is wrong, and the
//! server goes on.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::client::Answer;
use crate::house::House;
use crate::promise;
use crate::support::store::Store;

on_both! {
    a_number_that_is_none_is_refused_at_every_path
    a_body_that_cannot_be_read_is_refused_at_every_call
    a_body_says_what_it_is
    a_body_has_a_largest_length_and_comes_whole
    a_text_with_a_zero_character_is_refused_or_kept_and_never_fails
    a_field_or_parameter_that_is_not_known_is_refused
    a_path_or_method_that_is_not_there_is_refused
    a_file_outside_of_the_page_is_not_shown
    what_is_hardly_http_is_refused
    a_zero_character_in_a_path_is_refused
}

/// Whether an answer refuses in the way that the API does; the server lives in any case.
async fn refused(house: &House, told: &str, answer: &Answer, codes: &[&str]) {
    assert!((400..500).contains(&answer.status), "{told}: {answer}");
    assert_eq!(answer.kind(), "application/problem+json", "{told}: {answer}");
    let problem = answer.json();
    assert_eq!(problem["status"], answer.status, "{told}");
    assert!(codes.contains(&problem["code"].as_str().unwrap()), "{told}: {answer}");
    house.client.get("/healthz").await.is(200);
}

/// Sends a request whose path may be any bytes.
async fn sent(house: &House, method: &str, target: &[u8], rest: &[u8]) -> Answer {
    let head = format!("{method} ").into_bytes();
    let version = b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    let bytes = [&head, target, version, rest].concat();
    house.client.raw(&bytes).await.unwrap_or_else(|| panic!("{method} {target:?} was not answered"))
}

async fn a_number_that_is_none_is_refused_at_every_path(store: Store) {
    let house = House::with_project(store).await;
    let odd = [
        "x",
        "0x1",
        "1.0",
        "1e3",
        "%20",
        "%00",
        "%FF",
        "%FF%FE",
        "%E2%82",
        "9223372036854775808",
        "--1",
        "١",
        "1%2F2",
        "..",
        "%2e%2e",
        "1;2",
        "null",
        "%25%30%30",
        "99999999999999999999999999",
        "1,2",
        "' OR 1=1 --",
    ];
    for operation in promise::operations().into_iter().filter(|one| one.path.contains("{id}")) {
        let method = operation.method.to_ascii_uppercase();
        for text in odd {
            let path = operation.path.replace("{id}", text).replace("{visit}", "1").replace("{name}", "K");
            let path = path.replace("{call}", "1").replace("{path}", "K");
            let path = path.replace(' ', "%20");
            let rest = b"Content-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"value\":\"v\"}";
            let answer = sent(&house, &method, path.as_bytes(), rest).await;
            let told = format!("{method} {path}");
            refused(&house, &told, &answer, &["id_invalid", "path_invalid", "path_unknown"]).await;
        }
        for text in ["0", "-1", "99999", "9223372036854775807", "-9223372036854775808"] {
            let path = operation.path.replace("{id}", text).replace("{visit}", "1").replace("{name}", "K");
            let path = path.replace("{call}", "1").replace("{path}", "K");
            let body = if method == "PUT" { json!({ "value": "v" }) } else { json!({ "name": "x" }) };
            let call = house.client.call(&method, &path);
            let call = if ["GET", "DELETE"].contains(&&*method) { call } else { call.json(&body) };
            let answer = call.send().await;
            assert!([404, 422].contains(&answer.status), "{method} {path}: {answer}");
        }
    }
    let id = house.start(json!("x")).await;
    house.ended(id).await;
    for visit in ["0", "-1", "99", "9223372036854775807"] {
        let path = format!("runs/{id}/visits/{visit}/result.md");
        house.client.get(&path).await.refused(404, "visit_not_found");
    }
    for visit in ["x", "%FF", "1.5"] {
        let path = format!("/api/v1/runs/{id}/visits/{visit}/result.md");
        let answer = sent(&house, "GET", path.as_bytes(), b"\r\n").await;
        refused(&house, &path, &answer, &["id_invalid"]).await;
    }
}

/// Every call that takes a body of JSON, at a place that is there.
async fn takers(house: &House) -> Vec<(&'static str, String)> {
    let id = house.start(json!("x")).await;
    house.ended(id).await;
    house.client.call("PUT", "projects/1/secrets/K").json(&json!({ "value": "v" })).send().await.is(200);
    let desk = house.part("projects/1/teams", "desk").await;
    vec![
        ("POST", "trigger".to_owned()),
        ("POST", format!("workflows/{}/runs", house.workflow("work").await)),
        ("POST", format!("runs/{id}/stop")),
        ("POST", "projects/1/models".to_owned()),
        ("POST", "projects/1/tools".to_owned()),
        ("POST", "projects/1/teams".to_owned()),
        ("POST", "projects/1/workflows".to_owned()),
        ("POST", format!("teams/{desk}/agents")),
        ("PATCH", "projects/1".to_owned()),
        ("PATCH", format!("models/{}", house.part("projects/1/models", "main").await)),
        ("PATCH", format!("teams/{desk}")),
        ("PATCH", format!("agents/{}", house.part(&format!("teams/{desk}/agents"), "a").await)),
        ("PATCH", format!("workflows/{}", house.workflow("work").await)),
        ("PATCH", format!("tools/{}", house.part("projects/1/tools", "lookup").await)),
        ("PUT", "projects/1/secrets/K".to_owned()),
    ]
}

/// Bytes that are no JSON, or not what any call takes.
fn unreadable() -> Vec<(Vec<u8>, &'static str)> {
    let deep = |open: &str, close: &str| {
        format!("{{\"input\":{}{}}}", open.repeat(100_000), close.repeat(100_000)).into_bytes()
    };
    let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    vec![
        (b"{".to_vec(), "json_invalid"),
        (b"}".to_vec(), "json_invalid"),
        (b"{\"input\":}".to_vec(), "json_invalid"),
        (b"{\"input\":1,}".to_vec(), "json_invalid"),
        (b"{'input':1}".to_vec(), "json_invalid"),
        (b"{} {}".to_vec(), "json_invalid"),
        (b"{\"input\":NaN}".to_vec(), "json_invalid"),
        (b"{\"input\":01}".to_vec(), "json_invalid"),
        (b"{\"input\":1e999999}".to_vec(), "json_invalid"),
        (b"{\"input\":\"\\ud800\"}".to_vec(), "json_invalid"),
        (b"{\"input\":\"\\udc00\\ud800\"}".to_vec(), "json_invalid"),
        (b"{\"input\":\"\xff\"}".to_vec(), "json_invalid"),
        (b"{\"input\":\"caf\xe9\"}".to_vec(), "json_invalid"),
        (b"{\"input\":\"a\nb\"}".to_vec(), "json_invalid"),
        (b"{\"input\":\"a\0b\"}".to_vec(), "json_invalid"),
        (b"\0".to_vec(), "json_invalid"),
        (b" ".to_vec(), "json_invalid"),
        (b"\xef\xbb\xbf{}".to_vec(), "json_invalid"),
        (utf16("{\"input\":1}"), "json_invalid"),
        (deep("[", "]"), "json_invalid"),
        (deep("{\"a\":", "}"), "json_invalid"),
        (vec![b'['; 1_000_000], "json_invalid"),
        (b"null".to_vec(), "body_invalid"),
        (b"[]".to_vec(), "body_invalid"),
        (b"1".to_vec(), "body_invalid"),
        (b"\"x\"".to_vec(), "body_invalid"),
        (b"true".to_vec(), "body_invalid"),
        (b"<xml/>".to_vec(), "json_invalid"),
        (b"input=1".to_vec(), "json_invalid"),
    ]
}

async fn a_body_that_cannot_be_read_is_refused_at_every_call(store: Store) {
    let house = House::with_project(store).await;
    let before = house.client.get("projects/1/export").await;
    for (method, path) in takers(&house).await {
        for (body, code) in unreadable() {
            let told = format!("{method} {path} {:?}", String::from_utf8_lossy(&body[..body.len().min(60)]));
            let answer = house.client.call(method, &path).body("application/json", body).send().await;
            // Where any field is let through, depth and letters are still looked at.
            let codes = [code, "body_invalid", "json_invalid"];
            refused(&house, &told, &answer, &codes).await;
        }
        let twice =
            b"{\"name\":\"a\",\"name\":\"b\",\"input\":1,\"input\":2,\"reason\":\"a\",\"reason\":\"b\"}";
        let answer = house.client.call(method, &path).body("application/json", &twice[..]).send().await;
        assert!((400..500).contains(&answer.status), "{method} {path}: {answer}");
    }
    assert_eq!(house.client.get("projects/1/export").await.body, before.body);
    assert_eq!(house.client.get("runs").await.is(200)["items"].as_array().unwrap().len(), 1);
}

async fn a_body_says_what_it_is(store: Store) {
    let house = House::with_project(store).await;
    let body = json!({ "workflow": "p/play" }).to_string();
    for kind in
        ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/x+json"]
    {
        house.client.call("POST", "trigger").body(kind, body.clone()).send().await.is(201);
    }
    for kind in
        ["text/plain", "", "application/x-www-form-urlencoded", "multipart/form-data", "json", "\u{e9}"]
    {
        let call = house.client.call("POST", "trigger").body(kind, body.clone());
        call.send().await.refused(415, "content_type_unsupported");
    }
    let untold = format!("Content-Length: {}\r\n\r\n{body}", body.len());
    let answer = sent(&house, "POST", b"/api/v1/trigger", untold.as_bytes()).await;
    refused(&house, "no type", &answer, &["content_type_unsupported"]).await;
    for accept in ["application/xml", "*/*;q=0", "", "a/b/c", "\u{e9}", "text/event-stream"] {
        house.client.call("GET", "projects/1").header("accept", accept).send().await.is(200);
        let export = house.client.call("GET", "projects/1/export").header("accept", accept).send().await;
        assert_eq!((export.status, export.kind()), (200, "application/yaml"));
    }
}

async fn a_body_has_a_largest_length_and_comes_whole(store: Store) {
    let house = House::with_project(store).await;
    let client = house.client;
    let large = "x".repeat(2 * 1024 * 1024);
    for path in ["trigger", "projects/1/models", "projects/apply"] {
        let answer = client.call("POST", path).json(&json!({ "input": large })).send().await;
        answer.refused(413, "body_too_large");
    }
    let target = b"/api/v1/trigger";
    let declared = b"Content-Type: application/json\r\nContent-Length: 99999999999999\r\n\r\n{";
    let answer = sent(&house, "POST", target, declared).await;
    refused(&house, "declared", &answer, &["body_too_large"]).await;
    // Without saying how much it will be.
    let mut chunks = b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..48 {
        chunks.extend_from_slice(format!("10000\r\n{}\r\n", "x".repeat(0x10000)).as_bytes());
    }
    chunks.extend_from_slice(b"0\r\n\r\n");
    let answer = sent(&house, "POST", target, &chunks).await;
    refused(&house, "chunked", &answer, &["body_too_large", "json_invalid"]).await;
    for broken in [
        &b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"[..],
        b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}",
        b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ] {
        let answer = sent(&house, "POST", target, broken).await;
        let codes = ["body_unreadable", "workflow_missing", "json_invalid"];
        refused(&house, &String::from_utf8_lossy(broken), &answer, &codes).await;
    }
    // One that goes away in the middle gets no answer, and starts nothing.
    let half = b"POST /api/v1/trigger HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{\"workflow\":\"p/play\"}";
    let mut stream = TcpStream::connect(client.address).await.unwrap();
    stream.write_all(half).await.unwrap();
    drop(stream);
    assert_eq!(client.get("runs").await.is(200)["items"], json!([]));
}

async fn a_text_with_a_zero_character_is_refused_or_kept_and_never_fails(store: Store) {
    let house = House::with_project(store).await;
    let zero = "a\0b";
    for body in [
        json!({ "input": zero }),
        json!({ "input": { "deep": [{ zero: 1 }] } }),
        json!({ "input": [zero], "reason": zero, "value": zero, "name": zero, "workflow": zero }),
        json!({ "reason": zero }),
        json!({ "value": zero }),
        json!({ "workflow": zero }),
        json!({ "workflow": format!("p/{zero}") }),
        json!({ "workflow": format!("{zero}/work") }),
        json!({ "workflow": "p/work", "input": zero }),
        json!({ "workflow": "p/work", "metadata": { zero: zero } }),
        json!({ "name": "new", "provider": "simulated", "model": zero }),
        json!({ "name": zero, "provider": "simulated" }),
        json!({ "name": "new", "role": zero }),
        json!({ "name": "new", "team": "desk", "stages": [{ "name": zero, "task": "T", "agents": ["a"] }] }),
        json!({ "instructions": zero, "base_url": zero, "timezone": zero, "ask": zero }),
        json!({ zero: 1 }),
    ] {
        for (method, path) in takers(&house).await {
            let answer = house.client.call(method, &path).json(&body).send().await;
            let code = answer.json()["code"].clone();
            let told = format!("{method} {path} {body}: {answer}");
            assert!([409, 422].contains(&answer.status), "{told}");
            assert!(code == "text_has_nul" || code == "run_ended", "{told}");
        }
        let answer = house.client.post("projects/apply", &body).await;
        assert_eq!(answer.status, 422, "{answer}");
    }
    // It is told by its meaning: what looks like one and is none is kept.
    let input = json!("\\u0000 \\\\u0000");
    let id = house.start(input.clone()).await;
    assert_eq!(house.ended(id).await["input"], input);
    let file = house.file().replace("name: One", "name: \"O\\0ne\"");
    let refused = house.client.apply(&file).await.refused(422, "invalid_project");
    assert!(refused["errors"][0]["line"].as_u64() > Some(1), "{refused}");
}

async fn a_zero_character_in_a_path_is_refused(store: Store) {
    let house = House::with_project(store).await;
    for (method, path) in [
        ("PUT", "projects/1/secrets/a%00b"),
        ("DELETE", "projects/1/secrets/a%00b"),
        ("DELETE", "projects/1/secrets/%FF"),
        ("PUT", "projects/1/secrets/%FF"),
        ("PUT", "projects/%00/secrets/K"),
    ] {
        let answer = house.client.call(method, path).json(&json!({ "value": "v" })).send().await;
        let codes = ["name_invalid", "secret_not_found", "id_invalid", "path_invalid"];
        refused(&house, path, &answer, &codes).await;
    }
}

async fn a_field_or_parameter_that_is_not_known_is_refused(store: Store) {
    let house = House::with_project(store).await;
    for (method, path) in takers(&house).await {
        let mut body = json!({ "unheard_of": 1, "name": "new" });
        if method == "PATCH" {
            body.as_object_mut().unwrap().remove("name");
        }
        let answer = house.client.call(method, &path).json(&body).send().await;
        assert_eq!(answer.status, 422, "{method} {path}: {answer}");
    }
    let many: String = (0..2_000).fold(String::new(), |mut text, number| {
        let _ = write!(text, "a{number}=1&");
        text
    });
    for path in [
        "projects",
        "runs",
        "projects/1/models",
        "projects/1/tools",
        "projects/1/teams",
        "projects/1/workflows",
    ] {
        for query in ["unheard_of=1", "limit=1&limit=2", "unheard_of", &many, "%00=1", "a[]=1", "limit[gt]=1"]
        {
            let answer = house.client.get(&format!("{path}?{query}")).await;
            refused(&house, &format!("{path}?{query}"), &answer, &["parameter_invalid"]).await;
        }
    }
    for query in ["dry_run=1", "dry_run=yes", "prune=", "dry_run=true&dry_run=true", "dryrun=true"] {
        let answer =
            house.client.call("POST", &format!("projects/apply?{query}")).yaml("project: q\n").send();
        answer.await.refused(400, "parameter_invalid");
    }
}

async fn a_path_or_method_that_is_not_there_is_refused(store: Store) {
    let house = House::with_project(store).await;
    let long = format!("/api/v1/{}", "x".repeat(30_000));
    for path in
        ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/runs", "/api/v1/runs/", "/api//v1/runs", &long]
    {
        house.client.get(path).await.refused(404, "path_unknown");
    }
    for method in ["TRACE", "PROPFIND", "MKCOL", "PUT", "get", "OPTIONS", "PATCH", "FOO-BAR"] {
        for path in ["/api/v1/projects", "/api/v1/runs", "/healthz", "/api/openapi.json", "/", "/runs/1"] {
            let answer = sent(&house, method, path.as_bytes(), b"\r\n").await;
            refused(&house, &format!("{method} {path}"), &answer, &["method_not_allowed"]).await;
        }
    }
    // A method that is refused says which would not be.
    let refused = house.client.call("PUT", "projects").send().await;
    assert!(refused.header("allow").contains("GET"), "{:?}", refused.headers);
    let head = house.client.call("HEAD", "projects").send().await;
    assert_eq!((head.status, head.body.len()), (200, 0));
}

async fn a_file_outside_of_the_page_is_not_shown(store: Store) {
    let house = House::open(store).await;
    for path in [
        "/assets/../../etc/passwd",
        "/assets/../../../../../../../../etc/passwd",
        "/assets/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/assets/%2e%2e/%2e%2e/Cargo.toml",
        "/assets/....//....//etc/passwd",
        "/assets//etc/passwd",
        "/assets/..\\..\\etc\\passwd",
        "/assets/%00",
        "/assets/index.html%00.js",
        "/assets/",
        "/assets",
        "/../Cargo.toml",
        "//etc/passwd",
        "/.git/config",
        "/%2e%2e/Cargo.toml",
        "/callboard.key",
        "/%FF",
    ] {
        let answer = sent(&house, "GET", path.as_bytes(), b"\r\n").await;
        assert!(answer.status < 500, "{path}: {answer}");
        let body = String::from_utf8_lossy(&answer.body);
        assert!(!body.contains("root:") && !body.contains("[package]") && !body.contains("[core]"), "{path}");
        if answer.status == 200 {
            assert_eq!(answer.kind(), "text/html", "only the page itself is shown: {path}");
        }
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

async fn what_is_hardly_http_is_refused(store: Store) {
    let house = House::open(store).await;
    let long = "x".repeat(100_000);
    for request in [
        "\r\n\r\n\r\n".to_owned(),
        "\0\0\0\0\r\n\r\n".to_owned(),
        "GET\r\n\r\n".to_owned(),
        "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n".to_owned(),
        "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n".to_owned(),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        "GET  /  HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
        "GET /\u{e9} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: localhost\r\n folded: x\r\nConnection: close\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n".to_owned(),
        format!("GET /{long} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {long}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X: y\r\n".repeat(1_000)),
        format!("{long} / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n".to_owned(),
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx".to_owned(),
        "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\nxx".to_owned(),
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nConnection: Upgrade, close\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}\r\n\r\n".to_owned(),
    ] {
        if let Some(answer) = house.client.raw(request.as_bytes()).await {
            assert!(answer.status < 500 || answer.status == 505, "{request:?}: {answer}");
        }
        house.client.get("/healthz").await.is(200);
    }
    assert_eq!(house.client.get("runs").await.is(200)["items"], Value::Array(Vec::new()));
}
