//! Many appends in one commit.

use callboard_server::db::Value;
use callboard_server::journal::Append;
use futures_util::future::join_all;

use crate::store::{check_whole, new_stream, note, notes, one, streams, told};
use crate::support::store::Store;

on_both! {
    appends_share_commits
    appends_to_one_stream_keep_their_order_in_a_commit
    a_conflict_does_not_undo_the_others
    a_statement_that_fails_takes_only_its_own_append_with_it
    a_text_that_is_no_sql_takes_only_its_own_append_with_it
    an_append_that_nobody_waits_for_is_written
}

async fn appends_share_commits(store: Store) {
    const STREAMS: usize = 200;
    const EACH: u64 = 5;
    let journal = store.journal().await;
    let created = join_all((0..STREAMS).map(|_| journal.create(new_stream(1)))).await;
    let streams: Vec<_> = created.into_iter().map(Result::unwrap).collect();
    let before = journal.stats();
    let tasks = streams.iter().map(|&stream| {
        let journal = journal.clone();
        tokio::spawn(async move {
            for expected in 1..=EACH {
                journal.append(one(stream, expected)).await.unwrap();
            }
        })
    });
    for task in join_all(tasks).await {
        task.unwrap();
    }

    let after = journal.stats();
    let (appends, commits) = (after.appends - before.appends, after.db.commits - before.db.commits);
    assert_eq!(appends, STREAMS as u64 * EACH);
    assert!(commits * 10 <= appends, "{commits} commits for {appends} appends");
    for stream in streams {
        assert_eq!(check_whole(&journal, stream).await, 1 + EACH);
    }
}

async fn appends_to_one_stream_keep_their_order_in_a_commit(store: Store) {
    let journal = store.journal().await;
    let streams = streams(&journal, 2).await;
    // The stream with the higher number comes first, so that sorting by number would show.
    let appends = (1..50).flat_map(|expected| [one(streams[1], expected), one(streams[0], expected)]);
    for result in join_all(appends.map(|append| journal.append(append))).await {
        assert_eq!(told(&result), "written");
    }
    for stream in streams {
        assert_eq!(check_whole(&journal, stream).await, 50);
    }
}

async fn a_conflict_does_not_undo_the_others(store: Store) {
    let journal = store.journal().await;
    let streams = streams(&journal, 30).await;
    // Every third is behind, and after it comes one that would be right if it had been written.
    let appends = streams.iter().enumerate().flat_map(|(index, &stream)| {
        let expected = if index % 3 == 0 { 7 } else { 1 };
        [one(stream, expected), one(stream, expected + 1)]
    });
    let results = join_all(appends.map(|append| journal.append(append))).await;

    for (index, pair) in results.chunks(2).enumerate() {
        let (expected, last) = if index % 3 == 0 { ("conflict at 1, epoch 1", 1) } else { ("written", 3) };
        assert_eq!([told(&pair[0]), told(&pair[1])], [expected, expected], "{index}");
        assert_eq!(check_whole(&journal, streams[index]).await, last);
    }
}

async fn a_statement_that_fails_takes_only_its_own_append_with_it(store: Store) {
    let (db, journal) = store.with_tables().await;
    let streams = streams(&journal, 20).await;
    let appends = streams.iter().enumerate().map(|(index, &stream)| {
        let text = if index == 7 { Value::Null } else { Value::from("note") };
        Append { writes: vec![note(stream, "before"), note(stream, text)], ..one(stream, 1) }
    });
    let results = join_all(appends.map(|append| journal.append(append))).await;

    for (index, (&stream, result)) in streams.iter().zip(&results).enumerate() {
        let (expected, notes_expected) = if index == 7 { ("database_failed", 0) } else { ("written", 2) };
        assert_eq!(told(result), expected, "{index}");
        assert_eq!(notes(&db, stream).await.len(), notes_expected, "{index}");
    }
    assert_eq!(told(&journal.append(one(streams[7], 1)).await), "written");
}

async fn a_text_that_is_no_sql_takes_only_its_own_append_with_it(store: Store) {
    let (db, journal) = store.with_tables().await;
    let streams = streams(&journal, 20).await;
    let appends = streams.iter().enumerate().map(|(index, &stream)| {
        let sql = if index == 7 {
            "INSERT INTO nowhere VALUES ($1, 'x')"
        } else {
            "INSERT INTO note VALUES ($1, 'x')"
        };
        let write = callboard_server::db::Write::new(sql, [stream.into()]);
        Append { writes: vec![write], ..one(stream, 1) }
    });
    let results = join_all(appends.map(|append| journal.append(append))).await;

    for (index, (&stream, result)) in streams.iter().zip(&results).enumerate() {
        let (expected, notes_expected) = if index == 7 { ("database_failed", 0) } else { ("written", 1) };
        assert_eq!(told(result), expected, "{index}");
        assert_eq!(notes(&db, stream).await.len(), notes_expected, "{index}");
    }
}

async fn an_append_that_nobody_waits_for_is_written(store: Store) {
    let db = store.db().await;
    let journal = callboard_server::journal::Journal::open(db.clone());
    let stream = journal.create(new_stream(1)).await.unwrap();
    let mut append = Box::pin(journal.append(one(stream, 1)));
    assert!(futures_util::poll!(&mut append).is_pending());
    drop(append);
    db.close().await;

    assert_eq!(check_whole(&store.journal().await, stream).await, 2);
}
