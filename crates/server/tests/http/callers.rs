//! Who may call a server without accounts.

use serde_json::json;

use crate::client::Answer;
use crate::house::House;
use crate::support::store::Store;

on_both! {
    only_calls_under_a_loopback_name_are_answered
    a_page_from_elsewhere_changes_nothing
    the_name_counts_wherever_it_stands
}

/// The refusal of a request, or `answered`.
fn became(answer: &Answer) -> String {
    assert!(answer.status < 500, "{answer}");
    match answer.status {
        400 | 403 if answer.kind() == "application/problem+json" => {
            answer.json()["code"].as_str().unwrap().to_owned()
        }
        400 => "not HTTP".to_owned(),
        _ => "answered".to_owned(),
    }
}

async fn only_calls_under_a_loopback_name_are_answered(store: Store) {
    let house = House::with_project(store).await;
    let port = house.client.address.port();
    for (hosts, expected) in [
        (vec![format!("127.0.0.1:{port}")], "answered"),
        (vec!["127.0.0.1".to_owned()], "answered"),
        (vec!["127.1.2.3:1".to_owned()], "answered"),
        (vec![format!("localhost:{port}")], "answered"),
        (vec!["LocalHost".to_owned()], "answered"),
        (vec!["[::1]:80".to_owned()], "answered"),
        (vec!["[::1]".to_owned()], "answered"),
        (vec!["example.org".to_owned()], "host_refused"),
        (vec![format!("example.org:{port}")], "host_refused"),
        (vec!["localhost.example.org".to_owned()], "host_refused"),
        (vec!["127.0.0.1.example.org".to_owned()], "host_refused"),
        (vec!["0.0.0.0".to_owned()], "host_refused"),
        (vec!["10.0.0.1".to_owned()], "host_refused"),
        (vec!["[::]".to_owned()], "host_refused"),
        (vec!["169.254.169.254".to_owned()], "host_refused"),
        (vec!["2130706433".to_owned()], "host_refused"),
        (vec!["0x7f.1".to_owned()], "host_refused"),
        (vec![String::new()], "host_invalid"),
        (vec!["a@localhost".to_owned()], "host_invalid"),
        (vec!["localhost/x".to_owned()], "host_invalid"),
        (vec!["local host".to_owned()], "host_invalid"),
        (vec!["127.0.0.1, example.org".to_owned()], "host_invalid"),
        (vec!["\u{fe}".to_owned()], "host_invalid"),
        (vec![], "host_invalid"),
        (vec!["localhost".to_owned(), "localhost".to_owned()], "host_invalid"),
        (vec!["localhost".to_owned(), "example.org".to_owned()], "host_invalid"),
        (vec!["example.org".to_owned(), "localhost".to_owned()], "host_invalid"),
    ] {
        let named: String = hosts.iter().map(|host| format!("Host: {host}\r\n")).collect();
        // Every path is guarded: the page, the API, and what looks after the server.
        for path in
            ["/", "/api/v1/projects", "/api/openapi.json", "/healthz", "/readyz", "/metrics", "/assets/x"]
        {
            for version in ["1.1", "1.0"] {
                let request = format!("GET {path} HTTP/{version}\r\n{named}Connection: close\r\n\r\n");
                let answer = house.client.raw(request.as_bytes()).await.unwrap();
                assert_eq!(became(&answer), expected, "{path} {version} {hosts:?}: {answer}");
            }
        }
    }
}

async fn a_page_from_elsewhere_changes_nothing(store: Store) {
    let house = House::with_project(store).await;
    let before = house.client.get("projects/1/export").await;
    let own = format!("http://{}", house.client.address);
    let work = house.workflow("work").await;
    let changes = [
        ("POST", "trigger".to_owned(), json!({ "workflow": "p/work" })),
        ("POST", format!("workflows/{work}/runs"), json!({})),
        ("POST", "projects/apply".to_owned(), json!({ "project": "q" })),
        ("PATCH", "projects/1".to_owned(), json!({ "max_running": 1 })),
        ("PUT", "projects/1/secrets/K".to_owned(), json!({ "value": "v" })),
        ("DELETE", format!("workflows/{work}"), json!({})),
        ("POST", "runs/1/stop".to_owned(), json!({})),
        ("POST", "unheard/of".to_owned(), json!({})),
        ("PROPFIND", "projects".to_owned(), json!({})),
    ];
    for origin in [
        "https://example.org",
        "null",
        "http://localhost:1",
        "http://127.0.0.1",
        "file://",
        "",
        "http://127.0.0.1:80@example.org",
        "http://example.org:8080",
    ] {
        for (method, path, body) in &changes {
            let call = house.client.call(method, path).header("origin", origin).json(body);
            call.send().await.refused(403, "origin_refused");
        }
        // Reading is not changing. The browser shows it to nobody.
        let read = house.client.call("GET", "projects").header("origin", origin).send().await;
        assert_eq!(read.header("access-control-allow-origin"), "");
        read.is(200);
    }
    // Two origins, one of them its own.
    let two = house.client.call("PATCH", "projects/1").header("origin", &own).header("origin", "null");
    two.json(&json!({ "max_running": 1 })).send().await.refused(403, "origin_refused");
    // A page may not even ask whether it may.
    let asks = house.client.call("OPTIONS", "projects").header("origin", "https://example.org");
    let asks = asks.header("access-control-request-method", "POST").send().await;
    assert_eq!(asks.header("access-control-allow-origin"), "");
    assert_eq!(house.client.get("projects/1/export").await.body, before.body);
    assert_eq!(house.client.get("runs").await.is(200)["items"], json!([]));

    let change = json!({ "max_running": 2 });
    let mine = house.client.call("PATCH", "projects/1").header("origin", &own).json(&change);
    assert_eq!(mine.send().await.is(200)["max_running"], 2);
}

async fn the_name_counts_wherever_it_stands(store: Store) {
    let house = House::with_project(store).await;
    for (request, expected) in [
        ("GET http://localhost/healthz HTTP/1.1\r\nHost: localhost", "answered"),
        ("GET http://localhost/healthz HTTP/1.0", "answered"),
        // What a proxy would be asked for, and what it is called, have to be the same server.
        ("GET http://example.org/healthz HTTP/1.1\r\nHost: example.org", "host_refused"),
        ("GET http://localhost/healthz HTTP/1.1\r\nHost: example.org", "host_refused"),
        ("GET http://example.org/healthz HTTP/1.0", "host_refused"),
        ("GET http://example.org/healthz HTTP/1.1\r\nHost: localhost", "host_refused"),
        ("GET http://a@localhost/healthz HTTP/1.1\r\nHost: localhost", "host_invalid"),
        ("GET http://a@localhost/healthz HTTP/1.0", "host_invalid"),
        ("CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443", "host_refused"),
        ("OPTIONS * HTTP/1.1\r\nHost: localhost", "answered"),
        ("OPTIONS * HTTP/1.1\r\nHost: example.org", "host_refused"),
        // Headers of proxies are nobody's word here.
        ("GET /healthz HTTP/1.1\r\nHost: example.org\r\nX-Forwarded-Host: localhost", "host_refused"),
        ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Host: example.org", "answered"),
    ] {
        let bytes = format!("{request}\r\nConnection: close\r\n\r\n");
        let answer = house.client.raw(bytes.as_bytes()).await.unwrap();
        assert_eq!(became(&answer), expected, "{request}: {answer}");
    }
}
