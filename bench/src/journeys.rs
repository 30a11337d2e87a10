//! The requests of one round. All people make one kind of request, one after the other, before the
//! next kind.

use serde_json::{Value, json};
use shared::testing::Event;

use crate::{
    arguments::Counts,
    error::Outcome,
    person::{Person, wrong},
    world::World,
};

/// The sign-up whose database time is compared.
pub(crate) const SIGN_UP: [&str; 2] = ["register", "activate, named"];

const NEW_PASSWORD: &str = "battery horse correct";

/// Apart from sign-ups, a round runs one of this many parts.
pub(crate) const PARTS: usize = 3;

/// Sign-ups by new people, then one part of everything else: a short round, so that the databases
/// take turns quickly.
pub(crate) async fn round(world: &mut World, counts: Counts, number: usize) -> Outcome<()> {
    let mut people = world.people(counts.sign_ups);
    sign_up(world, &mut people).await?;
    people.truncate(counts.others);
    match number % PARTS {
        0 => strangers(world, counts.others).await,
        1 => {
            sessions(world, &mut people).await?;
            passwords(world, &mut people).await
        }
        _ => {
            admin(world, &mut people).await?;
            deletions(world, &mut people).await
        }
    }
}

/// Signs up and activates, naming the attempt.
pub(crate) async fn sign_up(world: &mut World, people: &mut [Person]) -> Outcome<()> {
    let answers = world.measure(SIGN_UP[0], 202, &each(people, Person::register)).await?;
    remember_attempts(people, &answers);
    let events = with_codes(world, people, Person::activate)?;
    world.measure(SIGN_UP[1], 200, &events).await?;
    Ok(())
}

/// The first request of a fresh process of each function.
pub(crate) async fn first_requests(world: &mut World) -> Outcome<()> {
    for function in ["register", "activate", "account"] {
        world.end(function);
    }
    let mut people = world.people(1);
    sign_up(world, &mut people).await?;
    let unnamed: Vec<_> = people.iter().map(Person::unnamed).collect();
    world.measure("login, unnamed", 200, &each(&unnamed, Person::login)).await?;
    Ok(())
}

/// Wrong guesses, resends, and calls for addresses that never signed up.
async fn strangers(world: &mut World, count: usize) -> Outcome<()> {
    let mut people = world.people(count);
    let events = each(&people, Person::register_with_key);
    let answers = world.measure("register, with a key", 202, &events).await?;
    world.measure("register, key repeated", 202, &events).await?;
    remember_attempts(&mut people, &answers);
    let unnamed: Vec<_> = people.iter().map(Person::unnamed).collect();
    let mistyped: Vec<_> = people.iter().map(Person::mistyped).collect();
    let mistyped_unnamed: Vec<_> = unnamed.iter().map(Person::mistyped).collect();
    let guess: fn(&Person, &str) -> Event = |person, code| person.activate(&wrong(code));
    for (request, status, people, event) in [
        ("activate, named, wrong code", 403, &people, guess),
        ("activate, unnamed, wrong code", 403, &unnamed, guess),
        ("activate, named, wrong password", 401, &mistyped, Person::activate),
        ("activate, unnamed, wrong password", 401, &mistyped_unnamed, Person::activate),
    ] {
        let events = with_codes(world, people, event)?;
        world.measure(request, status, &events).await?;
    }
    for (request, people) in [("resend, named", &people), ("resend, unnamed", &unnamed)] {
        end_cooldown(world, people).await?;
        world.measure(request, 202, &each(people, Person::resend)).await?;
    }
    let events = with_codes(world, &unnamed, Person::activate)?;
    world.measure("activate, unnamed", 200, &events).await?;
    world.measure("register, known address", 202, &each(&people, Person::register)).await?;

    let disowned = world.people(count);
    world.send_all(202, &each(&disowned, Person::register)).await?;
    let events: Outcome<Vec<_>> = disowned
        .iter()
        .map(|person| Ok(person.not_me(&world.mailed_token(person, "/not-me")?)))
        .collect();
    world.measure("not-me", 204, &events?).await?;
    Ok(())
}

/// Signs in and out.
async fn sessions(world: &mut World, people: &mut [Person]) -> Outcome<()> {
    let unnamed: Vec<_> = people.iter().map(Person::unnamed).collect();
    let mistyped: Vec<_> = people.iter().map(Person::mistyped).collect();
    world.measure("login, named, wrong password", 401, &each(&mistyped, Person::login)).await?;
    let mistyped: Vec<_> = unnamed.iter().map(Person::mistyped).collect();
    world.measure("login, unnamed, wrong password", 401, &each(&mistyped, Person::login)).await?;
    world.measure("login, named", 200, &each(people, Person::login)).await?;
    let answers = world.measure("login, unnamed", 200, &each(&unnamed, Person::login)).await?;
    remember_sessions(people, &answers);

    world
        .measure("GET /users/me", 200, &sessions_of(people, "GET", "/users/me", &Value::Null))
        .await?;
    let locale = json!({ "locale": "fr" });
    let events = sessions_of(people, "PATCH", "/users/me", &locale);
    world.measure("PATCH /users/me, locale", 200, &events).await?;
    world
        .measure("POST /logout", 204, &sessions_of(people, "POST", "/logout", &Value::Null))
        .await?;
    let health: Vec<_> = people.iter().map(|_| Event::new("GET", "/health")).collect();
    world.measure("GET /health", 200, &health).await?;
    Ok(())
}

/// Resets the password, then changes the new one.
async fn passwords(world: &mut World, people: &mut [Person]) -> Outcome<()> {
    world.measure("password/forgot", 202, &each(people, Person::forgot)).await?;
    let events: Outcome<Vec<_>> = people
        .iter()
        .map(|person| Ok(person.reset(&world.mailed_token(person, "/password")?, NEW_PASSWORD)))
        .collect();
    world.measure("password/reset", 204, &events?).await?;
    for person in people.iter_mut() {
        NEW_PASSWORD.clone_into(&mut person.password);
    }
    sign_in(world, people).await?;
    let change = json!({ "password": "horse battery correct", "current_password": NEW_PASSWORD });
    let events = sessions_of(people, "PATCH", "/users/me", &change);
    world.measure("PATCH /users/me, password", 200, &events).await?;
    for person in people {
        "horse battery correct".clone_into(&mut person.password);
    }
    Ok(())
}

/// An admin reads and disables other accounts.
async fn admin(world: &mut World, people: &mut [Person]) -> Outcome<()> {
    sign_in(world, people).await?;
    let ids: Vec<_> = people.iter().map(|person| person.registration.clone()).collect();
    let grant = format!("UPDATE accounts SET role = 'admin' WHERE id = '{}'", ids[0]);
    world.database.batch_execute(&grant).await?;
    let admin = people[0].clone();
    let about = |method: &str, body: Value| -> Vec<Event> {
        let event = |id| admin.signed_in(method, &format!("/users/{id}"), &body);
        ids[1..].iter().map(event).collect()
    };
    let list = admin.signed_in("GET", "/users?limit=50", &Value::Null);
    world.measure("GET /users", 200, &vec![list; people.len()]).await?;
    world.measure("GET /users/{id}", 200, &about("GET", Value::Null)).await?;
    world
        .measure("PATCH /users/{id}, disable", 200, &about("PATCH", json!({ "disabled": true })))
        .await?;
    world.send_all(200, &about("PATCH", json!({ "disabled": false }))).await?;
    Ok(())
}

/// Some accounts delete themselves, the admin deletes the others.
async fn deletions(world: &mut World, people: &mut [Person]) -> Outcome<()> {
    sign_in(world, people).await?;
    let (others, own) = people[1..].split_at((people.len() - 1) / 2);
    let event = |person: &Person| {
        people[0].signed_in("DELETE", &format!("/users/{}", person.registration), &Value::Null)
    };
    let events: Vec<_> = others.iter().map(event).collect();
    world.measure("DELETE /users/{id}", 204, &events).await?;
    let events = sessions_of(own, "DELETE", "/users/me", &Value::Null);
    world.measure("DELETE /users/me", 204, &events).await?;
    Ok(())
}

/// Signs in without being measured.
async fn sign_in(world: &mut World, people: &mut [Person]) -> Outcome<()> {
    let answers = world.send_all(200, &each(people, Person::login)).await?;
    remember_sessions(people, &answers);
    Ok(())
}

/// Allows the next email at once.
async fn end_cooldown(world: &World, people: &[Person]) -> Outcome<()> {
    let emails: Vec<_> = people.iter().map(|person| person.email.as_str()).collect();
    let update = "UPDATE accounts SET next_mail_at = now() WHERE email = ANY ($1)";
    world.database.execute(update, &[&emails]).await?;
    Ok(())
}

fn each(people: &[Person], event: fn(&Person) -> Event) -> Vec<Event> {
    people.iter().map(event).collect()
}

fn with_codes(
    world: &World,
    people: &[Person],
    event: fn(&Person, &str) -> Event,
) -> Outcome<Vec<Event>> {
    people.iter().map(|person| Ok(event(person, &world.mailed_code(person)?))).collect()
}

fn sessions_of(people: &[Person], method: &str, path: &str, body: &Value) -> Vec<Event> {
    people.iter().map(|person| person.signed_in(method, path, body)).collect()
}

fn remember_attempts(people: &mut [Person], answers: &[Value]) {
    for (person, answer) in people.iter_mut().zip(answers) {
        answer["registration"].as_str().unwrap_or_default().clone_into(&mut person.registration);
    }
}

fn remember_sessions(people: &mut [Person], answers: &[Value]) {
    for (person, answer) in people.iter_mut().zip(answers) {
        answer["access_token"].as_str().unwrap_or_default().clone_into(&mut person.token);
    }
}
