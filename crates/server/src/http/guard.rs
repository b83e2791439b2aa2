//! Who may call a server without accounts: programs of this machine, and pages that it served itself.
//!
//! A page from elsewhere runs in a browser of this machine too. It must not reach the server: not
//! under a name of its own that leads to loopback (its `Host` gives it away), and not with calls
//! that change something (its `Origin` does).

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Refusal;

/// Lets a request through that comes under a loopback name and, where it changes something, from no
/// foreign page.
pub(crate) async fn loopback_only(request: Request, next: Next) -> Response {
    match admit(request.method(), request.headers(), request.uri().authority()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Lets a request through that comes under a loopback name, from whatever page: for calls that show in
/// themselves that they may be made.
pub(crate) async fn loopback_host(request: Request, next: Next) -> Response {
    match admit_host(request.headers(), request.uri().authority()) {
        Ok(_) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// The address of the server, under the name by which it was called.
pub(crate) fn base_url(headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    format!("http://{host}")
}

fn admit_host(headers: &HeaderMap, target: Option<&Authority>) -> Result<Authority, Refusal> {
    let host = host(headers, target)?;
    if !is_loopback(host.host()) {
        let message = format!("This server answers only under a loopback name, and was asked as \"{host}\".");
        return Err(Refusal::new(StatusCode::FORBIDDEN, "host_refused", message)
            .hint("Call it as 127.0.0.1 or localhost."));
    }
    Ok(host)
}

fn admit(method: &Method, headers: &HeaderMap, target: Option<&Authority>) -> Result<(), Refusal> {
    let host = admit_host(headers, target)?;
    if method.is_safe() {
        return Ok(());
    }
    for origin in headers.get_all(ORIGIN) {
        let own = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
        let is_own = own.is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host.as_str()));
        if !is_own {
            let message = "A page from elsewhere asked for a change.";
            return Err(Refusal::new(StatusCode::FORBIDDEN, "origin_refused", message)
                .hint("Programs send no Origin; pages have to come from this server itself."));
        }
    }
    Ok(())
}

/// The one name under which a request comes: of its `Host`, and of its target where that has one too.
/// Two that differ would be read differently by different readers.
fn host(headers: &HeaderMap, target: Option<&Authority>) -> Result<Authority, Refusal> {
    let refuse = || {
        Refusal::bad_request("host_invalid", "The request does not say in one Host which server it is for.")
    };
    let mut named = headers.get_all(HOST).iter();
    let host = match (named.next(), named.next()) {
        (Some(host), None) => Some(Authority::try_from(host.as_bytes()).map_err(|_| refuse())?),
        (Some(_), Some(_)) => return Err(refuse()),
        (None, _) => None,
    };
    let names: Vec<Authority> = host.into_iter().chain(target.cloned()).collect();
    if names.iter().any(|name| name.as_str().contains('@')) {
        return Err(refuse());
    }
    // What a proxy would go by counts as much as what it is called.
    let foreign = names.iter().find(|name| !is_loopback(name.host())).cloned();
    foreign.or_else(|| names.into_iter().next()).ok_or_else(refuse)
}

fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    match bare.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => bare.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: &Method, headers: &[(&str, &str)]) -> &'static str {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: axum::http::HeaderName = name.parse().unwrap();
            map.append(name, value.parse().unwrap());
        }
        match admit(method, &map, None) {
            Ok(()) => "admitted",
            Err(refusal) => match refusal.problem().code.as_str() {
                "host_refused" => "host",
                "origin_refused" => "origin",
                _ => "invalid",
            },
        }
    }

    #[test]
    fn only_loopback_names_are_answered() {
        for host in ["localhost:8080", "LOCALHOST", "127.0.0.1", "127.9.9.9:1", "[::1]:8080"] {
            assert_eq!(asked(&Method::GET, &[("host", host)]), "admitted", "{host}");
        }
        for host in
            ["example.org", "localhost.example.org", "127.0.0.1.example.org", "0.0.0.0", "10.0.0.1", "[::]"]
        {
            assert_eq!(asked(&Method::GET, &[("host", host)]), "host", "{host}");
        }
        for hosts in [&[][..], &[("host", "localhost"), ("host", "localhost")], &[("host", "a@localhost")]] {
            assert_eq!(asked(&Method::GET, hosts), "invalid", "{hosts:?}");
        }
    }

    #[test]
    fn a_foreign_page_changes_nothing() {
        let host = ("host", "localhost:8080");
        for origin in ["https://example.org", "null", "http://localhost:3000", "http://127.0.0.1:8080", ""] {
            assert_eq!(asked(&Method::POST, &[host, ("origin", origin)]), "origin", "{origin}");
            assert_eq!(asked(&Method::GET, &[host, ("origin", origin)]), "admitted", "{origin}");
        }
        assert_eq!(asked(&Method::POST, &[host, ("origin", "http://localhost:8080")]), "admitted");
        assert_eq!(asked(&Method::DELETE, &[host]), "admitted");
    }
}
