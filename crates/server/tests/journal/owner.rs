//! Who may write to a stream.

use callboard_server::journal::{Append, Position, StreamId};

use crate::store::{check_whole, new_stream, one, position, streams, told};
use crate::support::store::Store;

on_both! {
    a_new_owner_fences_the_old_one
    many_streams_are_taken_over_at_once
    of_two_owners_exactly_one_writes_each_number
}

async fn a_new_owner_fences_the_old_one(store: Store) {
    let journal = store.journal().await;
    let stream = journal.create(new_stream(1)).await.unwrap();
    let taken = journal.take_over(stream).await.unwrap();

    assert_eq!(taken, Some(Position { seq: 1, epoch: 2 }));
    assert_eq!(told(&journal.append(one(stream, 1)).await), "conflict at 1, epoch 2");
    assert_eq!(told(&journal.append(Append { epoch: 2, ..one(stream, 1) }).await), "written");
    assert_eq!(position(&journal, stream).await, Position { seq: 2, epoch: 2 });
}

async fn many_streams_are_taken_over_at_once(store: Store) {
    let journal = store.journal().await;
    let streams = streams(&journal, 5).await;
    let commits = journal.stats().db.commits;
    let asked = [streams[3], streams[0], StreamId(99)];
    let taken = journal.take_over_all(&asked).await.unwrap();

    assert_eq!(taken.len(), 2);
    assert_eq!(journal.stats().db.commits, commits + 1);
    for (index, &stream) in streams.iter().enumerate() {
        let epoch = if index == 0 || index == 3 { 2 } else { 1 };
        assert_eq!(position(&journal, stream).await, Position { seq: 1, epoch });
        assert_eq!(taken.contains_key(&stream), epoch == 2);
    }
    assert!(journal.take_over_all(&[]).await.unwrap().is_empty());
    assert_eq!(journal.take_over(StreamId(99)).await.unwrap(), None);
}

/// Two journals stand for two processes: each has its own connections and its own queue.
async fn of_two_owners_exactly_one_writes_each_number(store: Store) {
    const LAST: u64 = 100;
    let (one_side, other_side) = (store.journal().await, store.journal().await);
    let streams = streams(&one_side, 3).await;
    let race = |journal: callboard_server::journal::Journal| {
        let streams = streams.clone();
        tokio::spawn(async move {
            let mut won = 0;
            for expected in 1..LAST {
                let appends = streams.iter().map(|&stream| journal.append(one(stream, expected)));
                for result in futures_util::future::join_all(appends).await {
                    match &result {
                        Ok(()) => won += 1,
                        Err(_) => assert!(told(&result).starts_with("conflict"), "{}", told(&result)),
                    }
                }
            }
            won
        })
    };
    let (one_side_won, other_side_won) = (race(one_side.clone()), race(other_side));
    let won = one_side_won.await.unwrap() + other_side_won.await.unwrap();

    assert_eq!(won, streams.len() as u64 * (LAST - 1));
    for stream in streams {
        assert_eq!(check_whole(&one_side, stream).await, LAST);
    }
}
