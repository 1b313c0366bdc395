/**
 * The types and codes of ICMP and ICMPv6 in words, after the registries of
 * IANA ("ICMP Type Numbers", "ICMPv6 'type' Numbers").
 *
 * @module
 */

import type { Family } from "../address.ts";

type Names = Readonly<Record<number, string>>;

const ICMPV4_TYPES: Names = {
  0: "echo reply",
  3: "destination unreachable",
  4: "source quench",
  5: "redirect",
  6: "alternate host address",
  8: "echo request",
  9: "router advertisement",
  10: "router solicitation",
  11: "time exceeded",
  12: "parameter problem",
  13: "timestamp request",
  14: "timestamp reply",
  15: "information request",
  16: "information reply",
  17: "address mask request",
  18: "address mask reply",
  30: "traceroute",
  31: "datagram conversion error",
  32: "mobile host redirect",
  33: "IPv6 where-are-you",
  34: "IPv6 I-am-here",
  35: "mobile registration request",
  36: "mobile registration reply",
  37: "domain name request",
  38: "domain name reply",
  39: "SKIP",
  40: "Photuris",
  41: "experimental mobility",
  42: "extended echo request",
  43: "extended echo reply",
  253: "experiment 1",
  254: "experiment 2",
};

const ICMPV4_CODES: Readonly<Record<number, Names>> = {
  // RFC 792, RFC 1122 §3.2.2.1 (6–12), RFC 1812 §5.2.7.1 (13–15)
  3: {
    0: "network unreachable",
    1: "host unreachable",
    2: "protocol unreachable",
    3: "port unreachable",
    4: "fragmentation needed",
    5: "source route failed",
    6: "destination network unknown",
    7: "destination host unknown",
    8: "source host isolated",
    9: "network administratively prohibited",
    10: "host administratively prohibited",
    11: "network unreachable for type of service",
    12: "host unreachable for type of service",
    13: "communication administratively prohibited",
    14: "host precedence violation",
    15: "precedence cutoff in effect",
  },
  5: {
    0: "for the network",
    1: "for the host",
    2: "for the type of service and network",
    3: "for the type of service and host",
  },
  // RFC 5944 §2.1 (16)
  9: {
    0: "normal",
    16: "does not route common traffic",
  },
  11: {
    0: "TTL exceeded in transit",
    1: "fragment reassembly time exceeded",
  },
  // RFC 1108 (1)
  12: {
    0: "pointer indicates the error",
    1: "required option missing",
    2: "bad length",
  },
  // RFC 8335 §3
  43: {
    0: "no error",
    1: "malformed query",
    2: "no such interface",
    3: "no such table entry",
    4: "multiple interfaces satisfy query",
  },
};

const ICMPV6_TYPES: Names = {
  1: "destination unreachable",
  2: "packet too big",
  3: "time exceeded",
  4: "parameter problem",
  100: "private experimentation",
  101: "private experimentation",
  128: "echo request",
  129: "echo reply",
  130: "multicast listener query",
  131: "multicast listener report",
  132: "multicast listener done",
  133: "router solicitation",
  134: "router advertisement",
  135: "neighbor solicitation",
  136: "neighbor advertisement",
  137: "redirect",
  138: "router renumbering",
  139: "node information query",
  140: "node information response",
  141: "inverse neighbor discovery solicitation",
  142: "inverse neighbor discovery advertisement",
  143: "multicast listener report v2",
  144: "home agent address discovery request",
  145: "home agent address discovery reply",
  146: "mobile prefix solicitation",
  147: "mobile prefix advertisement",
  148: "certification path solicitation",
  149: "certification path advertisement",
  151: "multicast router advertisement",
  152: "multicast router solicitation",
  153: "multicast router termination",
  155: "RPL control",
  157: "duplicate address request",
  158: "duplicate address confirmation",
  160: "extended echo request",
  161: "extended echo reply",
  200: "private experimentation",
  201: "private experimentation",
};

const ICMPV6_CODES: Readonly<Record<number, Names>> = {
  // RFC 4443 §3.1, RFC 6550 §20.15 (7), RFC 8883 §3 (8)
  1: {
    0: "no route to destination",
    1: "communication administratively prohibited",
    2: "beyond scope of source address",
    3: "address unreachable",
    4: "port unreachable",
    5: "source address failed ingress or egress policy",
    6: "reject route to destination",
    7: "error in source routing header",
    8: "headers too long",
  },
  3: {
    0: "hop limit exceeded in transit",
    1: "fragment reassembly time exceeded",
  },
  // RFC 4443 §3.4, RFC 7112 §5 (3)
  4: {
    0: "erroneous header field",
    1: "unrecognized next header",
    2: "unrecognized IPv6 option",
    3: "incomplete header chain in first fragment",
  },
  161: ICMPV4_CODES[43],
};

/**
 * The name of an ICMP message (RFC 792 and others) in words.
 *
 * @category ICMP
 * @param type 0–255
 * @param code 0–255; without it, only the type is named
 *
 * @example
 * ```ts
 * import { icmpv4Name } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(icmpv4Name(3, 3), "destination unreachable: port unreachable");
 * assertEquals(icmpv4Name(8, 0), "echo request");
 * assertEquals(icmpv4Name(3, 99), "destination unreachable: unknown code 99");
 * ```
 */
export function icmpv4Name(type: number, code?: number): string {
  return nameOf(ICMPV4_TYPES, ICMPV4_CODES, type, code);
}

/**
 * The name of an ICMPv6 message (RFC 4443, RFC 4861 and others) in words.
 *
 * @category ICMP
 * @param type 0–255
 * @param code 0–255; without it, only the type is named
 *
 * @example
 * ```ts
 * import { icmpv6Name } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(icmpv6Name(1, 4), "destination unreachable: port unreachable");
 * assertEquals(icmpv6Name(2), "packet too big");
 * assertEquals(icmpv6Name(99), "unknown type 99");
 * ```
 */
export function icmpv6Name(type: number, code?: number): string {
  return nameOf(ICMPV6_TYPES, ICMPV6_CODES, type, code);
}

/** The name of a message of either version, as the two above. */
export function icmpName(family: Family, type: number, code?: number): string {
  return (family === 4 ? icmpv4Name : icmpv6Name)(type, code);
}

/** The name of a code alone, or `undefined` where its type has no codes. */
export function icmpv4CodeName(type: number, code: number): string | undefined {
  return codeName(ICMPV4_CODES, type, code);
}

/** The name of a code alone, or `undefined` where its type has no codes. */
export function icmpv6CodeName(type: number, code: number): string | undefined {
  return codeName(ICMPV6_CODES, type, code);
}

function nameOf(
  types: Names,
  codes: Readonly<Record<number, Names>>,
  type: number,
  code: number | undefined,
): string {
  const name = types[type] ?? `unknown type ${type}`;
  const detail = code === undefined ? undefined : codeName(codes, type, code);
  return detail === undefined ? name : `${name}: ${detail}`;
}

function codeName(
  codes: Readonly<Record<number, Names>>,
  type: number,
  code: number,
): string | undefined {
  const names = codes[type];
  // Types without a table have the one code 0, which says nothing further.
  if (names === undefined) return code === 0 ? undefined : unknownCode(code);
  return names[code] ?? unknownCode(code);
}

function unknownCode(code: number): string {
  return `unknown code ${code}`;
}
