//! Who may be asked.

use std::io::ErrorKind;
use std::net::TcpListener;

use callboard_server::net::Allowed;
use hyper::header::HeaderValue;
use hyper::{Method, StatusCode};

use crate::site::Site;
use crate::{allowing, get};

/// A listener on all of this machine that never waits.
fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

fn nobody_came(listener: &TcpListener) -> bool {
    listener.accept().is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

#[tokio::test]
async fn a_host_that_is_not_allowed_is_not_even_connected_to() {
    let (listener, port) = listener();
    let net = allowing("private.example");
    for host in [
        "127.0.0.1",
        "127.0.0.1.",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "2130706433",
        "0177.0.0.1",
        "0x7f.1",
        "127.1",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "10.0.0.1",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00:ec2::254]",
    ] {
        for scheme in ["http", "https"] {
            let error = net.fetch(get(format!("{scheme}://{host}:{port}/"))).await.unwrap_err();
            assert_eq!(error.code, "address_refused", "{host}: {error}");
        }
    }
    assert!(nobody_came(&listener));
}

#[tokio::test]
async fn a_host_is_allowed_by_its_name_and_port_alone() {
    let mut site = Site::new().await.answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi");
    let net = allowing(&format!("localhost:{},127.0.0.2", site.port));
    let fetched = net.fetch(get(site.url("localhost"))).await.unwrap();
    assert_eq!((fetched.status, &fetched.body[..], fetched.cut), (StatusCode::OK, &b"hi"[..], false));
    assert_eq!(site.requests().len(), 1);

    let other = Site::new().await.answering("");
    for url in [site.url("127.0.0.1"), site.url("[::1]"), other.url("localhost")] {
        let error = net.fetch(get(&url)).await.unwrap_err();
        assert_eq!(error.code, "address_refused", "{url}");
    }
    assert!(site.requests().is_empty());

    let more = net.allowing(&Allowed::of_url(&site.url("127.0.0.1")).unwrap());
    for host in ["127.0.0.1", "localhost"] {
        assert_eq!(more.fetch(get(site.url(host))).await.unwrap().body, "hi");
    }
    let error = net.fetch(get(site.url("127.0.0.1"))).await.unwrap_err();
    assert_eq!(error.code, "address_refused", "what is allowed to one is not allowed to the other");
}

#[tokio::test]
async fn a_redirect_is_checked_like_the_first_request() {
    let (listener, port) = listener();
    for (location, code) in [
        (format!("http://127.0.0.1:{port}/"), "address_refused"),
        (format!("http://localhost:{port}/"), "address_refused"),
        (format!("//2130706433:{port}/"), "address_refused"),
        ("http://169.254.169.254/latest/meta-data/".to_owned(), "address_refused"),
        (format!("http://ana:hush@localhost:{port}/"), "invalid_url"),
        ("file:///etc/passwd".to_owned(), "invalid_url"),
    ] {
        let answer = format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        let mut site = Site::new().await.answering(answer);
        let net = allowing(&format!("localhost:{}", site.port));
        let error = net.fetch(get(site.url("localhost"))).await.unwrap_err();
        assert_eq!(error.code, code, "{location}: {error}");
        assert_eq!(site.requests().len(), 1);
    }
    assert!(nobody_came(&listener));
}

#[tokio::test]
async fn what_says_who_asks_stays_with_the_host_that_it_was_sent_to() {
    let mut second = Site::new().await.answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let to = second.url("127.0.0.1");
    let answer = format!("HTTP/1.1 307 Go on\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
    let mut first = Site::new().await.answering(answer);
    let mut fetch = get(first.url("localhost"));
    fetch.method = Method::POST;
    fetch.body = "words".into();
    for name in ["authorization", "cookie", "proxy-authorization", "x-api-key"] {
        fetch.headers.insert(name, HeaderValue::from_static("hush"));
    }
    fetch.headers.insert("content-type", HeaderValue::from_static("text/plain"));
    let fetched = allowing("localhost,127.0.0.1").fetch(fetch).await.unwrap();
    assert_eq!(fetched.url, to);
    let (first, second) = (first.requests().concat(), second.requests().concat());
    assert_eq!(first.matches("hush").count(), 4, "{first}");
    assert!(!second.contains("hush"), "{second}");
    for request in [first, second] {
        assert!(
            request.starts_with("POST / HTTP/1.1\r\n") && request.ends_with("\r\n\r\nwords"),
            "{request}"
        );
        assert!(request.contains("content-type: text/plain\r\n"), "{request}");
    }
}

#[tokio::test]
async fn redirects_are_followed_five_times() {
    let mut site = Site::new().await.answering("HTTP/1.1 301 On\r\nlocation: /\r\ncontent-length: 0\r\n\r\n");
    let error = allowing("127.0.0.1").fetch(get(site.url("127.0.0.1"))).await.unwrap_err();
    assert_eq!(error.code, "too_many_redirects", "{error}");
    assert_eq!(site.requests().len(), 6);
}
