//! Triggers: schedules that fire on time, once, and explained. The clock of these tests is moved by hand.

mod hand;

mod parts;

mod slots;

mod overlap;

mod missed;

mod edits;

mod fire;

mod alerts;

use callboard_server::clock::Clock;
use serde_json::{Value, json};

use self::hand::Hand;
use crate::house::House;
use crate::support::store::Store;

/// When every test begins: a Monday, at noon.
const NOON: &str = "2026-06-01T12:00:00Z";

/// A house whose clock is moved by hand, with a trigger.
struct Scene {
    house: House,
    hand: Hand,
    /// The number of the trigger.
    id: i64,
}

impl Scene {
    /// A trigger of `play`, whose runs end by themselves, or of `work`, whose runs do as the model does. It
    /// fires at every full hour, unless its fields say otherwise.
    async fn of(store: Store, workflow: &str, fields: Value) -> Self {
        let hand = Hand::at(NOON);
        let house = House::open_by(store, Clock::played(hand.clone().into())).await;
        Self::within(house, hand, workflow, fields).await
    }

    /// The same in a house that is open.
    async fn within(house: House, hand: Hand, workflow: &str, fields: Value) -> Self {
        house.client.apply(&house.file()).await.is(200);
        let mut trigger = json!({ "name": "hourly", "schedule": "0 * * * *", "input": "owls" });
        trigger.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let path = format!("workflows/{}/triggers", house.workflow(workflow).await);
        let made = house.client.post(&path, &trigger).await.is(201);
        Self { id: made["id"].as_i64().unwrap(), house, hand }
    }

    fn path(&self, rest: &str) -> String {
        format!("triggers/{}{rest}", self.id)
    }

    async fn change(&self, fields: Value) -> Value {
        self.house.client.patch(&self.path(""), &fields).await.is(200)
    }

    /// Moves the clock to a time of the day, and waits until so many slots are known.
    async fn at(&self, time: &str, slots: usize) -> Vec<String> {
        self.hand.to(time);
        self.slots(slots).await
    }

    /// The slots of the trigger, oldest first, in short, once there are so many.
    async fn slots(&self, many: usize) -> Vec<String> {
        let list = |answer: &Value| answer["items"].as_array().map_or(0, Vec::len);
        let path = self.path("/slots");
        let answer = self.house.until(&path, |answer| list(answer) >= many && settled(answer)).await;
        answer["items"].as_array().unwrap().iter().rev().map(short).collect()
    }

    /// The runs of the trigger, oldest first: each with its slot.
    async fn runs(&self) -> Vec<(i64, String)> {
        let runs = self.house.client.get(&format!("runs?trigger={}", self.id)).await.is(200);
        let runs = runs["items"].as_array().unwrap().iter().rev();
        let slot = |run: &Value| run["source"]["slot"].as_str().map_or("by hand".to_owned(), clock);
        runs.map(|run| (run["id"].as_i64().unwrap(), slot(run))).collect()
    }
}

/// Whether no slot is about to become another.
fn settled(slots: &Value) -> bool {
    slots["items"].as_array().unwrap().iter().all(|slot| slot["status"] != "waiting")
}

/// A slot in short: `13:00 fired`, `14:00-16:00 x3 missed: why`.
fn short(slot: &Value) -> String {
    let at = clock(slot["at"].as_str().unwrap());
    let stretch = match (slot["until"].as_str(), slot["count"].as_u64()) {
        (Some(until), Some(count)) => format!("-{} x{count}", clock(until)),
        _ => String::new(),
    };
    let reason = slot["reason"].as_str().map(|reason| format!(": {reason}")).unwrap_or_default();
    assert_eq!(slot["run_id"].is_i64(), slot["status"] == "fired", "{slot}");
    format!("{at}{stretch} {}{reason}", slot["status"].as_str().unwrap())
}

/// The time of the day, with the day where it is not the first.
fn clock(time: &str) -> String {
    let (date, time) = time.split_once('T').unwrap();
    let time = time.get(..5).unwrap();
    match date.strip_prefix("2026-06-01") {
        Some(_) => time.to_owned(),
        None => format!("{} {time}", date.get(5..).unwrap()),
    }
}
