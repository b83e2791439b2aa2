//! Many viewers of one run: those that do not read hold nobody up.

use callboard_fake_model::Behaviour;
use futures_util::future::join_all;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::house::House;
use crate::streams::{After, Frame, Reading, expected};
use crate::support::store::Store;

on_both! {
    viewers_that_never_read_hold_up_neither_the_run_nor_those_who_do
    viewers_that_go_away_are_let_go_of
}

/// Viewers that hang.
const STALLED: usize = 20;

/// Bytes that a stalled viewer's machine takes in for it: as few as it lets one ask for.
const RECEIVE_BYTES: u32 = 4 * 1024;

/// Someone who asks for a stream and never reads it.
async fn stalled(house: &House, id: i64) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(RECEIVE_BYTES).unwrap();
    let mut stream = socket.connect(house.client.address).await.unwrap();
    let head =
        format!("GET /api/v1/runs/{id}/stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    // The head of the answer has come, so the viewer is known.
    stream.readable().await.unwrap();
    stream
}

async fn viewers_that_never_read_hold_up_neither_the_run_nor_those_who_do(store: Store) {
    let house = House::with_project(store).await;
    // Far more than a connection holds, in more pieces than a viewer may fall behind by.
    let text = "word ".repeat(100_000);
    for agent in ["You are a.", "You are b."] {
        house.model.push(Behaviour::text(&*text).pieces(5_000).agent(agent).times(1));
    }
    let id = house.start(json!("x")).await;
    let stalled = join_all((0..STALLED).map(|_| stalled(&house, id))).await;
    let viewer = tokio::spawn(Reading::open(house.client, id, After::Nothing).await.rest());
    let run = house.ended(id).await;
    assert_eq!(run["status"], "completed");
    let all = expected(&house, id).await;
    let numbered = |frames: Vec<Frame>| -> Vec<Frame> {
        frames.into_iter().filter(|frame| frame.id.is_some()).collect()
    };
    assert!(numbered(viewer.await.unwrap()) == all, "whoever reads gets everything");
    // And so do the others, when they read in the end.
    let size: usize = all.iter().map(|frame| frame.data.len()).sum();
    for mut viewer in stalled {
        let mut read = Vec::new();
        viewer.read_to_end(&mut read).await.unwrap();
        assert!(read.len() > size);
        let text = String::from_utf8(read).unwrap();
        for frame in &all {
            let head = format!("\nid: {}\nevent: {}\n", frame.id.unwrap(), frame.event);
            assert_eq!(text.matches(&head).count(), 1, "{head}");
        }
        assert_eq!(text.matches("event: end\n").count(), 1);
    }
}

async fn viewers_that_go_away_are_let_go_of(store: Store) {
    let house = House::with_project(store).await;
    house.model.push(Behaviour::hang().agent("You are a."));
    let id = house.start(json!("x")).await;
    house.model.wait_for_requests(1).await;
    // More than there are places, were they kept: in waves, since the test has to open them too.
    for _ in 0..20 {
        let viewers = join_all((0..50).map(|_| stalled(&house, id))).await;
        drop(viewers);
    }
    house.client.post(&format!("runs/{id}/stop"), &json!({})).await.is(202);
    assert_eq!(house.ended(id).await["status"], "stopped");
}
