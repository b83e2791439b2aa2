//! Which addresses nobody outside may be sent to: all that do not lead out into the public internet.
//!
//! The ranges are those of IANA's registries of special addresses, here as one list, since the
//! standard library has only some of them under stable names. An IPv6 address that carries an IPv4
//! address is judged by what it carries.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The IPv4 ranges that lead elsewhere: where they begin, how many bits they share, and what they are.
const REFUSED_V4: &[(Ipv4Addr, u32, &str)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8, "an address of this machine"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "a private address"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "an address inside a provider's network"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "an address of this machine"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "a link-local address"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "a private address"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "a reserved address"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "an address for documentation"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "a reserved address"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "a private address"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "an address for benchmarks"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "an address for documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "an address for documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "a multicast address"),
    (Ipv4Addr::new(255, 255, 255, 255), 32, "a broadcast address"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "a reserved address"),
];

/// The IPv6 ranges that lead elsewhere although they may lie in [`PUBLIC_V6`], or that have a name of
/// their own.
const REFUSED_V6: &[(Ipv6Addr, u32, &str)] = &[
    (Ipv6Addr::UNSPECIFIED, 128, "an address of this machine"),
    (Ipv6Addr::LOCALHOST, 128, "an address of this machine"),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, "an address that leads nowhere"),
    // What IETF protocols use, Teredo's tunnels and the addresses for benchmarks among it.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "a reserved address"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "an address for documentation"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "an address for documentation"),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "a private address"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "a link-local address"),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, "a private address"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "a multicast address"),
];

/// All public IPv6 addresses are in this range; what is outside of it is not given out.
const PUBLIC_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Why an address is refused; nothing where it is public.
pub(super) fn refused(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => refused_v4(address),
        IpAddr::V6(address) => refused_v6(address),
    }
}

fn refused_v4(address: Ipv4Addr) -> Option<&'static str> {
    let within = |from: &Ipv4Addr, bits: u32| (address.to_bits() ^ from.to_bits()) >> (32 - bits) == 0;
    REFUSED_V4.iter().find(|(from, bits, _)| within(from, *bits)).map(|(.., kind)| *kind)
}

fn refused_v6(address: Ipv6Addr) -> Option<&'static str> {
    let within = |from: &Ipv6Addr, bits: u32| (address.to_bits() ^ from.to_bits()) >> (128 - bits) == 0;
    if let Some((.., kind)) = REFUSED_V6.iter().find(|(from, bits, _)| within(from, *bits)) {
        return Some(kind);
    }
    match carried(address) {
        Some(carried) => refused_v4(carried),
        None if within(&PUBLIC_V6.0, PUBLIC_V6.1) => None,
        None => Some("a reserved address"),
    }
}

/// The IPv4 address that an IPv6 address leads to by translation or by a tunnel.
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let at_end = |[a, b, c, d]: [u8; 4]| Some(Ipv4Addr::new(a, b, c, d));
    match address.octets() {
        // As IPv4 itself, in the form that sockets know (::ffff:0:0/96) and the one before it (::/96).
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, end @ ..] => at_end(end),
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, end @ ..] => at_end(end),
        // Translated on the way (64:ff9b::/96). A network with IPv6 alone reaches all of IPv4 so.
        [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, end @ ..] => at_end(end),
        // In a tunnel (2002::/16).
        [0x20, 0x02, a, b, c, d, ..] => at_end([a, b, c, d]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_do_not_lead_out_are_refused_with_what_they_are() {
        for (address, kind) in [
            ("0.0.0.0", "an address of this machine"),
            ("0.1.2.3", "an address of this machine"),
            ("10.0.0.0", "a private address"),
            ("10.255.255.255", "a private address"),
            ("100.64.0.0", "an address inside a provider's network"),
            ("100.127.255.255", "an address inside a provider's network"),
            ("127.0.0.1", "an address of this machine"),
            ("127.255.255.254", "an address of this machine"),
            ("169.254.0.1", "a link-local address"),
            ("169.254.169.254", "a link-local address"),
            ("172.16.0.1", "a private address"),
            ("172.31.255.255", "a private address"),
            ("192.0.0.1", "a reserved address"),
            ("192.0.2.1", "an address for documentation"),
            ("192.88.99.1", "a reserved address"),
            ("192.168.1.1", "a private address"),
            ("198.18.0.1", "an address for benchmarks"),
            ("198.19.255.255", "an address for benchmarks"),
            ("198.51.100.7", "an address for documentation"),
            ("203.0.113.7", "an address for documentation"),
            ("224.0.0.1", "a multicast address"),
            ("239.255.255.255", "a multicast address"),
            ("240.0.0.1", "a reserved address"),
            ("255.255.255.254", "a reserved address"),
            ("255.255.255.255", "a broadcast address"),
            ("::", "an address of this machine"),
            ("::1", "an address of this machine"),
            ("::2", "an address of this machine"),
            ("::ffff:127.0.0.1", "an address of this machine"),
            ("::ffff:10.0.0.1", "a private address"),
            ("::ffff:169.254.169.254", "a link-local address"),
            ("::192.168.0.1", "a private address"),
            ("64:ff9b::a00:1", "a private address"),
            ("64:ff9b::7f00:1", "an address of this machine"),
            ("64:ff9b:1::808:808", "a reserved address"),
            ("100::1", "an address that leads nowhere"),
            ("2001::1", "a reserved address"),
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "a reserved address"),
            ("2001:2::1", "a reserved address"),
            ("2001:1ff::1", "a reserved address"),
            ("2001:db8::1", "an address for documentation"),
            ("2002:7f00:1::1", "an address of this machine"),
            ("2002:c0a8:101::1", "a private address"),
            ("3fff::1", "an address for documentation"),
            ("4000::1", "a reserved address"),
            ("5f00::1", "a reserved address"),
            ("fc00::1", "a private address"),
            ("fd00:ec2::254", "a private address"),
            ("fe80::1", "a link-local address"),
            ("febf::1", "a link-local address"),
            ("fec0::1", "a private address"),
            ("ff02::1", "a multicast address"),
        ] {
            assert_eq!(refused(address.parse().unwrap()), Some(kind), "{address}");
        }
    }

    #[test]
    fn public_addresses_are_not_refused_up_to_the_borders_of_the_ranges() {
        for address in [
            "1.0.0.0",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2000::1",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2002:808:808::1",
            "2606:4700::1111",
            "3ffe:ffff::1",
        ] {
            assert_eq!(refused(address.parse().unwrap()), None, "{address}");
        }
    }
}
