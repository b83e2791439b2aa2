//! What becomes of answers, good and bad, and of those that do not come.

use std::time::Duration;

use hyper::Method;
use tokio::io::AsyncWriteExt;

use crate::site::{Site, closed};
use crate::{allowing, get};

/// Long enough for a server on this machine to be asked, and short for whoever waits for the test.
const SHORT: Duration = Duration::from_millis(200);

#[tokio::test]
async fn a_request_says_what_was_given_and_no_more() {
    let mut site = Site::new().await.answering("HTTP/1.1 204 No Content\r\n\r\n");
    let mut fetch = get(format!("{}a%20b?c=d#e", site.url("127.0.0.1")));
    fetch.method = Method::PUT;
    fetch.headers.insert("accept", "text/html".parse().unwrap());
    fetch.headers.insert("host", "elsewhere.example".parse().unwrap());
    fetch.body = "words".into();
    let fetched = allowing("127.0.0.1").fetch(fetch).await.unwrap();
    assert_eq!((fetched.status.as_u16(), fetched.body.len()), (204, 0));
    let expected = format!(
        "PUT /a%20b?c=d HTTP/1.1\r\naccept: text/html\r\nuser-agent: callboard/{}\r\nhost: 127.0.0.1:{}\r\n\
         connection: close\r\ncontent-length: 5\r\n\r\nwords",
        env!("CARGO_PKG_VERSION"),
        site.port
    );
    assert_eq!(site.requests(), [expected]);
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit_and_cut_there() {
    for (answer, body, cut) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfour", "four", false),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfives", "five", true),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\nfives", "five", true),
        ("HTTP/1.1 200 OK\r\n\r\nfour", "four", false),
        (
            "HTTP/1.1 404 No\r\ntransfer-encoding: chunked\r\n\r\n2\r\nfo\r\n3\r\nurs\r\n0\r\n\r\n",
            "four",
            true,
        ),
        ("HTTP/1.0 500 No\r\n\r\n", "", false),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", "hi", false),
    ] {
        let site = Site::new().await.answering(answer);
        let mut fetch = get(site.url("127.0.0.1"));
        fetch.body_bytes_max = 4;
        let fetched = allowing("127.0.0.1").fetch(fetch).await.unwrap();
        assert_eq!((&fetched.body[..], fetched.cut), (body.as_bytes(), cut), "{answer}");
    }
}

#[tokio::test]
async fn a_connection_is_closed_when_enough_was_read() {
    let site = Site::new().await;
    let net = allowing("127.0.0.1");
    let fetched = net.fetch(get(site.url("127.0.0.1")));
    let sends_for_ever = async {
        let (mut connection, _) = site.asked().await;
        connection.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        while connection.write_all(&[b'a'; 4096]).await.is_ok() {}
    };
    let (fetched, ()) = tokio::join!(fetched, sends_for_ever);
    let fetched = fetched.unwrap();
    assert_eq!((fetched.body.len(), fetched.cut), (1000, true));
}

#[tokio::test]
async fn an_answer_that_is_none_is_said_to_be_bad() {
    let long = format!("HTTP/1.1 200 OK\r\na: {}\r\n\r\n", "a".repeat(128 * 1024));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(200));
    for (answer, why) in [
        ("", "connection closed"),
        ("SSH-2.0-OpenSSH_9.2\r\n", "invalid HTTP"),
        ("HTTP/1.1 200 OK\r\ncontent-le", "connection closed"),
        ("HTTP/1.1 200 OK\r\ncontent-length: ten\r\n\r\n", "content-length"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", "end of file"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nhello\r\n", "chunk"),
        (&long, "too large"),
        (&many, "too large"),
    ] {
        let site = Site::new().await.answering(answer);
        let error = allowing("127.0.0.1").fetch(get(site.url("127.0.0.1"))).await.unwrap_err();
        assert_eq!(error.code, "bad_answer", "{answer:.60}: {error}");
        assert!(error.message.contains(why), "{answer:.60}: {error}");
    }
}

#[tokio::test]
async fn whoever_does_not_answer_in_time_is_left() {
    for begin in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"] {
        let site = Site::new().await;
        let mut fetch = get(site.url("127.0.0.1"));
        fetch.timeout = SHORT;
        let net = allowing("127.0.0.1");
        let hangs = async {
            let (mut connection, _) = site.asked().await;
            connection.write_all(begin.as_bytes()).await.unwrap();
            closed(connection).await;
        };
        let (fetched, ()) = tokio::join!(net.fetch(fetch), hangs);
        let error = fetched.unwrap_err();
        assert_eq!(error.code, "timed_out", "{begin}");
        assert_eq!(error.message, "127.0.0.1 did not answer within 0.2 s.");
    }
}

#[tokio::test]
async fn dropping_a_request_closes_its_connection() {
    let site = Site::new().await;
    let net = allowing("127.0.0.1");
    let fetched = net.fetch(get(site.url("127.0.0.1")));
    let connection = tokio::select! {
        _ = fetched => panic!("nobody has answered"),
        (connection, _) = site.asked() => connection,
    };
    closed(connection).await;
}

#[tokio::test]
async fn a_port_where_nobody_listens_cannot_be_reached() {
    let site = Site::new().await;
    let url = site.url("127.0.0.1");
    drop(site);
    let error = allowing("127.0.0.1").fetch(get(url)).await.unwrap_err();
    assert_eq!(error.code, "unreachable");
    assert!(error.message.starts_with("127.0.0.1 could not be reached: "), "{error}");
}
