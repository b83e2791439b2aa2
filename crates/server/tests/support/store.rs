//! A database for one test, on SQLite or on PostgreSQL, and the way to write a case once for both.

use std::future::Future;

use callboard_server::db::{Address, Db};
use tempfile::TempDir;

use super::postgres;

/// Makes two tests of each case: one on SQLite, one on PostgreSQL.
macro_rules! on_both {
    ($($case:ident)*) => {$(
        mod $case {
            #[test]
            fn on_sqlite() {
                crate::support::store::on_sqlite(super::$case);
            }

            #[test]
            fn on_postgres() {
                crate::support::store::on_postgres(super::$case);
            }
        }
    )*};
}

pub(crate) fn on_sqlite<F: Future<Output = ()>>(case: impl FnOnce(Store) -> F) {
    let folder = tempfile::tempdir().unwrap();
    run(case(Store {
        text: format!("sqlite:{}/callboard.db", folder.path().display()),
        _folder: Some(folder),
    }));
}

pub(crate) fn on_postgres<F: Future<Output = ()>>(case: impl FnOnce(Store) -> F) {
    let Some(text) = postgres::database() else { return };
    run(case(Store { text, _folder: None }));
}

pub(crate) fn run(case: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(case);
}

/// An empty database.
pub(crate) struct Store {
    /// The address as a person would write it.
    pub(crate) text: String,
    _folder: Option<TempDir>,
}

impl Store {
    pub(crate) fn address(&self) -> Address {
        self.text.parse().unwrap()
    }

    pub(crate) async fn db(&self) -> Db {
        Db::open(&self.address()).await.unwrap()
    }
}
