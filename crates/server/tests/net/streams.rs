//! Answers that are read as they come.

use std::time::Duration;

use callboard_server::net::Open;
use hyper::{HeaderMap, Method};
use tokio::io::AsyncWriteExt;

use crate::site::{Site, closed};
use crate::{LONG, allowing};

fn open(url: String, begins_within: Duration) -> Open {
    Open {
        method: Method::POST,
        url,
        headers: HeaderMap::new(),
        body: bytes::Bytes::from_static(b"{}"),
        begins_within,
    }
}

#[tokio::test]
async fn a_body_is_handed_on_as_it_comes_and_dropping_it_closes_the_connection() {
    let site = Site::new().await;
    let net = allowing("127.0.0.1");
    let (opened, connection) = tokio::join!(net.open(open(site.url("127.0.0.1"), LONG)), async {
        let (mut connection, request) = site.asked().await;
        assert!(request.ends_with("\r\n\r\n{}"), "{request}");
        connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n").await.unwrap();
        connection
    });
    let (mut opened, mut connection) = (opened.unwrap(), connection);
    assert_eq!(opened.headers["content-type"], "text/event-stream");
    for words in ["data: 1\n\n", "data: 2\n\n"] {
        connection.write_all(words.as_bytes()).await.unwrap();
        assert_eq!(opened.body.next().await.unwrap().unwrap(), words);
    }
    drop(opened);
    closed(connection).await;
}

#[tokio::test]
async fn the_end_of_a_body_is_told_from_one_that_broke_off() {
    for (rest, broke) in [("0\r\n\r\n", false), ("", true)] {
        let answer = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n{rest}");
        let site = Site::new().await.answering(answer);
        let mut opened = allowing("127.0.0.1").open(open(site.url("127.0.0.1"), LONG)).await.unwrap();
        assert_eq!(opened.body.next().await.unwrap().unwrap(), "hi");
        let end = opened.body.next().await;
        assert_eq!(end.map(|end| end.unwrap_err().code), broke.then_some("bad_answer"));
    }
}

#[tokio::test]
async fn an_answer_that_does_not_begin_in_time_is_not_waited_for() {
    let site = Site::new().await;
    let net = allowing("127.0.0.1");
    let opening = net.open(open(site.url("127.0.0.1"), Duration::from_millis(200)));
    let (opened, ()) = tokio::join!(opening, async { closed(site.asked().await.0).await });
    assert_eq!(opened.unwrap_err().code, "timed_out");
}

#[tokio::test]
async fn a_redirect_is_followed_within_its_origin_only() {
    let answer = |to: &str| format!("HTTP/1.1 307 On\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
    let net = allowing("127.0.0.1");
    let mut elsewhere = Site::new().await.answering("HTTP/1.1 200 OK\r\n\r\n");
    let site = Site::new().await.answering(answer(&elsewhere.url("127.0.0.1")));
    let opened = net.open(open(site.url("127.0.0.1"), LONG)).await.unwrap();
    assert_eq!((opened.status.as_u16(), opened.url), (307, site.url("127.0.0.1")));
    assert!(elsewhere.requests().is_empty());

    let mut within = Site::new().await.answering(answer("/on"));
    let error = net.open(open(within.url("127.0.0.1"), LONG)).await.unwrap_err();
    assert_eq!(error.code, "too_many_redirects");
    let requests = within.requests();
    assert!(requests[0].starts_with("POST / ") && requests[1].starts_with("POST /on "), "{requests:?}");
}

#[tokio::test]
async fn a_stream_of_a_refused_address_is_not_opened() {
    let mut site = Site::new().await.answering("HTTP/1.1 200 OK\r\n\r\n");
    let error = allowing("localhost").open(open(site.url("127.0.0.1"), LONG)).await.unwrap_err();
    assert_eq!(error.code, "address_refused");
    assert!(site.requests().is_empty());
}
