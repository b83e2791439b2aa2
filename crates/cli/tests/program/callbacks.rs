//! A server that is killed while it owes a callback: the next one tells it, under the same id.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use callboard_fake_model::Behaviour;
use serde_json::Value;

use crate::postgres;
use crate::program::{Desk, Said};
use crate::server::Server;

const ONE: &str = "
      - { id: one, name: One, task: 'Look at {{ input }}.', agents: [a] }
";

#[test]
fn what_is_owed_is_told_after_a_kill_on_sqlite() {
    what_is_owed_is_told_after_a_kill(&[]);
}

#[test]
fn what_is_owed_is_told_after_a_kill_on_postgres() {
    let Some(url) = postgres::database() else { return };
    what_is_owed_is_told_after_a_kill(&["--database-url", &url]);
}

fn what_is_owed_is_told_after_a_kill(store: &[&str]) {
    let desk = Desk::new();
    desk.project(ONE);
    let words = [&["--allow-hosts", "127.0.0.1"], store].concat();
    let mut server = Server::start_on(&desk, "127.0.0.1:0", &words);
    assert_eq!(on(&desk, &server, &["apply", "project.yaml"]).code, 0);
    let key = on(&desk, &server, &["secret", "callback-key"]);
    assert!(key.out.starts_with("whsec_") && key.code == 0, "{key:?}");

    // Killed while its run goes on: there is a promise, and nothing else.
    desk.model.push(Behaviour::hang());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hear", listener.local_addr().unwrap());
    let ask = ["trigger", "test/work", "--input", "owls", "--callback-url", &url];
    let asked = on(&desk, &server, &ask);
    assert_eq!(asked.code, 0, "{asked:?}");
    desk.wait(desk.model.wait_for_requests(1));
    server.kill();

    // Killed while it tells: nobody answers, so that it cannot know whether it was heard.
    let mut server = Server::start_on(&desk, "127.0.0.1:0", &words);
    let (connection, first) = heard(&listener);
    server.kill();
    drop(connection);

    let server = Server::start_on(&desk, "127.0.0.1:0", &words);
    let (mut connection, second) = heard(&listener);
    connection.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
    assert_eq!(header(&second, "webhook-id"), header(&first, "webhook-id"));
    assert_eq!(second.1, first.1);
    let run: Value = serde_json::from_str(&second.1).unwrap();
    assert_eq!((&run["status"], &run["id"]), (&Value::from("completed"), &Value::from(1)));

    // Sent again, it is the same once more.
    let again = on(&desk, &server, &["runs", "send-again", "1"]);
    assert!(again.code == 0 && again.err.contains("delivery 1 is sent to http://127.0.0.1:"), "{again:?}");
    let (mut connection, third) = heard(&listener);
    connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
    assert_eq!(header(&third, "webhook-id"), header(&first, "webhook-id"));
    let listed = loop {
        let listed = on(&desk, &server, &["runs", "deliveries", "1", "--json"]);
        if listed.out.contains("\"answer\":\"ok\"") {
            break listed;
        }
        std::thread::yield_now();
    };
    let listed: Value = serde_json::from_str(&listed.out).unwrap();
    assert_eq!(listed[0]["status"], "delivered");
    let tries: Vec<&Value> = listed[0]["tries"].as_array().unwrap().iter().collect();
    assert_eq!(tries.len(), 2, "the one that was cut off is not known of: {tries:?}");
    let table = on(&desk, &server, &["runs", "deliveries", "1"]);
    assert!(table.out.lines().nth(1).unwrap().contains("delivered"), "{table:?}");
}

fn on(desk: &Desk, server: &Server, words: &[&str]) -> Said {
    desk.run(&[words, &["--server", &server.address]].concat())
}

/// The next request, with its head and its body.
fn heard(listener: &TcpListener) -> (TcpStream, (Vec<String>, String)) {
    let (connection, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        head.push(line.trim().to_owned());
    }
    let request = (head, String::new());
    let mut body = vec![0; header(&request, "content-length").parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    (connection, (request.0, String::from_utf8(body).unwrap()))
}

fn header<'a>((head, _): &'a (Vec<String>, String), name: &str) -> &'a str {
    let found = head.iter().find_map(|line| line.split_once(": ").filter(|(known, _)| *known == name));
    found.unwrap_or_else(|| panic!("no {name} in {head:?}")).1
}
