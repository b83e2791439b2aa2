//! The databases themselves: opening, values, locks.

use callboard_server::db::{DataDir, DataDirError, Db, Unit, Value, Write, WriteError};
use futures_util::future::join_all;

use crate::support::store::{Store, run};

on_both! {
    values_come_back_as_they_were_written
    a_statement_with_too_few_parameters_is_refused
    a_database_of_a_newer_version_is_refused
    a_database_can_be_opened_by_many_at_once
    writes_of_a_transaction_are_true_together_or_not_at_all
    processes_that_lock_rows_in_opposite_orders_both_get_through
}

async fn values_come_back_as_they_were_written(store: Store) {
    let db = store.db().await;
    let bytes = db.dialect().pick("BLOB", "BYTEA");
    let create = match bytes {
        "BLOB" => "CREATE TABLE kept (i BIGINT, r DOUBLE PRECISION, t TEXT, b BLOB)",
        _ => "CREATE TABLE kept (i BIGINT, r DOUBLE PRECISION, t TEXT, b BYTEA)",
    };
    db.execute(create, []).await.unwrap();
    let insert = "INSERT INTO kept (b, t, r, i) VALUES ($4, $3, $2, $1)";
    let bytes: Vec<u8> = vec![0, 255, 39];
    let row = [i64::MIN.into(), 0.1.into(), "it's $1 ✓".into(), bytes.clone().into()];
    assert_eq!(db.execute(insert, row).await.unwrap(), 1);
    assert_eq!(db.execute(insert, [Value::Null, Value::Null, Value::Null, Value::Null]).await.unwrap(), 1);

    let found = db.query("SELECT i, r, t, b FROM kept ORDER BY i IS NULL", []).await.unwrap();
    assert_eq!(found[0].int(0).unwrap(), i64::MIN);
    assert!((found[0].real(1).unwrap() - 0.1).abs() < f64::EPSILON);
    assert_eq!(&*found[0].text(2).unwrap(), "it's $1 ✓");
    assert_eq!(&*found[0].bytes(3).unwrap(), &bytes[..]);
    assert_eq!(found[1].int_or_null(0).unwrap(), None);
    assert_eq!(found[1].real_or_null(1).unwrap(), None);
    assert_eq!(found[1].text_or_null(2).unwrap(), None);
    assert_eq!(found[1].bytes_or_null(3).unwrap(), None);
    assert_eq!(
        found[0].int(2).unwrap_err().to_string(),
        "the database failed: column 2 holds text where a whole number was expected"
    );
    assert_eq!(found[0].uint(0).unwrap_err().code(), "database_failed");
    assert_eq!(found[0].int(4).unwrap_err().code(), "database_failed");
}

async fn a_statement_with_too_few_parameters_is_refused(store: Store) {
    let db = store.db().await;
    let error = db.query("SELECT id FROM journal_stream WHERE id = $1", []).await.unwrap_err();
    assert!(error.to_string().contains("0 parameters were given where 1"), "{error}");
    let error = db.execute("DELETE FROM journal_stream WHERE id = $1", []).await.unwrap_err();
    assert!(error.to_string().contains("0 parameters were given where 1"), "{error}");
}

async fn a_database_of_a_newer_version_is_refused(store: Store) {
    let db = store.db().await;
    let later = "INSERT INTO migration (number, name, checksum) VALUES (9999, 'later', '')";
    db.execute(later, []).await.unwrap();
    db.close().await;

    let error = Db::open(&store.address()).await.err().unwrap();
    assert_eq!(error.code(), "database_newer");
    assert!(error.to_string().contains("9999"), "{error}");
}

async fn a_database_can_be_opened_by_many_at_once(store: Store) {
    let address = store.address();
    let opened = join_all((0..4).map(|_| Db::open(&address))).await;
    for db in opened {
        let row = db.unwrap().query_one("SELECT COUNT(*), MAX(number) FROM migration", []).await.unwrap();
        assert_eq!(row.int(0).unwrap(), row.int(1).unwrap());
    }
}

async fn writes_of_a_transaction_are_true_together_or_not_at_all(store: Store) {
    let (db, _) = store.with_tables().await;
    let insert = |name: &str| Write::new("INSERT INTO slot (name) VALUES ($1) RETURNING name", [name.into()]);
    let done = db.transaction([insert("a"), insert("b")]).await.unwrap();
    assert_eq!(done[1].affected, 1);
    assert_eq!(&*done[1].rows[0].text(0).unwrap(), "b");

    let failed = db.transaction([insert("c"), insert("b")]).await.unwrap_err();
    assert!(matches!(failed, WriteError::Failed(_)), "{failed}");
    let missing = Write::claim("DELETE FROM slot WHERE name = $1", ["nobody".into()]);
    let refused = db.transaction([insert("d"), missing]).await.unwrap_err();
    assert!(matches!(refused, WriteError::NotTaken { index: 1, .. }), "{refused}");
    let row = db.query_one("SELECT COUNT(*) FROM slot", []).await.unwrap();
    assert_eq!(row.int(0).unwrap(), 2);
}

async fn processes_that_lock_rows_in_opposite_orders_both_get_through(store: Store) {
    let (db, _) = store.with_tables().await;
    db.execute("INSERT INTO slot (name, stream_id) VALUES ('a', 0), ('b', 0)", []).await.unwrap();
    let add =
        |name: &str| Write::claim("UPDATE slot SET stream_id = stream_id + 1 WHERE name = $1", [name.into()]);
    let other = store.db().await;
    let forth = async {
        for _ in 0..50 {
            db.write(Unit::new([add("a"), add("b")])).await.unwrap();
        }
    };
    let back = async {
        for _ in 0..50 {
            other.write(Unit::new([add("b"), add("a")])).await.unwrap();
        }
    };
    tokio::join!(forth, back);
    let row = db.query_one("SELECT MIN(stream_id), MAX(stream_id) FROM slot", []).await.unwrap();
    assert_eq!((row.int(0).unwrap(), row.int(1).unwrap()), (100, 100));
}

#[test]
fn a_database_that_cannot_be_reached_is_named_without_its_password() {
    run(async {
        for (address, says) in [
            ("postgres://ann:secret@127.0.0.1:1/db", "refused"),
            ("sqlite:/nowhere/at/all/secret.db", "/nowhere/at/all/"),
        ] {
            let error = Db::open(&address.parse().unwrap()).await.err().unwrap();
            assert_eq!(error.code(), "database_unreachable", "{error}");
            assert!(error.to_string().contains(says), "{error}");
            assert!(!error.to_string().contains("ann:"), "{error}");
        }
    });
}

#[test]
fn a_data_folder_has_one_process() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("made/here");
    let first = DataDir::open(&path).unwrap();
    assert_eq!(first.database(), path.join("callboard.db"));
    let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o700);

    let refused = DataDir::open(&path).unwrap_err();
    assert_eq!(refused.code(), "data_dir_locked");
    let expected = format!("the data folder {} is in use by process {}", path.display(), std::process::id());
    assert_eq!(refused.to_string(), expected);

    drop(first);
    DataDir::open(&path).unwrap();
}

#[test]
fn a_data_folder_that_cannot_be_made_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = DataDir::open(file.path()).unwrap_err();
    assert!(matches!(error, DataDirError::Failed { .. }), "{error}");
    assert!(error.to_string().contains(&file.path().display().to_string()), "{error}");
}
