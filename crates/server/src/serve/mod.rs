//! The server: everything put together, listening, and ended in order.

mod health;
mod listen;
mod openapi;
mod page;
mod router;

pub use openapi::document as openapi;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRef;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::db::{self, Db};
use crate::delivery::Deliveries;
use crate::http::forget_old_keys;
use crate::net::Net;
use crate::project::Projects;
use crate::project::http::Applying;
use crate::provider::Providers;
use crate::run::http::{Closing, Starter};
use crate::run::{Means, Recovered, Runner, RunnerError};
use crate::secret::{SecretError, Secrets};
use crate::trigger::http::Triggers;
use crate::trigger::webhook::Webhooks;
use crate::trigger::{Eras, Runs, Scheduler};
use crate::workflow::Workflows;

/// How often keys of requests that are too old to matter are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60 * 60);

/// How long connections may take to end when the server does: whoever is in the middle of an answer
/// gets it, and nobody is waited for longer than a person would.
const CLOSE_IN: Duration = Duration::from_secs(5);

/// What a server is made of.
pub struct Parts {
    /// Where everything is stored.
    pub db: Db,
    /// The secrets in it.
    pub secrets: Secrets,
    /// The models that runs speak to.
    pub providers: Providers,
    /// How tools and callbacks reach the network.
    pub net: Net,
    /// The time.
    pub clock: Clock,
}

/// What handlers are given of the server, each its part.
#[derive(Clone, FromRef)]
pub(crate) struct App {
    db: Db,
    projects: Projects,
    secrets: Secrets,
    providers: Providers,
    starter: Starter,
    triggers: Triggers,
    webhooks: Webhooks,
    applying: Applying,
    deliveries: Deliveries,
}

/// A server that runs.
pub struct Server {
    address: SocketAddr,
    /// What it found unfinished when it started.
    pub recovered: Recovered,
    db: Db,
    runner: Runner,
    closing: watch::Sender<bool>,
    answering: JoinHandle<()>,
    forgetting: JoinHandle<()>,
    firing: JoinHandle<()>,
    delivering: JoinHandle<()>,
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Others than this machine could reach it, and there are no accounts.
    #[error("a server without accounts listens on loopback only, and {0} is reached from elsewhere")]
    AccountsRequired(SocketAddr),
    /// The address cannot be listened on.
    #[error("{address} cannot be listened on: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The secrets cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The runs cannot be gone on with.
    #[error(transparent)]
    Runner(#[from] RunnerError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl ServeError {
    /// The stable code that scripts can rely on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::AccountsRequired(_) => "accounts_required",
            Self::Listen { .. } => "listen_failed",
            Self::Secret(error) => error.code(),
            Self::Runner(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::AccountsRequired(_) => "Listen on 127.0.0.1, and reach it through a tunnel such as ssh -L.",
            Self::Listen { .. } => "Stop what listens there, or choose another port with --listen.",
            Self::Secret(error) => error.hint(),
            Self::Runner(error) => error.database().map_or("See the server's log.", db::Error::hint),
            Self::Database(error) => error.hint(),
        }
    }
}

/// Takes an address before anything else is done: that it is taken is found out at once.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    if !address.ip().is_loopback() {
        return Err(ServeError::AccountsRequired(address));
    }
    TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, source })
}

impl Server {
    /// Goes on with what is unfinished, and answers from then on.
    pub async fn start(listener: TcpListener, parts: Parts) -> Result<Self, ServeError> {
        let Parts { db, secrets, providers, net, clock } = parts;
        let address = listener
            .local_addr()
            .map_err(|source| ServeError::Listen { address: SocketAddr::from(([0, 0, 0, 0], 0)), source })?;
        let eras_changed = Arc::new(Notify::new());
        let eras = Arc::new(Eras::new(Arc::clone(&eras_changed)));
        let projects = Projects::followed(db.clone(), clock.clone(), vec![eras]);
        let means = Means {
            db: db.clone(),
            providers: providers.clone(),
            secrets: secrets.clone(),
            net: net.clone(),
            allowances: projects.allowances().clone(),
            clock: clock.clone(),
        };
        let runner = Runner::noting(means, Deliveries::promise_below);
        let deliveries = Deliveries::new(&runner, secrets.clone(), net, clock.clone());
        let recovered = runner.recover().await?;
        let workflows = Workflows::new(projects.clone());
        let (closing, closed) = watch::channel(false);
        let starter = Starter {
            db: db.clone(),
            clock: clock.clone(),
            runner: runner.clone(),
            workflows: workflows.clone(),
            closing: Closing(closed.clone()),
        };
        let runs = Runs::new(projects.clone(), workflows, runner.clone(), deliveries.clone());
        let scheduler = Scheduler::new(db.clone(), clock.clone(), runs, eras_changed);
        scheduler.begin(&projects).await?;
        let firing = tokio::spawn(scheduler.clone().keep());
        let triggers = Triggers { starter: starter.clone(), scheduler, deliveries: deliveries.clone() };
        let webhooks = Webhooks {
            starter: starter.clone(),
            projects: projects.clone(),
            secrets: secrets.clone(),
            deliveries: deliveries.clone(),
        };
        webhooks.make_ways().await;
        let applying = Applying { projects: projects.clone(), webhooks: Arc::new(webhooks.clone()) };
        let app = App {
            db: db.clone(),
            projects,
            applying,
            secrets,
            providers,
            starter,
            triggers,
            webhooks,
            deliveries: deliveries.clone(),
        };
        let answering = tokio::spawn(listen::answer(listener, router::router(app), closed));
        let forgetting = tokio::spawn(forget(db.clone(), clock));
        let delivering = tokio::spawn(deliveries.keep());
        Ok(Self { address, recovered, db, runner, closing, answering, forgetting, firing, delivering })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it in order: no new calls, streams are let go, what is being answered is, runs are left
    /// where they are and go on at the next start.
    pub async fn shut_down(mut self) {
        // It fails only where answering has ended already.
        let _ = self.closing.send(true);
        if tokio::time::timeout(CLOSE_IN, &mut self.answering).await.is_err() {
            self.answering.abort();
        }
        self.forgetting.abort();
        self.firing.abort();
        self.delivering.abort();
        self.runner.shut_down().await;
        self.db.close().await;
    }
}

async fn forget(db: Db, clock: Clock) {
    let mut every = tokio::time::interval(FORGET_EVERY);
    loop {
        every.tick().await;
        if let Err(error) = forget_old_keys(&db, clock.now()).await {
            tracing::warn!("old idempotency keys were not forgotten: {error}");
        }
    }
}
