//! What comes instead of an answer.

use std::time::{Duration, SystemTime};

use callboard_engine::call::{Failure, failure};
use callboard_engine::definition::ProviderKind;
use callboard_fake_model::{Behaviour, End};
use callboard_server::provider::{ANSWER_BYTES_MAX, Call, Secret};
use futures_util::future::join_all;

use crate::bench::{Bench, KEY, each, question};

/// Asks each provider, whose fake behaves so, and hands its failure on.
async fn check(behaviour: &Behaviour, expect: impl Fn(ProviderKind, Failure)) {
    each(async |mut bench| {
        bench.model.timeout_s = 1;
        bench.fake.push(behaviour.clone());
        let failure = bench.failure(&question("Well?")).await;
        assert!(!format!("{failure:?}").contains(KEY), "{failure:?}");
        expect(bench.kind, failure);
    })
    .await;
}

/// Checks what a caller decides by: the code, whether to try again, and the status.
async fn check_code(behaviour: &Behaviour, code: &str, transient: bool, status: Option<u16>) {
    check(behaviour, |kind, failure| {
        assert_eq!(
            (&*failure.code, failure.transient, failure.status),
            (code, transient, status),
            "{kind:?}: {failure:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_stream_that_ends_without_its_finish_mark_is_broken() {
    for end in [End::Cut, End::Break] {
        let cut = Behaviour::text("Night trains").pieces(3).ends(end);
        check_code(&cut, failure::STREAM_BROKEN, true, None).await;
    }
    let half_a_line =
        Behaviour::status(200, "data: {\"choices\":[{\"del").header("content-type", "text/event-stream");
    check_code(&half_a_line, failure::STREAM_BROKEN, true, None).await;
    let nothing = Behaviour::status(200, "").header("content-type", "text/event-stream");
    check_code(&nothing, failure::STREAM_BROKEN, true, None).await;
}

#[tokio::test]
async fn an_answer_in_no_known_format_is_a_bad_one() {
    let page = Behaviour::status(200, "data: <html>\n\ndata: [DONE]\n\n")
        .header("content-type", "text/event-stream");
    check_code(&page, failure::BAD_ANSWER, true, None).await;
}

#[tokio::test]
async fn an_error_in_the_middle_of_a_stream_is_the_provider_s() {
    let kind = "overloaded_error".to_owned();
    let error = End::Error { kind, message: "Overloaded, try later".to_owned() };
    check(&Behaviour::text("Night").ends(error), |kind, failure| {
        assert_eq!((&*failure.code, failure.transient), (failure::UNAVAILABLE, true), "{kind:?}");
        assert_eq!(failure.provider_message.as_deref(), Some("Overloaded, try later"));
        if kind != ProviderKind::Ollama {
            assert_eq!(failure.status, Some(529));
        }
    })
    .await;
}

#[tokio::test]
async fn silence_before_and_within_an_answer_times_out() {
    check_code(&Behaviour::hang(), failure::TIMED_OUT, true, None).await;
    check_code(&Behaviour::text("Night").ends(End::Stall), failure::TIMED_OUT, true, None).await;
}

#[tokio::test]
async fn a_rate_limit_says_how_long_to_wait() {
    let limited = Behaviour::status(429, r#"{"error":{"message":"Slow down","type":"rate_limit_error"}}"#);
    check(&limited.clone().header("retry-after", "7"), |kind, failure| {
        assert_eq!((&*failure.code, failure.status), (failure::RATE_LIMITED, Some(429)), "{kind:?}");
        assert_eq!((failure.transient, failure.retry_after_ms), (true, Some(7000)));
        assert_eq!(failure.provider_message.as_deref(), Some("Slow down"));
    })
    .await;
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3600));
    check(&limited.header("retry-after", date), |_, failure| {
        assert!((3_500_000..=3_600_000).contains(&failure.retry_after_ms.unwrap()));
    })
    .await;
    let quota = Behaviour::status(429, r#"{"error":{"message":"Pay","type":"insufficient_quota"}}"#);
    check_code(&quota, failure::QUOTA, false, Some(429)).await;
}

#[tokio::test]
async fn a_key_that_is_refused_is_not_repeated() {
    let refused = Behaviour::status(401, format!(r#"{{"error":{{"message":"Incorrect key {KEY}."}}}}"#));
    check(&refused, |kind, failure| {
        assert_eq!((&*failure.code, failure.transient), (failure::UNAUTHORIZED, false), "{kind:?}");
        assert_eq!(failure.provider_message.as_deref(), Some("Incorrect key [key]."));
    })
    .await;
}

#[tokio::test]
async fn statuses_have_their_codes() {
    let said = |status, message: &str| {
        Behaviour::status(status, format!(r#"{{"error":{{"message":"{message}"}}}}"#))
    };
    let long = "This model's maximum context length is 8192 tokens";
    check_code(&said(400, long), failure::TOO_LONG, false, Some(400)).await;
    check_code(&said(400, "no such parameter"), failure::REFUSED, false, Some(400)).await;
    check_code(&said(404, "no such model"), failure::NOT_FOUND, false, Some(404)).await;
    check_code(&said(408, "too slow"), failure::UNAVAILABLE, true, Some(408)).await;
    check_code(&said(529, "overloaded"), failure::UNAVAILABLE, true, Some(529)).await;
}

#[tokio::test]
async fn a_page_instead_of_an_error_is_read_for_its_words() {
    let page = format!("<html><body><h1>Internal error</h1>{}</body></html>", "<p>sorry</p>".repeat(50_000));
    let page = Behaviour::status(500, page).header("content-type", "text/html");
    check(&page, |kind, failure| {
        assert_eq!((&*failure.code, failure.transient), (failure::UNAVAILABLE, true), "{kind:?}");
        let words = failure.provider_message.unwrap();
        assert!(words.starts_with("Internal error") && words.len() < 2000, "{words}");
    })
    .await;
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let redirect = Behaviour::status(302, "").header("location", "https://elsewhere.example/v1?token=t0ken");
    check(&redirect, |kind, failure| {
        assert_eq!((&*failure.code, failure.transient), (failure::NOT_FOUND, false), "{kind:?}");
        assert!(failure.message.contains("https://elsewhere.example/v1,"), "{}", failure.message);
        assert!(!failure.message.contains("t0ken"));
    })
    .await;
}

#[tokio::test]
async fn a_huge_answer_is_refused_before_it_is_all_there() {
    let line = "x".repeat(16 * 1024);
    let huge =
        Behaviour { repeat: 2 * ANSWER_BYTES_MAX / line.len(), ..Behaviour::text(line).ends(End::Stall) };
    each(async |bench| {
        bench.fake.push(huge.clone());
        let failure = bench.failure(&question("Well?")).await;
        assert_eq!(
            (&*failure.code, failure.transient),
            (failure::ANSWER_TOO_LARGE, false),
            "{:?}",
            bench.kind
        );
        bench.fake.wait_for_disconnects(1).await;
    })
    .await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    each(async |mut bench| {
        let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        bench.model.base_url = Some(format!("http://user:pass-word@{}", gone.local_addr().unwrap()));
        drop(gone);
        let failure = bench.failure(&question("Well?")).await;
        assert_eq!((&*failure.code, failure.transient), (failure::UNREACHABLE, true), "{:?}", bench.kind);
        assert!(
            failure.message.contains("refused") && !failure.message.contains("pass-word"),
            "{}",
            failure.message
        );
        bench.model.base_url = Some("not an address".into());
        assert_eq!(bench.failure(&question("Well?")).await.code, failure::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn a_key_is_shown_nowhere() {
    let bench = Bench::of(ProviderKind::Openai).await;
    let (request, key) = (question("Well?"), Secret::new("bad\nkey"));
    let call = Call { request: &request, model: &bench.model, key: Some(&key) };
    assert!(!format!("{call:?}").contains("bad"));
    let failures = join_all([bench.providers.answer(call, &mut |_| {})]).await;
    let failure = failures.into_iter().next().unwrap().unwrap_err();
    assert_eq!(failure.code, failure::UNAUTHORIZED);
    assert!(!format!("{failure:?}").contains("bad"));
}
