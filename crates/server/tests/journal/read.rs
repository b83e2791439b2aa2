//! Reading, also while others write.

use callboard_server::journal::Append;

use crate::store::{check_whole, events, new_stream, note, one};
use crate::support::store::Store;

on_both! {
    reading_goes_on_after_any_number
    a_long_stream_is_read_in_pages
    a_reader_sees_whole_commits_only
    a_stream_is_found_by_its_beginning
}

async fn reading_goes_on_after_any_number(store: Store) {
    let journal = store.journal().await;
    let stream = journal.create(new_stream(2)).await.unwrap();
    let three = Append { events: events(3, 5), ..one(stream, 2) };
    journal.append(three).await.unwrap();
    journal.append(one(stream, 5)).await.unwrap();

    for (after, limit, firsts) in [
        (0, 10, vec![1, 3, 6]),
        (1, 10, vec![1, 3, 6]),
        (2, 10, vec![3, 6]),
        (4, 10, vec![3, 6]),
        (5, 10, vec![6]),
        (6, 10, vec![]),
        (u64::MAX, 10, vec![]),
        (0, 2, vec![1, 3]),
    ] {
        let entries = journal.read(stream, after, limit).await.unwrap();
        let found: Vec<u64> = entries.iter().map(|entry| entry.first).collect();
        assert_eq!(found, firsts, "after {after}, at most {limit}");
    }
}

async fn a_long_stream_is_read_in_pages(store: Store) {
    let journal = store.journal().await;
    let stream = journal.create(new_stream(1)).await.unwrap();
    for expected in 1..300 {
        journal.append(one(stream, expected)).await.unwrap();
    }

    assert_eq!(check_whole(&journal, stream).await, 300);
    let mut pages = journal.pages(stream, 0);
    let mut sizes = Vec::new();
    while let Some(page) = pages.next().await.unwrap() {
        sizes.push(page.len());
    }
    assert_eq!(sizes, [128, 128, 44]);
}

async fn a_reader_sees_whole_commits_only(store: Store) {
    let (db, journal) = store.with_tables().await;
    let stream = journal.create(new_stream(1)).await.unwrap();
    let writer = tokio::spawn(async move {
        for expected in 1..200 {
            let writes = vec![note(stream, format!("{expected:03}"))];
            journal.append(Append { writes, ..one(stream, expected) }).await.unwrap();
        }
    });

    let sql = "SELECT seq, (SELECT SUM(count) FROM journal_entry WHERE stream_id = $1) - seq, \
               (SELECT COUNT(*) FROM note WHERE stream_id = $1) + 1 - seq \
               FROM journal_stream WHERE id = $1";
    let sql = if store.text.starts_with("sqlite") {
        sql
    } else {
        "SELECT seq, (SELECT CAST(SUM(count) AS BIGINT) FROM journal_entry WHERE stream_id = $1) - seq, \
         (SELECT COUNT(*) FROM note WHERE stream_id = $1) + 1 - seq \
         FROM journal_stream WHERE id = $1"
    };
    let mut before = 0;
    while before < 200 {
        let row = db.query_one(sql, [stream.into()]).await.unwrap();
        let seq = row.uint(0).unwrap();
        assert!(seq >= before, "{seq} after {before}");
        assert_eq!((row.int(1).unwrap(), row.int(2).unwrap()), (0, 0), "at {seq}");
        before = seq;
    }
    writer.await.unwrap();
}

async fn a_stream_is_found_by_its_beginning(store: Store) {
    let journal = store.journal().await;
    let same = [journal.create(new_stream(2)).await.unwrap(), journal.create(new_stream(2)).await.unwrap()];
    let other = journal.create(new_stream(3)).await.unwrap();
    // What stands later in a stream is not its beginning.
    journal.append(Append { events: events(3, 4), ..one(same[0], 2) }).await.unwrap();
    assert_eq!(journal.beginning_with(&new_stream(2).events.json).await.unwrap(), same);
    assert_eq!(journal.beginning_with(&new_stream(3).events.json).await.unwrap(), [other]);
    assert_eq!(journal.beginning_with(&events(3, 4).json).await.unwrap(), []);
}
