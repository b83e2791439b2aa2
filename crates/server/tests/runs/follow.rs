//! Following a run: every event once, from wherever one begins.

use callboard_fake_model::Behaviour;
use callboard_server::run::Live;

use crate::stage::{Stage, THREE, follow};
use crate::support::store::Store;

on_both! {
    a_viewer_that_begins_anywhere_gets_each_event_once
    a_viewer_that_does_not_read_holds_nothing_up_and_misses_nothing
}

async fn a_viewer_that_begins_anywhere_gets_each_event_once(store: Store) {
    let stage = Stage::new(&store, THREE).await;
    let id = stage.start().await;
    let live = follow(&stage.runner, id, 0).await;
    let numbers: Vec<u64> = live.iter().map(|event| event.seq).collect();
    assert_eq!(numbers, (1..=live.len() as u64).collect::<Vec<_>>());
    for after in 0..live.len() {
        assert_eq!(follow(&stage.runner, id, after as u64).await, live[after..]);
    }
}

async fn a_viewer_that_does_not_read_holds_nothing_up_and_misses_nothing(store: Store) {
    let stage = Stage::new(&store, THREE).await;
    // More words than a viewer may fall behind by.
    stage.model.push(Behaviour::text("word ".repeat(5_000)).pieces(5_000).agent("You are a."));
    let id = stage.start().await;
    let mut slow = stage.runner.follow(id, 0);
    let all = follow(&stage.runner, id, 0).await;
    let mut seen = Vec::new();
    while let Some(live) = slow.next().await.unwrap() {
        if let Live::Events(told) = live {
            seen.extend(told.events().iter().cloned());
        }
    }
    assert_eq!(seen, all);
}
