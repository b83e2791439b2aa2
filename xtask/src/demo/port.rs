//! Where the server will listen.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Result, bail};

const DEFAULT: u16 = 8080;

/// The port that was asked for, or the one that fits; an error says how to get another.
pub(super) fn choose(asked: Option<u16>, once: bool) -> Result<u16> {
    // Nobody looks for a run that is over at once, so it need not be where one would look.
    let wanted = asked.unwrap_or(if once { 0 } else { DEFAULT });
    match bind(wanted) {
        Ok(port) => Ok(port),
        Err(failure) if failure.kind() == io::ErrorKind::AddrInUse => bail!("{}", in_use(wanted)),
        Err(failure) => bail!("Port {wanted} cannot be used ({failure}). Give another with --port."),
    }
}

fn in_use(wanted: u16) -> String {
    let free = (wanted..u16::MAX).skip(1).find(|port| bind(*port).is_ok());
    let instead = free.map_or_else(String::new, |port| format!(", such as --port {port}"));
    format!(
        "Port {wanted} is in use by another program. End that, or give another port with --port{instead}."
    )
}

/// Takes a port and gives it back; 0 is any that is free.
fn bind(port: u16) -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, port))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_port_is_refused_with_another_one() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let busy = listener.local_addr().unwrap().port();
        let text = choose(Some(busy), false).unwrap_err().to_string();
        assert!(text.starts_with(&format!("Port {busy} is in use by another program.")), "{text}");
        assert!(text.contains("--port"), "{text}");
        // A run that is waited for keeps to the port that was asked for, too.
        assert!(choose(Some(busy), true).is_err());
    }

    #[test]
    fn a_run_that_is_over_at_once_takes_any_free_port() {
        assert_ne!(choose(None, true).unwrap(), 0);
        assert_ne!(choose(Some(0), false).unwrap(), 0);
    }
}
