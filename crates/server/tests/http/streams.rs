//! Runs followed live: each event once, from wherever a viewer takes them up again.

use callboard_fake_model::{Behaviour, End};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::client::{Client, WAIT_MAX};
use crate::house::House;
use crate::support::store::Store;

on_both! {
    a_stream_that_was_cut_anywhere_goes_on_where_it_was
    a_live_stream_that_is_cut_after_every_event_misses_none
    words_come_as_they_are_written_and_have_no_number
    a_place_that_cannot_be_is_refused
    a_stream_from_beyond_the_last_event_only_ends
    a_stream_of_a_run_that_is_stopped_ends_with_it
}

/// One frame of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) id: Option<u64>,
    pub(crate) event: String,
    pub(crate) data: String,
}

/// A stream that is being read.
pub(crate) struct Reading {
    body: Incoming,
    text: Vec<u8>,
}

/// How a viewer says what it knows already.
#[derive(Clone, Copy, Debug)]
pub(crate) enum After {
    Nothing,
    Header(u64),
    Query(u64),
    /// The header goes before the parameter, which is what an `EventSource` began with.
    Both(u64),
}

impl Reading {
    pub(crate) async fn open(client: Client, id: i64, after: After) -> Self {
        let path = format!("runs/{id}/stream");
        let call = match after {
            After::Nothing => client.call("GET", &path),
            After::Header(seq) => client.call("GET", &path).header("last-event-id", seq.to_string()),
            After::Query(seq) => client.call("GET", &format!("{path}?after={seq}")),
            After::Both(seq) => {
                client.call("GET", &format!("{path}?after=1")).header("last-event-id", seq.to_string())
            }
        };
        let response = call.begin().await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self { body: response.into_body(), text: Vec::new() }
    }

    /// The next frame; nothing where the stream is over.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        tokio::time::timeout(WAIT_MAX, self.frame())
            .await
            .unwrap_or_else(|_| panic!("the stream says nothing"))
    }

    async fn frame(&mut self) -> Option<Frame> {
        loop {
            if let Some(end) = self.text.windows(2).position(|two| two == b"\n\n") {
                let frame: Vec<u8> = self.text.drain(..end + 2).collect();
                let frame = read(std::str::from_utf8(&frame).unwrap());
                if frame.is_some() {
                    return frame;
                }
                continue;
            }
            let Some(Ok(part)) = self.body.frame().await else {
                assert!(self.text.is_empty(), "the stream ends within a frame");
                return None;
            };
            self.text.extend_from_slice(part.data_ref().unwrap());
        }
    }

    /// The frames up to the end of the stream.
    pub(crate) async fn rest(mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        while let Some(frame) = self.next().await {
            frames.push(frame);
        }
        frames
    }
}

/// A frame, read as a browser does; nothing where it says nothing.
fn read(text: &str) -> Option<Frame> {
    let (mut id, mut event, mut data) = (None, String::new(), Vec::new());
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with(':')) {
        let (field, value) = line.split_once(": ").unwrap();
        match field {
            "id" => id = Some(value.parse().unwrap()),
            "event" => value.clone_into(&mut event),
            "data" => data.push(value),
            "retry" => assert!(value.parse::<u64>().is_ok()),
            other => panic!("a frame has no {other}"),
        }
    }
    (!data.is_empty()).then(|| Frame { id, event, data: data.join("\n") })
}

/// The events of a run as frames, made of the bytes that the list of events answers.
pub(crate) async fn expected(house: &House, id: i64) -> Vec<Frame> {
    #[derive(Deserialize)]
    struct Page {
        items: Vec<Box<RawValue>>,
    }
    #[derive(Deserialize)]
    struct Head {
        seq: u64,
        kind: String,
    }
    let answer = house.client.get(&format!("runs/{id}/events?limit=1000")).await;
    let page: Page = serde_json::from_slice(&answer.body).unwrap();
    let frame = |item: Box<RawValue>| {
        let head: Head = serde_json::from_str(item.get()).unwrap();
        Frame { id: Some(head.seq), event: head.kind, data: item.get().to_owned() }
    };
    page.items.into_iter().map(frame).collect()
}

fn end(status: &str) -> Frame {
    Frame { id: None, event: "end".to_owned(), data: json!({ "status": status }).to_string() }
}

async fn a_stream_that_was_cut_anywhere_goes_on_where_it_was(store: Store) {
    let house = House::with_project(store).await;
    let id = house.start(json!("owls\n\nevent: end\n\n")).await;
    house.ended(id).await;
    let all = expected(&house, id).await;
    assert!(all.len() > 10);
    let whole = [&all[..], &[end("completed")]].concat();
    assert_eq!(Reading::open(house.client, id, After::Nothing).await.rest().await, whole);
    for cut in 0..=all.len() {
        let mut first = Reading::open(house.client, id, After::Nothing).await;
        let mut seen = Vec::new();
        for _ in 0..cut {
            seen.push(first.next().await.unwrap());
        }
        drop(first);
        let last = cut as u64;
        for after in [After::Header(last), After::Query(last), After::Both(last)] {
            let rest = Reading::open(house.client, id, after).await.rest().await;
            assert_eq!([&seen[..], &rest[..]].concat(), whole, "{after:?}");
        }
    }
}

async fn a_live_stream_that_is_cut_after_every_event_misses_none(store: Store) {
    let house = House::with_project(store).await;
    house.model.push(slow("One owl. ").agent("You are a."));
    house.model.push(slow("Two owls. ").agent("You are b."));
    let id = house.start(json!("x")).await;
    let uncut = tokio::spawn(Reading::open(house.client, id, After::Nothing).await.rest());
    let mut seen: Vec<Frame> = Vec::new();
    loop {
        let known = seen.last().and_then(|frame| frame.id);
        let after = known
            .map_or(After::Nothing, |seq| if seq % 2 == 0 { After::Header(seq) } else { After::Query(seq) });
        let mut reading = Reading::open(house.client, id, after).await;
        let next = loop {
            let frame = reading.next().await.unwrap();
            if frame.event != "delta" {
                break frame;
            }
        };
        let ends = next.event == "end";
        seen.push(next);
        if ends {
            break;
        }
    }
    let whole = [&expected(&house, id).await[..], &[end("completed")]].concat();
    assert_eq!(seen, whole);
    let uncut: Vec<Frame> = uncut.await.unwrap().into_iter().filter(|frame| frame.event != "delta").collect();
    assert_eq!(uncut, whole);
}

/// Some words, over some time.
fn slow(words: &str) -> Behaviour {
    Behaviour { pause_ms: 5, ..Behaviour::text(words.repeat(10)).pieces(20).times(1) }
}

async fn words_come_as_they_are_written_and_have_no_number(store: Store) {
    let house = House::with_project(store).await;
    let text = "One owl \u{1f989}\n\ndata: two\r\n".repeat(20);
    house
        .model
        .push(Behaviour { pause_ms: 10, ..Behaviour::text(&*text).pieces(100).agent("You are a.").times(1) });
    let id = house.start(json!("x")).await;
    let frames = Reading::open(house.client, id, After::Nothing).await.rest().await;
    let (mut words, mut call) = (String::new(), None);
    for frame in frames.iter().filter(|frame| frame.event == "delta") {
        assert_eq!(frame.id, None);
        let delta: serde_json::Value = serde_json::from_str(&frame.data).unwrap();
        assert_eq!(delta["attempt"], 1);
        if *call.get_or_insert_with(|| delta["call"].clone()) == delta["call"] {
            words.push_str(delta["text"].as_str().unwrap());
        }
    }
    // A viewer that came late has missed the first of them.
    assert!(!words.is_empty() && text.ends_with(&words), "{words:?}");
    assert_eq!(frames.iter().filter(|frame| frame.event == "end").count(), 1);
    assert_eq!(frames.last(), Some(&end("completed")));
    let numbered: Vec<Frame> = frames.into_iter().filter(|frame| frame.id.is_some()).collect();
    assert_eq!(numbered, expected(&house, id).await);
}

async fn a_place_that_cannot_be_is_refused(store: Store) {
    let house = House::with_project(store).await;
    let id = house.start(json!("x")).await;
    house.ended(id).await;
    let path = format!("runs/{id}/stream");
    for odd in
        [&b"x"[..], b"-1", b"1.5", b"+1", b"0x1", b"1 2", b"99999999999999999999", b"\xff", b"1,2", b"NaN"]
    {
        let asked = house.client.call("GET", &path).header("last-event-id", odd).send().await;
        asked.refused(400, "cursor_invalid");
    }
    for odd in ["x", "-1", "", "99999999999999999999", "%FF", "%00"] {
        house.client.get(&format!("{path}?after={odd}")).await.refused(400, "cursor_invalid");
    }
    house.client.get(&format!("{path}?from=1")).await.refused(400, "parameter_invalid");
    house.client.get("runs/999/stream").await.refused(404, "run_not_found");
    // A browser that knows none sends an empty one.
    let asked = house.client.call("GET", &path).header("last-event-id", "").send().await;
    assert!(asked.text().contains("id: 1\n"), "{asked}");
}

async fn a_stream_from_beyond_the_last_event_only_ends(store: Store) {
    let house = House::with_project(store).await;
    let id = house.start(json!("x")).await;
    house.ended(id).await;
    let last = expected(&house, id).await.len() as u64;
    for beyond in [last, last + 1, i64::MAX as u64] {
        for after in [After::Header(beyond), After::Query(beyond)] {
            assert_eq!(Reading::open(house.client, id, after).await.rest().await, [end("completed")]);
        }
    }
}

async fn a_stream_of_a_run_that_is_stopped_ends_with_it(store: Store) {
    let house = House::with_project(store).await;
    house.model.push(Behaviour::text("Half.").ends(End::Stall).agent("You are a."));
    let id = house.start(json!("x")).await;
    let mut reading = Reading::open(house.client, id, After::Nothing).await;
    while reading.next().await.unwrap().event != "model_call_started" {}
    house.client.post(&format!("runs/{id}/stop"), &json!({ "reason": "a\nb" })).await.is(202);
    let rest = reading.rest().await;
    assert_eq!(rest.last(), Some(&end("stopped")));
    assert_eq!(rest[rest.len() - 2].event, "run_stopped");
}
