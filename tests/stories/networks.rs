//! Who counts as one caller.

use world::World;

/// One sign-up of an address from each network: a caller that shares the network is refused.
const ONE_EACH: (&str, &str) = ("ADDRESS_NETWORK_SIGNUPS_PER_DAY", "1");

const TRUSTED: (&str, &str) = ("TRUSTED_CALLERS", "203.0.113.0/24, 2001:db8:aaaa::/48,192.0.2.77");

#[tokio::test]
async fn callers_of_one_ipv6_subscriber_are_one() {
    let callers = [
        ("2001:db8:1:2::1", 202, "the first of its /64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", 429, "the last of the same /64"),
        ("2001:0DB8:0001:0002::1", 429, "the first, written at length"),
        ("2001:db8:1:3::1", 202, "the /64 next to it"),
        ("2001:db8:1:1:ffff:ffff:ffff:ffff", 202, "the /64 before it"),
    ];
    tells_apart(&World::with(&[ONE_EACH]).await, &callers).await;
}

#[tokio::test]
async fn an_ipv4_address_is_the_same_within_ipv6() {
    let callers = [
        ("192.0.2.7", 202, "IPv4"),
        ("::ffff:192.0.2.7", 429, "the same, mapped into IPv6"),
        ("::ffff:c000:207", 429, "the same, in hexadecimal"),
        ("::ffff:192.0.2.8", 202, "its neighbour, mapped: no /64"),
        ("192.0.2.8", 429, "the neighbour in IPv4"),
    ];
    tells_apart(&World::with(&[ONE_EACH]).await, &callers).await;
}

async fn tells_apart(world: &World, callers: &[(&str, u16, &str)]) {
    let mut admitted = 0;
    for (source_ip, status, caller) in callers {
        let rows = world.all_rows().await;
        let answer = world.person("ada@example.com").from_ip(source_ip).signs_up().await;
        assert_eq!(answer.status, *status, "{caller}");
        admitted += usize::from(*status == 202);
        assert_eq!(world.ses.asked(), admitted, "{caller}");
        assert_eq!(world.all_rows().await == rows, *status == 429, "{caller}");
    }
}

#[tokio::test]
async fn our_own_back_ends_name_the_address_of_their_user() {
    let world = World::with(&[ONE_EACH, TRUSTED]).await;
    let calls = [
        ("203.0.113.9", Some("198.51.100.1"), 202, "a user"),
        ("203.0.113.200", Some("198.51.100.1"), 429, "the same user at another back end"),
        ("198.51.100.1", None, 429, "the same user without a back end"),
        ("203.0.113.9", Some(" 198.51.100.2 "), 202, "another user, with spaces around"),
        ("::ffff:203.0.113.9", Some("198.51.100.2"), 429, "the back end's address mapped"),
        ("192.0.2.77", Some("198.51.100.3"), 202, "a back end that is listed by its address"),
        ("192.0.2.77", Some("198.51.100.3"), 429, "and its user again"),
        ("2001:db8:aaaa:7::1", Some("2001:db8:5:6::1"), 202, "a back end and a user in IPv6"),
        ("2001:db8:aaaa:8::1", Some("2001:db8:5:6::ffff"), 429, "the user's /64 again"),
        ("203.0.113.9", None, 202, "a back end for itself"),
        ("203.0.113.9", Some("no address"), 429, "what cannot be read is the back end itself"),
        ("203.0.113.9", Some(""), 429, "so is nothing"),
        ("203.0.113.9", Some("198.51.100.9, 10.0.0.1"), 429, "so is a list"),
        (
            "203.0.113.9",
            Some("198.51.100.9:443"),
            202,
            "a user with the port that some proxies add",
        ),
        ("203.0.113.9", Some("198.51.100.9"), 429, "who is the same without"),
        ("203.0.113.9", Some("[2001:db8::9]"), 429, "so are brackets"),
        ("203.0.113.9", Some("ä"), 429, "so is what is not ASCII"),
    ];
    says(&world, &calls).await;
}

#[tokio::test]
async fn no_other_caller_names_an_address() {
    let world = World::with(&[ONE_EACH, TRUSTED]).await;
    let calls = [
        ("203.0.114.1", Some("198.51.100.1"), 202, "a stranger next to our network"),
        ("203.0.114.1", Some("198.51.100.2"), 429, "with another name"),
        ("203.0.114.1", None, 429, "with none"),
        ("198.51.100.1", None, 202, "who was named has lost nothing"),
        ("2001:db8:aaab::1", Some("198.51.100.3"), 202, "a stranger in IPv6"),
        ("2001:db8:aaab::2", Some("198.51.100.4"), 429, "with another name"),
    ];
    says(&world, &calls).await;

    let world = World::with(&[ONE_EACH]).await;
    let calls = [
        ("203.0.113.9", Some("198.51.100.1"), 202, "by default no caller is trusted"),
        ("203.0.113.9", Some("198.51.100.2"), 429, "so the name changes nothing"),
    ];
    says(&world, &calls).await;
}

async fn says(world: &World, calls: &[(&str, Option<&str>, u16, &str)]) {
    for (source_ip, end_user, status, call) in calls {
        let (rows, mails) = (world.all_rows().await, world.ses.asked());
        let mut person = world.person("ada@example.com").from_ip(source_ip);
        if let Some(end_user) = end_user {
            person = person.sending("x-end-user-address", end_user);
        }
        assert_eq!(person.signs_up().await.status, *status, "{call}");
        assert_eq!(world.ses.asked() - mails, usize::from(*status == 202), "{call}");
        assert_eq!(world.all_rows().await == rows, *status == 429, "{call}");
    }
}
