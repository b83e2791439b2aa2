//! Where a database is: `sqlite:PATH` or `postgres://…`. An address may hold a password, so its
//! text is never kept as it came and nothing here prints it, not even the part of an address that
//! could not be understood.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use tokio_postgres::config::Host;

use super::Error;

/// How long one attempt to connect may take, unless the address says otherwise. A server on the
/// same network answers within milliseconds; five seconds let a busy one through.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long sent data may stay unacknowledged before the connection counts as lost, unless the
/// address says otherwise. Without it a commit to a server whose machine is gone waits for many minutes.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(30);

/// Where a database is.
#[derive(Clone)]
pub struct Address(pub(super) Place);

#[derive(Clone)]
pub(super) enum Place {
    Sqlite(PathBuf),
    Postgres(Box<tokio_postgres::Config>),
}

impl Address {
    /// The SQLite database in that file.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self(Place::Sqlite(path.into()))
    }

    /// The file that it is in; nothing for a server.
    pub fn file(&self) -> Option<&Path> {
        match &self.0 {
            Place::Sqlite(path) => Some(path),
            Place::Postgres(_) => None,
        }
    }
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            sqlite(path)
        } else if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            postgres(text)
        } else {
            Err(Error::Address("it begins neither with `sqlite:` nor with `postgres://`".into()))
        }
    }
}

fn sqlite(text: &str) -> Result<Address, Error> {
    let path = text.strip_prefix("//").unwrap_or(text);
    if path.is_empty() {
        return Err(Error::Address("there is no path after `sqlite:`".into()));
    }
    if path == ":memory:" {
        return Err(Error::Address("a database in memory would lose every run; name a file".into()));
    }
    if path.contains('?') {
        return Err(Error::Address("`sqlite:PATH` takes no options after a question mark".into()));
    }
    Ok(Address::sqlite(path))
}

fn postgres(text: &str) -> Result<Address, Error> {
    refuse_tls(text)?;
    let mut config = tokio_postgres::Config::from_str(text).map_err(|_| not_understood())?;
    // An @ in a password that is not escaped ends it early and leaves the rest of it in the name of
    // the host, which errors would repeat.
    let names_a_host = |host: &Host| match host {
        Host::Tcp(name) => !name.contains('@'),
        Host::Unix(_) => true,
    };
    if config.get_hosts().is_empty() || !config.get_hosts().iter().all(names_a_host) {
        return Err(not_understood());
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(TCP_USER_TIMEOUT);
    }
    if config.get_application_name().is_none() {
        config.application_name("callboard");
    }
    Ok(Address(Place::Postgres(Box::new(config))))
}

/// Encryption is not built in. Ignoring a wish for it would send the password in the open.
fn refuse_tls(text: &str) -> Result<(), Error> {
    let options = text.rsplit_once('?').map_or("", |(_, options)| options);
    let asked = options.split('&').find_map(|option| option.strip_prefix("sslmode="));
    match asked {
        Some("require" | "verify-ca" | "verify-full") => Err(Error::Address(
            "encrypted connections to PostgreSQL are not supported yet; \
             use sslmode=disable over a network that you trust"
                .into(),
        )),
        Some(_) | None => Ok(()),
    }
}

fn not_understood() -> Error {
    Error::Address(
        "it is not a PostgreSQL address; \
         special characters in the password are written with a percent sign, @ as %40 and / as %2F"
            .into(),
    )
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Place::Postgres(config) => {
                write!(f, "postgres://")?;
                if let Some(user) = config.get_user() {
                    write!(f, "{user}@")?;
                }
                match config.get_hosts().first() {
                    Some(Host::Tcp(host)) => write!(f, "{host}")?,
                    Some(Host::Unix(path)) => write!(f, "{}", path.display())?,
                    None => {}
                }
                if let Some(port) = config.get_ports().first() {
                    write!(f, ":{port}")?;
                }
                write!(f, "/{}", config.get_dbname().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_everything_but_its_password() {
        let address: Address = "postgres://ann:secret%40@db.example:5433/callboard".parse().unwrap();
        assert_eq!(address.to_string(), "postgres://ann@db.example:5433/callboard");
        assert_eq!(format!("{address:?}"), address.to_string());
    }

    #[test]
    fn an_address_that_cannot_be_used_is_refused_without_repeating_it() {
        for (text, says) in [
            ("mysql://ann:secret@host/db", "neither with"),
            ("sqlite:", "no path"),
            ("sqlite::memory:", "in memory"),
            ("sqlite:a.db?secret=1", "no options"),
            ("postgres://ann:secret@host/db?sslmode=require", "not supported yet"),
            ("postgres://ann:se@secret@host/db", "percent sign"),
            ("postgres://ann:secret@host:port/db", "percent sign"),
            ("postgres:///db", "percent sign"),
        ] {
            let error = text.parse::<Address>().unwrap_err();
            assert_eq!(error.code(), "database_address", "{text}");
            assert!(error.to_string().contains(says), "{text}: {error}");
            assert!(!format!("{error} {error:?}").contains("secret"), "{text}: {error}");
        }
    }

    #[test]
    fn a_sqlite_address_is_a_path() {
        for (text, path) in
            [("sqlite:a/b.db", "a/b.db"), ("sqlite:/a.db", "/a.db"), ("sqlite:///a.db", "/a.db")]
        {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), format!("sqlite:{path}"));
        }
    }
}
