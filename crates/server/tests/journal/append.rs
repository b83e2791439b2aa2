//! One append at a time.

use callboard_server::db::Value;
use callboard_server::journal::{Append, NewStream, Position, StreamId};

use crate::store::{check_whole, events, new_stream, note, notes, one, position, told};
use crate::support::store::Store;

on_both! {
    a_stream_begins_with_its_first_events
    the_rows_of_a_new_stream_carry_its_number
    a_stream_number_is_never_given_out_twice
    an_append_that_expects_another_number_is_refused
    an_append_of_another_epoch_is_refused
    an_append_to_no_stream_is_refused
    what_is_written_with_events_is_written_only_with_them
    a_deleted_stream_is_gone
    everything_is_there_after_the_database_was_closed
}

async fn a_stream_begins_with_its_first_events(store: Store) {
    let journal = store.journal().await;
    let stream = journal.create(new_stream(3)).await.unwrap();

    assert_eq!(position(&journal, stream).await, Position { seq: 3, epoch: 1 });
    let entries = journal.read(stream, 0, 10).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].first, entries[0].count), (1, 3));
    assert_eq!(entries[0].events, events(1, 3).json);
}

async fn the_rows_of_a_new_stream_carry_its_number(store: Store) {
    let (db, journal) = store.with_tables().await;
    let new = || NewStream { writes: vec![note(Value::NewId, "mine")], ..new_stream(1) };
    let (first, second) = tokio::join!(journal.create(new()), journal.create(new()));

    let (first, second) = (first.unwrap(), second.unwrap());
    assert_ne!(first, second);
    assert_eq!(notes(&db, first).await, ["mine".into()]);
    assert_eq!(notes(&db, second).await, ["mine".into()]);
}

async fn a_stream_number_is_never_given_out_twice(store: Store) {
    let journal = store.journal().await;
    let first = journal.create(new_stream(1)).await.unwrap();
    journal.delete(first, Vec::new()).await.unwrap();
    let second = journal.create(new_stream(1)).await.unwrap();

    assert!(second > first, "{second} came after {first}");
}

async fn an_append_that_expects_another_number_is_refused(store: Store) {
    let journal = store.journal().await;
    let stream = journal.create(new_stream(2)).await.unwrap();

    assert_eq!(told(&journal.append(one(stream, 1)).await), "conflict at 2, epoch 1");
    assert_eq!(told(&journal.append(one(stream, 3)).await), "conflict at 2, epoch 1");
    assert_eq!(told(&journal.append(one(stream, 2)).await), "written");
    assert_eq!(check_whole(&journal, stream).await, 3);
}

async fn an_append_of_another_epoch_is_refused(store: Store) {
    let journal = store.journal().await;
    let stream = journal.create(new_stream(1)).await.unwrap();
    let later = Append { epoch: 2, ..one(stream, 1) };

    assert_eq!(told(&journal.append(later).await), "conflict at 1, epoch 1");
    assert_eq!(check_whole(&journal, stream).await, 1);
}

async fn an_append_to_no_stream_is_refused(store: Store) {
    let journal = store.journal().await;
    assert_eq!(told(&journal.append(one(StreamId(7), 1)).await), "gone");
    assert_eq!(journal.position(StreamId(7)).await.unwrap(), None);
    assert!(journal.read(StreamId(7), 0, 10).await.unwrap().is_empty());
}

async fn what_is_written_with_events_is_written_only_with_them(store: Store) {
    let (db, journal) = store.with_tables().await;
    let stream = journal.create(new_stream(1)).await.unwrap();
    let with_note =
        |expected, text: &str| Append { writes: vec![note(stream, text)], ..one(stream, expected) };

    journal.append(with_note(1, "kept")).await.unwrap();
    assert_eq!(told(&journal.append(with_note(1, "dropped")).await), "conflict at 2, epoch 1");
    assert_eq!(notes(&db, stream).await, ["kept".into()]);
}

async fn a_deleted_stream_is_gone(store: Store) {
    let (db, journal) = store.with_tables().await;
    let stream = journal.create(new_stream(1)).await.unwrap();
    journal.delete(stream, vec![note(stream, "deleted")]).await.unwrap();

    assert!(journal.read(stream, 0, 10).await.unwrap().is_empty());
    assert_eq!(told(&journal.append(one(stream, 1)).await), "gone");
    assert_eq!(told(&journal.delete(stream, Vec::new()).await), "gone");
    assert_eq!(notes(&db, stream).await, ["deleted".into()]);
}

async fn everything_is_there_after_the_database_was_closed(store: Store) {
    let db = store.db().await;
    let journal = callboard_server::journal::Journal::open(db.clone());
    let stream = journal.create(new_stream(1)).await.unwrap();
    journal.append(one(stream, 1)).await.unwrap();
    db.close().await;
    assert_eq!(told(&journal.append(one(stream, 2)).await), "database_closed");

    let journal = store.journal().await;
    assert_eq!(position(&journal, stream).await, Position { seq: 2, epoch: 1 });
    assert_eq!(check_whole(&journal, stream).await, 2);
    assert_eq!(told(&journal.append(one(stream, 2)).await), "written");
}
