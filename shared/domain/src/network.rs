//! The network of a caller, which limits count by.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use ipnet::{IpNet, Ipv4Net};

use crate::list;

/// The network of a caller: an IPv4 address, or an IPv6 /64.
///
/// An IPv6 subscriber has at least a /64 (RFC 6177), so a limit on single addresses would be
/// useless. A network is personal data: limits store it as an HMAC, and nothing prints it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(Prefix);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Prefix {
    V4([u8; 4]),
    V6([u8; 8]),
}

impl Network {
    /// The network that an address belongs to. An IPv4-mapped IPv6 address is the IPv4 address.
    pub fn of(ip: IpAddr) -> Self {
        Self(match ip.to_canonical() {
            IpAddr::V4(ip) => Prefix::V4(ip.octets()),
            IpAddr::V6(ip) => {
                let [prefix @ .., _, _, _, _, _, _, _, _] = ip.octets();
                Prefix::V6(prefix)
            }
        })
    }

    /// The input of an HMAC: the address family, then the octets. The HMAC is stored for as long as
    /// a limit lasts, so this format must not change.
    pub fn to_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Prefix::V4(octets) => [&[4], octets.as_slice()].concat(),
            Prefix::V6(octets) => [&[6], octets.as_slice()].concat(),
        }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network(******)")
    }
}

/// The networks of the site's own back ends, which may name their end user's address.
#[derive(Debug, Default, Clone)]
pub struct TrustedCallers(Vec<IpNet>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither an address nor a CIDR: write them as 192.0.2.1,2001:db8::/32")]
pub struct InvalidTrustedCallers(String);

impl TrustedCallers {
    pub fn contains(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.0.iter().any(|network| network.contains(&ip))
    }
}

impl TryFrom<&str> for TrustedCallers {
    type Error = InvalidTrustedCallers;

    fn try_from(list: &str) -> Result<Self, Self::Error> {
        let network =
            |entry: &str| cidr(entry).ok_or_else(|| InvalidTrustedCallers(entry.to_owned()));
        list::entries(list).map(network).collect::<Result<_, _>>().map(Self)
    }
}

/// The network whose limits a call counts against.
///
/// `end_user` is the header `X-End-User-Address`. Any caller can send it, so only the site's own
/// back ends are believed. If it cannot be read, the call counts against the back end itself.
pub fn caller_network(source: IpAddr, end_user: Option<&str>, trusted: &TrustedCallers) -> Network {
    let named = end_user.filter(|_| trusted.contains(source));
    let named = named.map(str::trim).and_then(|text| {
        // Some proxies add the port.
        text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
    });
    Network::of(named.unwrap_or(source))
}

fn cidr(text: &str) -> Option<IpNet> {
    let network = text.parse().or_else(|_| text.parse().map(IpAddr::into)).ok()?;
    Some(unmapped(network))
}

/// Callers are compared by their IPv4 address, so an IPv4-mapped network becomes an IPv4 network.
fn unmapped(network: IpNet) -> IpNet {
    const MAPPED_BITS: u8 = 96;

    let v4 = |ip: Ipv6Addr, bits: u8| {
        Ipv4Net::new(ip.to_ipv4_mapped()?, bits.checked_sub(MAPPED_BITS)?).ok()
    };
    match network {
        IpNet::V6(v6) => v4(v6.addr(), v6.prefix_len()).map_or(network, IpNet::V4),
        IpNet::V4(_) => network,
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proptest::prelude::*;

    use super::{Network, TrustedCallers, caller_network};

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn network(text: &str) -> Network {
        Network::of(ip(text))
    }

    fn trusting(list: &str) -> TrustedCallers {
        TrustedCallers::try_from(list).unwrap()
    }

    #[test]
    fn each_ipv4_address_is_a_network() {
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network("192.0.2.1").to_bytes(), [4, 192, 0, 2, 1]);
    }

    #[test]
    fn an_ipv6_network_is_a_64() {
        assert_eq!(network("2001:db8:0:1::1"), network("2001:db8:0:1:ffff::2"));
        assert_ne!(network("2001:db8:0:1::1"), network("2001:db8:0:2::1"));
        let bytes = [6, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1];
        assert_eq!(network("2001:db8:0:1::1").to_bytes(), bytes);
    }

    #[test]
    fn a_mapped_address_is_the_ipv4_address() {
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }

    #[test]
    fn a_network_cannot_be_printed() {
        assert_eq!(format!("{:?}", network("192.0.2.1")), "Network(******)");
    }

    #[test]
    fn trusted_callers_are_addresses_and_cidrs() {
        let trusted = trusting(" 192.0.2.7, 10.0.0.0/8 ,2001:db8::/32,::1,");
        for inside in ["192.0.2.7", "10.255.0.1", "2001:db8:9::1", "::1", "::ffff:10.0.0.1"] {
            assert!(trusted.contains(ip(inside)), "{inside}");
        }
        for outside in ["192.0.2.8", "11.0.0.1", "2001:db9::1", "::2", "::ffff:11.0.0.1"] {
            assert!(!trusted.contains(ip(outside)), "{outside}");
        }
    }

    #[test]
    fn a_mapped_cidr_is_an_ipv4_network() {
        let trusted = trusting("::ffff:10.0.0.0/104, ::ffff:192.0.2.7");
        assert!(trusted.contains(ip("10.1.2.3")) && trusted.contains(ip("::ffff:192.0.2.7")));
        assert!(!trusted.contains(ip("11.1.2.3")));
    }

    #[test]
    fn an_empty_list_trusts_no_caller() {
        assert!(!trusting("").contains(ip("127.0.0.1")));
        assert!(!TrustedCallers::default().contains(ip("127.0.0.1")));
    }

    #[test]
    fn an_unreadable_list_is_refused_with_its_entry() {
        for bad in ["10.0.0.0/33", "10.0.0", "example.com", "2001:db8::/129", "10.0.0.1:80"] {
            let error = TrustedCallers::try_from(format!("::1,{bad}").as_str()).unwrap_err();
            assert!(error.to_string().contains(bad), "{error}");
        }
    }

    #[test]
    fn an_end_user_is_believed_only_from_a_trusted_caller() {
        let trusted = trusting("10.0.0.0/8");
        let named = Some(" 192.0.2.1 ");
        assert_eq!(caller_network(ip("10.0.0.1"), named, &trusted), network("192.0.2.1"));
        assert_eq!(caller_network(ip("::ffff:10.0.0.1"), named, &trusted), network("192.0.2.1"));
        assert_eq!(caller_network(ip("203.0.113.1"), named, &trusted), network("203.0.113.1"));
    }

    #[test]
    fn an_end_user_that_is_missing_or_unreadable_counts_for_the_caller() {
        let trusted = trusting("10.0.0.0/8");
        for named in [None, Some(""), Some("unknown"), Some("1.2.3.4, 5.6.7.8"), Some("fe80::1%e")]
        {
            assert_eq!(caller_network(ip("10.0.0.1"), named, &trusted), network("10.0.0.1"));
        }
    }

    proptest! {
        #[test]
        fn networks_are_equal_exactly_when_their_bytes_are(a: IpAddr, b: IpAddr) {
            let (a, b) = (Network::of(a), Network::of(b));
            prop_assert_eq!(a == b, a.to_bytes() == b.to_bytes());
        }

        #[test]
        fn an_untrusted_caller_cannot_choose_a_network(source: IpAddr, named: IpAddr) {
            let found = caller_network(source, Some(&named.to_string()), &trusting(""));
            prop_assert_eq!(found, Network::of(source));
        }
    }
}
