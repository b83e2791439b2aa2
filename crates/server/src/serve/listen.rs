//! Connections: taken, bounded in number and in what each may hold, and ended in order.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// Connections at once. Viewers hold one each; a machine's default limit on open files is near.
const CONNECTIONS_MAX: usize = 20_000;

/// Bytes that one connection may hold of what was not read or written yet. Heads of requests have to
/// fit, and a viewer that does not read holds no more than this.
const BUFFER_BYTES_MAX: usize = 64 * 1024;

/// How long the head of a request may take: a program sends it at once.
const HEAD_WITHIN: Duration = Duration::from_secs(30);

/// The wait before connections are taken again when there was no room for one: files are closed
/// meanwhile.
const ROOM_WAIT: Duration = Duration::from_millis(50);

/// Answers connections until it is told to close, then those that are open to their end.
pub(super) async fn answer(listener: TcpListener, router: Router, mut closing: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let graceful = GracefulShutdown::new();
    loop {
        let stream = tokio::select! {
            taken = take(&listener, &places) => taken,
            _ = closing.wait_for(|closing| *closing) => break,
        };
        let Some((stream, place)) = stream else { break };
        let service = TowerToHyperService::new(router.clone());
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_WITHIN)
            .max_buf_size(BUFFER_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A connection that breaks is its client's business.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

async fn take(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Answers are small and wanted at once. A connection that cannot be set so still works.
                let _ = stream.set_nodelay(true);
                return Some((stream, place));
            }
            Err(error) => {
                tracing::warn!("a connection was not taken: {error}");
                tokio::time::sleep(ROOM_WAIT).await;
            }
        }
    }
}
