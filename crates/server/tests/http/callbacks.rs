//! Callbacks: who started a run is told of its end, once for each run, signed, until it says that it has
//! heard.

use callboard_fake_model::Behaviour;
use callboard_server::secret::Secret;
use callboard_server::secret::signature::is_signed;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::house::House;
use crate::receiver::{Heard, Receiver};
use crate::support::store::Store;

on_both! {
    the_end_of_a_run_is_told_signed_and_with_the_run_object
    a_key_that_is_made_anew_signs_from_then_on
    however_many_ask_with_one_key_one_run_starts_and_its_end_is_told_once
    what_is_not_heard_is_told_again_under_the_same_id
    what_is_owed_is_told_after_a_restart
    a_redirect_is_not_followed
    who_is_gone_is_told_no_more_unless_it_is_sent_again
    a_run_that_goes_on_owes_a_promise
    deliveries_go_with_their_run
    a_rerun_tells_nobody
    an_odd_answer_is_kept_in_part_and_as_text
    an_address_that_nothing_may_be_sent_to_is_refused_at_once
    every_answer_names_the_same_address_of_the_run
    deliveries_of_a_project_are_listed_page_by_page
}

/// Callers that ask at once.
const AT_ONCE: usize = 16;

async fn house(store: Store) -> House {
    let house = House::allowing(store, "127.0.0.1").await;
    house.client.apply(&house.file()).await.is(200);
    house
}

impl House {
    /// Starts a run whose end is told there.
    async fn calling_back(&self, url: &str) -> i64 {
        let asked = json!({ "workflow": "p/work", "input": "x", "callback_url": url });
        self.client.post("trigger", &asked).await.is(201)["run_id"].as_i64().unwrap()
    }

    /// The one delivery of a run, when it is in that state.
    async fn delivery(&self, run: i64, status: &str) -> Value {
        let path = format!("runs/{run}/deliveries");
        let list = self.until(&path, |list| list["items"][0]["status"] == status).await;
        assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
        list["items"][0].clone()
    }

    /// The one delivery of a run, when it was tried so often.
    async fn tried(&self, run: i64, often: usize) -> Value {
        let path = format!("runs/{run}/deliveries");
        let is_tried =
            |list: &Value| list["items"][0]["tries"].as_array().is_some_and(|tries| tries.len() == often);
        self.until(&path, is_tried).await["items"][0].clone()
    }
}

/// Whether a request is signed with that key.
fn signed(heard: &Heard, key: &str) -> bool {
    let header = |name: &str| heard.headers[name].as_str();
    let message = (header("webhook-id"), header("webhook-timestamp"));
    is_signed(&Secret::new(key), message, &heard.body, header("webhook-signature")).unwrap()
}

async fn the_end_of_a_run_is_told_signed_and_with_the_run_object(store: Store) {
    let house = house(store).await;
    let mut receiver = Receiver::new().await;
    let key = house.client.post("projects/1/callback-key", &json!({})).await.is(200);
    let key = key["key"].as_str().unwrap();
    let id = house.calling_back(&receiver.url("/hear?token=hush")).await;
    let heard = receiver.next().await;
    assert_eq!(heard.line, "POST /hear?token=hush");
    assert_eq!(heard.headers["content-type"], "application/json");
    assert!(signed(&heard, key), "{heard:?}");
    let run = house.ended(id).await;
    assert_eq!(heard.json(), run);
    assert_eq!(run["status"], "completed");

    let delivery = house.delivery(id, "delivered").await;
    assert_eq!(delivery["kind"], "run_ended");
    assert_eq!((&delivery["run_id"], &delivery["project_id"]), (&json!(id), &json!(1)));
    assert_eq!(delivery["webhook_id"], heard.headers["webhook-id"]);
    assert_eq!(delivery["to"], receiver.url(""));
    assert_eq!(delivery["next_try_at"], Value::Null);
    let tries = delivery["tries"].as_array().unwrap();
    assert_eq!((tries.len(), &tries[0]["nth"]), (1, &json!(1)));
    assert_eq!((&tries[0]["status"], &tries[0]["answer"]), (&json!(200), &json!("thanks")));
    let number = delivery["id"].as_i64().unwrap();
    assert_eq!(house.client.get(&format!("deliveries/{number}")).await.is(200), delivery);
    // Neither the key nor what stands behind the host is shown anywhere.
    let events = json!(house.events(id).await).to_string();
    for shown in [events, delivery.to_string(), run.to_string()] {
        assert!(!shown.contains("hush") && !shown.contains(key), "{shown}");
    }
    assert!(receiver.is_quiet());
}

async fn a_key_that_is_made_anew_signs_from_then_on(store: Store) {
    let house = house(store).await;
    let mut receiver = Receiver::new().await;
    // One that nobody has asked for is made when it is needed.
    let first = house.calling_back(&receiver.url("/")).await;
    let heard = receiver.next().await;
    house.delivery(first, "delivered").await;
    let names = house.client.get("projects/1/secrets").await.is(200);
    assert_eq!(names["items"][0]["name"], "callback");
    let key = house.client.post("projects/1/callback-key", &json!({})).await.is(200);
    let key = key["key"].as_str().unwrap().to_owned();
    assert!(!signed(&heard, &key));
    house.calling_back(&receiver.url("/")).await;
    assert!(signed(&receiver.next().await, &key));
    // A key of one's own does as well, if it is one.
    let own = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    house
        .client
        .call("PUT", "projects/1/secrets/callback")
        .json(&json!({ "value": own }))
        .send()
        .await
        .is(200);
    house.calling_back(&receiver.url("/")).await;
    assert!(signed(&receiver.next().await, own));
    let odd = json!({ "value": "my callback key" });
    house.client.call("PUT", "projects/1/secrets/callback").json(&odd).send().await.is(200);
    let id = house.calling_back(&receiver.url("/")).await;
    let due = house.tried(id, 1).await;
    assert_eq!(due["tries"][0]["code"], "callback_key_invalid", "{due}");
    assert!(receiver.is_quiet());
    house.client.post("projects/9/callback-key", &json!({})).await.refused(404, "project_not_found");
}

async fn however_many_ask_with_one_key_one_run_starts_and_its_end_is_told_once(store: Store) {
    let house = house(store).await;
    let mut receiver = Receiver::new().await;
    let asked = json!({ "workflow": "p/work", "input": 1, "callback_url": receiver.url("/") });
    let ask = || house.client.call("POST", "trigger").key("one").json(&asked).send();
    let answers = join_all((0..AT_ONCE).map(|_| ask())).await;
    let ids: Vec<Value> = answers.into_iter().map(|answer| answer.is(201)["run_id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(house.client.get("runs").await.is(200)["items"].as_array().unwrap().len(), 1);
    assert_eq!(receiver.next().await.json()["id"], ids[0]);
    house.delivery(ids[0].as_i64().unwrap(), "delivered").await;
    assert!(receiver.is_quiet());
    let other = json!({ "workflow": "p/work", "input": 1, "callback_url": receiver.url("/other") });
    let other = house.client.call("POST", "trigger").key("one").json(&other);
    other.send().await.refused(409, "idempotency_key_reused");
}

async fn what_is_not_heard_is_told_again_under_the_same_id(store: Store) {
    let house = house(store).await;
    let mut receiver = Receiver::new().await;
    receiver.status(500);
    let id = house.calling_back(&receiver.url("/")).await;
    let first = receiver.next().await;
    let due = house.tried(id, 1).await;
    assert_eq!((&due["status"], &due["tries"][0]["status"]), (&json!("due"), &json!(500)));
    assert!(due["next_try_at"].is_string(), "{due}");
    // It comes by itself, some seconds later.
    let second = receiver.next().await;
    assert_eq!(second.headers["webhook-id"], first.headers["webhook-id"]);
    assert_eq!(second.body, first.body);
    let delivery = house.delivery(id, "delivered").await;
    assert_eq!(delivery["tries"].as_array().unwrap().len(), 2);
}

async fn what_is_owed_is_told_after_a_restart(store: Store) {
    let mut house = house(store).await;
    // Nobody is there.
    let receiver = Receiver::new().await;
    let (port, url) = (receiver.port, receiver.url("/"));
    drop(receiver);
    house.model.push(Behaviour::hang().agent("You are b.").times(1));
    let late = house.calling_back(&url).await;
    house.model.wait_for_requests(2).await;
    let owed = house.calling_back(&url).await;
    let due = house.tried(owed, 1).await;
    assert_eq!(due["tries"][0]["code"], "unreachable", "{due}");
    house.shut_down().await;
    let mut receiver = Receiver::at(port).await;
    house.begin().await;
    // One was owed, the other becomes so when its run ends at this server.
    let mut told = [receiver.next().await.json(), receiver.next().await.json()].map(|run| run["id"].clone());
    told.sort_by_key(|id| id.as_i64());
    assert_eq!(told, [json!(late), json!(owed)]);
    for id in [late, owed] {
        house.delivery(id, "delivered").await;
    }
}

async fn a_redirect_is_not_followed(store: Store) {
    let house = house(store).await;
    let (mut receiver, mut elsewhere) = (Receiver::new().await, Receiver::new().await);
    let to = elsewhere.url("/");
    receiver.answer(format!("HTTP/1.1 307 X\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"));
    let id = house.calling_back(&receiver.url("/")).await;
    let first = receiver.next().await;
    let due = house.tried(id, 1).await;
    assert_eq!((&due["status"], &due["tries"][0]["status"]), (&json!("due"), &json!(307)));
    assert!(elsewhere.is_quiet());
    // A person does not wait for the next try.
    let again = format!("deliveries/{}/send-again", due["id"]);
    let again = house.client.post(&again, &json!({})).await.is(202);
    assert_eq!((&again["status"], &again["id"]), (&json!("due"), &due["id"]));
    assert_eq!(receiver.next().await.headers["webhook-id"], first.headers["webhook-id"]);
    house.delivery(id, "delivered").await;
}

async fn who_is_gone_is_told_no_more_unless_it_is_sent_again(store: Store) {
    let house = house(store).await;
    let mut receiver = Receiver::new().await;
    receiver.status(410);
    let id = house.calling_back(&receiver.url("/")).await;
    receiver.next().await;
    let delivery = house.delivery(id, "given_up").await;
    assert_eq!(delivery["next_try_at"], Value::Null);
    let again = format!("deliveries/{}/send-again", delivery["id"]);
    for nth in [2, 3] {
        house.client.post(&again, &json!({})).await.is(202);
        receiver.next().await;
        let path = format!("runs/{id}/deliveries");
        let list =
            house.until(&path, |list| list["items"][0]["tries"].as_array().unwrap().len() == nth).await;
        assert_eq!(list["items"][0]["status"], "delivered", "{list}");
    }
    for (method, path) in [("GET", "deliveries/99"), ("POST", "deliveries/99/send-again")] {
        house.client.call(method, path).send().await.refused(404, "delivery_not_found");
    }
}

async fn a_run_that_goes_on_owes_a_promise(store: Store) {
    let house = house(store).await;
    let mut receiver = Receiver::new().await;
    house.model.push(Behaviour::hang());
    let id = house.calling_back(&receiver.url("/")).await;
    let promised = house.delivery(id, "promised").await;
    assert_eq!((&promised["tries"], &promised["next_try_at"]), (&json!([]), &Value::Null));
    let again = format!("deliveries/{}/send-again", promised["id"]);
    house.client.post(&again, &json!({})).await.refused(409, "delivery_not_due");
    assert!(receiver.is_quiet());
    house.client.post(&format!("runs/{id}/stop"), &json!({})).await.is(202);
    assert_eq!(receiver.next().await.json()["status"], "stopped");
    assert_eq!(house.delivery(id, "delivered").await["id"], promised["id"]);
}

async fn deliveries_go_with_their_run(store: Store) {
    let house = house(store).await;
    let mut receiver = Receiver::new().await;
    receiver.status(503);
    let id = house.calling_back(&receiver.url("/")).await;
    receiver.next().await;
    let due = house.tried(id, 1).await;
    house.client.delete(&format!("runs/{id}")).await.is(204);
    house.client.get(&format!("runs/{id}/deliveries")).await.refused(404, "run_not_found");
    // What was still owed is not told any more: there is nothing left to tell.
    let own = format!("deliveries/{}", due["id"]);
    let gone = house.client.post(&format!("{own}/send-again"), &json!({})).await;
    assert!([202, 404].contains(&gone.status), "{gone}");
    house.until(&own, |answer| answer["code"] == "delivery_not_found").await;
    assert!(receiver.is_quiet());
}

async fn a_rerun_tells_nobody(store: Store) {
    let house = house(store).await;
    let mut receiver = Receiver::new().await;
    let id = house.calling_back(&receiver.url("/")).await;
    receiver.next().await;
    let again = house.client.post(&format!("runs/{id}/rerun"), &json!({ "from_visit": 2 })).await.is(201);
    let again = again["id"].as_i64().unwrap();
    house.ended(again).await;
    let list = house.client.get(&format!("runs/{again}/deliveries")).await.is(200);
    assert_eq!(list, json!({ "items": [], "next": null }));
    assert!(receiver.is_quiet());
}

async fn an_odd_answer_is_kept_in_part_and_as_text(store: Store) {
    let house = house(store).await;
    let mut receiver = Receiver::new().await;
    let mut answer = b"HTTP/1.1 200 OK\r\n\r\na\0b\xff\xfe".to_vec();
    answer.extend([b'x'; 100_000]);
    receiver.answer(answer);
    let id = house.calling_back(&receiver.url("/")).await;
    receiver.next().await;
    let said = house.delivery(id, "delivered").await["tries"][0]["answer"].clone();
    let said = said.as_str().unwrap();
    assert!(said.starts_with("a\u{fffd}b\u{fffd}"), "{said:?}");
    assert!(said.len() < 3_000, "{}", said.len());
    // What is no HTTP at all is a failure with a reason.
    receiver.answer("what?");
    let id = house.calling_back(&receiver.url("/")).await;
    let due = house.tried(id, 1).await;
    assert_eq!(due["tries"][0]["code"], "bad_answer", "{due}");
}

async fn an_address_that_nothing_may_be_sent_to_is_refused_at_once(store: Store) {
    let house = House::with_project(store).await;
    for (url, code) in [
        ("http://127.0.0.1:1/", "address_refused"),
        ("http://localhost/hear", "address_refused"),
        ("http://10.0.0.1/", "address_refused"),
        ("http://169.254.169.254/latest/meta-data", "address_refused"),
        ("http://[::1]:8080/", "address_refused"),
        ("http://0x7f.1/", "address_refused"),
        ("ftp://example.com/", "invalid_url"),
        ("https://ana:hush@example.com/", "invalid_url"),
        ("nonsense", "invalid_url"),
        ("", "invalid_url"),
    ] {
        let asked = json!({ "workflow": "p/work", "callback_url": url });
        let refused = house.client.post("trigger", &asked).await;
        assert!(!refused.text().contains("hush"), "{refused}");
        refused.refused(422, code);
    }
    assert_eq!(house.client.get("runs").await.is(200)["items"], json!([]), "no run was started");
}

async fn every_answer_names_the_same_address_of_the_run(store: Store) {
    let house = house(store).await;
    house.model.push(Behaviour::hang());
    let ask = |path: &'static str| {
        let asked = json!({ "workflow": "p/work", "input": 1 });
        house.client.call("POST", path).key("k").json(&asked).send()
    };
    let first = ask("trigger").await;
    let id = first.json()["run_id"].as_i64().unwrap();
    let url = format!("http://{}/runs/{id}", house.client.address);
    let check = |answer: &crate::client::Answer, status: u16| {
        assert_eq!(answer.status, status, "{answer}");
        let body = answer.json();
        assert_eq!((&body["url"], &body["run_id"]), (&json!(url), &json!(id)));
        assert_eq!(body["workflow_run_id"], json!(id));
        assert_eq!(answer.header("location"), format!("/api/v1/runs/{id}"));
    };
    check(&first, 201);
    check(&ask("trigger").await, 201);
    check(&ask("trigger?wait=0").await, 202);
    house.client.post(&format!("runs/{id}/stop"), &json!({})).await.is(202);
    let ended = ask("trigger?wait=60").await;
    check(&ended, 200);
    assert_eq!((&ended.json()["id"], &ended.json()["status"]), (&json!(id), &json!("stopped")));
}

async fn deliveries_of_a_project_are_listed_page_by_page(store: Store) {
    let house = house(store).await;
    let mut receiver = Receiver::new().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = house.calling_back(&receiver.url("/")).await;
        receiver.next().await;
        house.delivery(id, "delivered").await;
        ids.insert(0, json!(id));
    }
    let first = house.client.get("projects/1/deliveries?limit=2").await.is(200);
    let next = first["next"].as_str().unwrap();
    let rest = house.client.get(&format!("projects/1/deliveries?limit=2&after={next}")).await.is(200);
    let both = first["items"].as_array().unwrap().iter().chain(rest["items"].as_array().unwrap());
    assert_eq!(both.map(|one| one["run_id"].clone()).collect::<Vec<_>>(), ids);
    assert_eq!(rest["next"], Value::Null);
    house.client.get("projects/9/deliveries").await.refused(404, "project_not_found");
    house.client.get("runs/99/deliveries").await.refused(404, "run_not_found");
}
