//! The server of the demo as its callers see it: addresses, and a GET of a few lines, since a client
//! for HTTP would take longer to build than all of this program.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// How long a server may take until it can start runs. It has a new file to make and no run to take up.
const READY_MAX: Duration = Duration::from_secs(30);
/// How often it is asked.
const BEAT: Duration = Duration::from_millis(50);
/// What an answer may hold: far more than any run of the demo.
const ANSWER_MAX: u64 = 16 << 20;

pub(super) struct Site {
    port: u16,
    token: Option<String>,
}

impl Site {
    pub(super) fn new(port: u16, token: Option<String>) -> Site {
        Site { port, token }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// What commands are given as `--server`.
    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The page of a run.
    pub(super) fn page(&self, run: u64) -> String {
        format!("{}/runs/{run}", self.address())
    }

    /// Waits until runs can be started.
    pub(super) async fn ready(&self) -> Result<()> {
        let asked = async {
            let mut beat = interval(BEAT);
            beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                beat.tick().await;
                if self.get("/readyz").await.is_ok() {
                    break;
                }
            }
        };
        let seconds = READY_MAX.as_secs();
        timeout(READY_MAX, asked)
            .await
            .with_context(|| format!("{}/readyz did not say yes within {seconds} s", self.address()))
    }

    /// What stands at a path.
    pub(super) async fn get(&self, path: &str) -> Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await?;
        stream.write_all(request(path, self.port, self.token.as_deref()).as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(ANSWER_MAX).read_to_end(&mut answer).await?;
        body(&String::from_utf8_lossy(&answer)).with_context(|| format!("{}{path}", self.address()))
    }
}

/// A request whose answer ends with the connection and comes in one piece: HTTP/1.0 knows no other.
fn request(path: &str, port: u16, token: Option<&str>) -> String {
    let token = token.map_or_else(String::new, |token| format!("Authorization: Bearer {token}\r\n"));
    format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n{token}\r\n")
}

/// The body of a whole answer, unless it is a refusal.
fn body(answer: &str) -> Result<String> {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        bail!("the answer broke off");
    };
    let status = head.split(' ').nth(1).unwrap_or_default();
    ensure!(status == "200", "answered {status}: {}", body.trim_end());
    Ok(body.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_a_run_has_a_plain_address() {
        assert_eq!(Site::new(8081, None).page(42), "http://127.0.0.1:8081/runs/42");
    }

    #[test]
    fn a_request_names_the_loopback_host_and_the_token_if_there_is_one() {
        assert_eq!(request("/readyz", 80, None), "GET /readyz HTTP/1.0\r\nHost: 127.0.0.1:80\r\n\r\n");
        assert!(request("/", 80, Some("t")).ends_with("\r\nAuthorization: Bearer t\r\n\r\n"));
    }

    #[test]
    fn only_an_answer_that_is_whole_and_no_refusal_has_a_body() {
        assert_eq!(body("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap(), "{}");
        let refused = body("HTTP/1.0 503 Service Unavailable\r\n\r\nnot yet\n").unwrap_err();
        assert_eq!(refused.to_string(), "answered 503: not yet");
        assert!(body("HTTP/1.0 200 OK\r\n").is_err());
    }
}
