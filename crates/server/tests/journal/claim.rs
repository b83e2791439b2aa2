//! What is claimed together with an append.

use callboard_server::db::Value;
use callboard_server::journal::{Append, NewStream};
use futures_util::future::join_all;

use crate::store::{check_whole, new_stream, note, notes, one, slot, streams, told};
use crate::support::store::Store;

on_both! {
    a_claim_that_is_met_is_written_with_the_events
    a_claim_that_is_not_met_undoes_its_append_alone
    of_many_who_claim_the_same_at_once_one_has_it
    a_new_stream_whose_claim_is_not_met_is_not_made
}

async fn a_claim_that_is_met_is_written_with_the_events(store: Store) {
    let (db, journal) = store.with_tables().await;
    let stream = journal.create(new_stream(1)).await.unwrap();
    journal.append(Append { writes: vec![slot("a", stream)], ..one(stream, 1) }).await.unwrap();

    let row = db.query_one("SELECT stream_id FROM slot WHERE name = $1", ["a".into()]).await.unwrap();
    assert_eq!(row.int(0).unwrap(), stream.0);
}

async fn a_claim_that_is_not_met_undoes_its_append_alone(store: Store) {
    let (db, journal) = store.with_tables().await;
    let streams = streams(&journal, 3).await;
    journal.append(Append { writes: vec![slot("a", streams[0])], ..one(streams[0], 1) }).await.unwrap();

    let late = Append {
        writes: vec![note(streams[1], "late"), slot("b", streams[1]), slot("a", streams[1])],
        ..one(streams[1], 1)
    };
    let other = Append { writes: vec![note(streams[2], "other")], ..one(streams[2], 1) };
    let (late, other) = tokio::join!(journal.append(late), journal.append(other));

    assert_eq!(told(&late), "claim 2 taken");
    assert_eq!(told(&other), "written");
    assert!(notes(&db, streams[1]).await.is_empty());
    assert_eq!(notes(&db, streams[2]).await, ["other".into()]);
    let free = "SELECT name FROM slot WHERE name = 'b'";
    assert_eq!(db.query_optional(free, []).await.unwrap(), None, "a claim before it was undone with it");
    assert_eq!(told(&journal.append(one(streams[1], 1)).await), "written");
}

async fn of_many_who_claim_the_same_at_once_one_has_it(store: Store) {
    let (_, journal) = store.with_tables().await;
    let streams = streams(&journal, 20).await;
    let appends = streams
        .iter()
        .map(|&stream| journal.append(Append { writes: vec![slot("only", stream)], ..one(stream, 1) }));
    let results = join_all(appends).await;

    let written = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!(written, 1, "{results:?}");
    for (stream, result) in streams.into_iter().zip(&results) {
        let last = if result.is_ok() { 2 } else { 1 };
        assert_eq!(check_whole(&journal, stream).await, last, "{}", told(result));
    }
}

async fn a_new_stream_whose_claim_is_not_met_is_not_made(store: Store) {
    let (db, journal) = store.with_tables().await;
    let new = || NewStream { writes: vec![slot("key", Value::NewId)], ..new_stream(1) };
    let stream = journal.create(new()).await.unwrap();
    let refused = journal.create(new()).await.map(|_| ());

    assert_eq!(told(&refused), "claim 0 taken");
    let row = db.query_one("SELECT COUNT(*), MAX(id) FROM journal_stream", []).await.unwrap();
    assert_eq!((row.int(0).unwrap(), row.int(1).unwrap()), (1, stream.0));
}
