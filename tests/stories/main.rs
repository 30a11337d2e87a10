//! The stories, in reading order.

mod journey;
mod mail_rules;
mod mails;

mod attacker;
mod budget;
mod budget_at_once;
mod guesses;
mod odds;
mod odds_over_days;
mod rivals;

mod idempotency;
mod idempotency_oracle;
mod lifetime;
mod limits;
mod lock_order;
mod lockout;
mod networks;
mod not_me;
mod password_failures;

mod account_mails;
mod origins;
mod permissions;
mod prehijacking;
mod recovery;
mod sessions;
mod settings;
mod sign_in_limits;
mod users;

mod contract;
mod credentials;
mod input;

mod builds;
mod failures;
mod front_door;
mod grant;
mod handoff;
mod import;
mod import_objects;
mod import_rivals;
mod new_table;
mod purge;
mod roles;
mod rotation;
mod scale;
mod schema;
mod tls;
