//! Secrets: set, sent where they belong, and shown nowhere.

use std::fmt::{Debug, Write as _};
use std::path::Path;
use std::sync::{Mutex, Once};

use callboard_fake_model::Behaviour;
use callboard_server::secret::{SealingKey, Secrets};
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::span;

use crate::house::House;
use crate::support::store::Store;

on_both! {
    a_secret_is_set_listed_and_removed_and_its_value_is_never_shown
    a_call_carries_the_key_of_its_moment
    a_run_whose_secret_is_missing_says_so
    a_database_is_not_opened_with_another_key
    a_secret_that_cannot_be_one_is_refused
    every_project_has_secrets_of_its_own
}

/// A value that nothing else looks like.
const VALUE: &str = "sk-5ecret-v4lue-OwlsAtNight";
const OTHER: &str = "sk-4nother-v4lue-OwlsAtNoon";

/// Everything that this process logged.
static LOG: Mutex<String> = Mutex::new(String::new());

/// Takes down whatever is logged, of every level.
struct Listener;

impl tracing::Subscriber for Listener {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        attributes.record(&mut Taken);
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut Taken);
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut Taken);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Taken;

impl Visit for Taken {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = writeln!(LOG.lock().unwrap(), "{}={value:?}", field.name());
    }
}

fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Listener).unwrap());
}

/// A house whose model takes its key from the secret `K`.
async fn house(store: Store) -> House {
    listen();
    let house = House::open(store).await;
    let with_key = "model: m, api_key: { secret: K }, ";
    house.client.apply(&house.file().replace("model: m, ", with_key)).await.is(200);
    house
}

async fn set(house: &House, name: &str, value: &str) -> Value {
    let path = format!("projects/1/secrets/{name}");
    house.client.call("PUT", &path).json(&json!({ "value": value })).send().await.is(200)
}

/// Everything that a caller can read.
async fn everything(house: &House) -> String {
    let mut all = String::new();
    let runs = house.client.get("runs?limit=1000").await.is(200);
    let mut paths: Vec<String> =
        ["projects", "projects/1", "projects/1/export", "projects/1/secrets", "runs", "/metrics"]
            .map(str::to_owned)
            .to_vec();
    paths.extend(["models", "tools", "teams", "workflows"].map(|part| format!("projects/1/{part}")));
    for run in runs["items"].as_array().unwrap() {
        let run = format!("runs/{}", run["id"]);
        paths.extend(["", "/events?limit=1000", "/stream", "/memory"].map(|of| format!("{run}{of}")));
    }
    for path in paths {
        all.push_str(house.client.get(&path).await.text());
    }
    let json =
        house.client.call("GET", "projects/1/export").header("accept", "application/json").send().await;
    all + json.text()
}

/// Whether a value is in a text, plain or in a shape that is no better.
fn is_in(value: &str, text: &[u8]) -> bool {
    use base64::Engine as _;
    let hex = value.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let shapes = [value.to_owned(), base64::engine::general_purpose::STANDARD.encode(value), hex];
    shapes.iter().any(|shape| text.windows(shape.len()).any(|part| part == shape.as_bytes()))
}

/// The files of a database: itself, its log, and what is beside it.
fn files(house: &House) -> Vec<(String, Vec<u8>)> {
    let mut folders = vec![house.folder.path().to_owned()];
    folders.extend(
        house
            .store
            .text
            .strip_prefix("sqlite:")
            .and_then(|path| Path::new(path).parent())
            .map(Path::to_owned),
    );
    let files = folders.into_iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    files
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.display().to_string(), std::fs::read(&path).unwrap())
        })
        .collect()
}

async fn a_secret_is_set_listed_and_removed_and_its_value_is_never_shown(store: Store) {
    let mut house = house(store).await;
    let first = set(&house, "K", VALUE).await;
    assert_eq!(first["name"], "K");
    set(&house, "another", OTHER).await;
    let list = house.client.get("projects/1/secrets").await.is(200);
    assert_eq!(
        (&list["items"][0], &list["items"][1]["name"], &list["next"]),
        (&first, &json!("another"), &Value::Null)
    );

    // The model repeats what it was sent, as some providers do, well and badly.
    let echo = format!("You sent {VALUE}.");
    house.model.push(
        Behaviour::status(401, json!({ "error": { "message": echo } }).to_string()).agent("You are b."),
    );
    let id = house.start(json!("x")).await;
    assert_eq!(house.ended(id).await["error"]["code"], "model_unauthorized");
    // Whoever writes a value where it does not belong is not told it back either.
    house.client.post("projects/1/secrets", &json!({ "value": VALUE })).await.is(405);
    let wrong = house.client.call("PUT", "projects/1/secrets/K");
    let wrong = wrong.json(&json!({ "value": [VALUE] })).send().await;
    assert!(!is_in(VALUE, wrong.text().as_bytes()), "{wrong}");
    wrong.refused(422, "body_invalid");

    let all = everything(&house).await;
    for (name, file) in files(&house).into_iter().chain([("answers".to_owned(), all.into_bytes())]) {
        assert!(!is_in(VALUE, &file) && !is_in(OTHER, &file), "{name} holds a secret");
    }
    let find = "SELECT sealed FROM secret";
    let db = house.store.db().await;
    for row in db.query(find, []).await.unwrap() {
        assert!(!is_in(VALUE, &row.bytes(0).unwrap()));
    }
    db.close().await;
    house.client.delete("projects/1/secrets/another").await.is(204);
    house.client.delete("projects/1/secrets/another").await.refused(404, "secret_not_found");
    assert_eq!(house.client.get("projects/1/secrets").await.is(200)["items"], json!([first]));
    house.shut_down().await;
    for (name, file) in files(&house) {
        assert!(!is_in(VALUE, &file), "{name} holds a secret");
    }
    assert!(!is_in(VALUE, LOG.lock().unwrap().as_bytes()), "the log holds a secret");
}

async fn a_call_carries_the_key_of_its_moment(store: Store) {
    let house = house(store).await;
    set(&house, "K", VALUE).await;
    house.model.push(Behaviour { delay_ms: 100, ..Behaviour::text("Well.").agent("You are a.").times(1) });
    let id = house.start(json!("x")).await;
    house.model.wait_for_requests(1).await;
    // The first call is out; the second one takes what is set by then.
    set(&house, "K", &format!("  {OTHER}\n")).await;
    assert_eq!(house.ended(id).await["status"], "completed");
    let keys: Vec<String> =
        house.model.requests().iter().map(|request| request.header("authorization").to_owned()).collect();
    assert_eq!(keys[0], format!("Bearer {VALUE}"));
    assert!(keys.len() > 1 && keys[1..].iter().all(|key| *key == format!("Bearer {OTHER}")), "{keys:?}");
}

async fn a_run_whose_secret_is_missing_says_so(store: Store) {
    let house = house(store).await;
    let id = house.start(json!("x")).await;
    let run = house.ended(id).await;
    let error = &run["error"];
    assert_eq!((&run["status"], &error["code"]), (&json!("error"), &json!("model_unauthorized")), "{run}");
    let told = format!("{} {}", error["message"], error["hint"]);
    assert!(told.contains('K') && error["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{error}");
    assert_eq!(house.model.count(), 0, "nothing was sent without a key");
    set(&house, "K", VALUE).await;
    let id = house.start(json!("x")).await;
    assert_eq!(house.ended(id).await["status"], "completed");
}

async fn a_database_is_not_opened_with_another_key(store: Store) {
    let mut house = house(store).await;
    set(&house, "K", VALUE).await;
    house.shut_down().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let other = SealingKey::of_folder(elsewhere.path()).unwrap();
    let db = house.store.db().await;
    let refused = Secrets::open(db.clone(), Some(other)).await.err().unwrap();
    assert_eq!(refused.code(), "secret_key_wrong");
    assert!(refused.hint().contains("callboard.key"));
    let own = SealingKey::of_folder(house.folder.path()).unwrap();
    assert_eq!(Secrets::open(db.clone(), Some(own)).await.unwrap().list(1).len(), 1);
    db.close().await;
}

async fn a_secret_that_cannot_be_one_is_refused(store: Store) {
    let house = house(store).await;
    let put = |name: &str, body: Value| {
        house.client.call("PUT", &format!("projects/1/secrets/{name}")).json(&body).send()
    };
    for value in [String::new(), " \n\t".to_owned(), "x".repeat(64 * 1024 + 1)] {
        put("K", json!({ "value": value })).await.refused(422, "secret_length");
    }
    for body in
        [json!({}), json!({ "value": null }), json!({ "value": 1 }), json!({ "value": "v", "name": "K" })]
    {
        put("K", body).await.refused(422, "body_invalid");
    }
    for name in ["a%2Fb", "%20", "a.b", "%C3%A4", "a%00b", &"x".repeat(5_000)] {
        put(name, json!({ "value": "v" })).await.refused(422, "name_invalid");
    }
    house
        .client
        .call("PUT", "projects/9/secrets/K")
        .json(&json!({ "value": "v" }))
        .send()
        .await
        .refused(404, "project_not_found");
    assert_eq!(house.client.get("projects/1/secrets").await.is(200)["items"], json!([]));
    put("K", json!({ "value": "x".repeat(64 * 1024) })).await.is(200);
}

async fn every_project_has_secrets_of_its_own(store: Store) {
    let house = house(store).await;
    house.client.apply("project: q\n").await.is(200);
    set(&house, "K", VALUE).await;
    assert_eq!(house.client.get("projects/2/secrets").await.is(200)["items"], json!([]));
    house.client.delete("projects/2/secrets/K").await.refused(404, "secret_not_found");
    assert_eq!(house.client.get("projects/1/secrets").await.is(200)["items"].as_array().unwrap().len(), 1);
}
