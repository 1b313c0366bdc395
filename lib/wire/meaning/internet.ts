/**
 * What the fields of IPv4 and IPv6 mean.
 *
 * @module
 */

import type { Meanings } from "./derived.ts";

const IP4 = "RFC 791 §3.1";
const IP6 = "RFC 8200 §3";

const DSCP = [
  "How routers are to treat the packet among others.",
  "RFC 2474 §3",
] as const;
const ECN = [
  "Whether both ends can be told of full queues, and whether one was full.",
  "RFC 3168 §5",
] as const;

/** RFC 791. */
export const IPV4: Meanings = {
  version: ["Which version of IP: 4.", IP4],
  headerLength: [
    "Octets of the header, which the field counts in words of 4: 5 words " +
    "without options.",
    IP4,
  ],
  dsField: [
    "How the packet is to be treated; once called Type of Service.",
    "RFC 2474 §3",
  ],
  "dsField.dscp": DSCP,
  "dsField.ecn": ECN,
  totalLength: [
    "Octets of header and payload: what comes behind is padding.",
    IP4,
  ],
  identification: [
    "Tells the fragments of one packet from those of others.",
    "RFC 791 §3.2, RFC 6864",
  ],
  flags: ["What may be done, or was done, by fragmenting.", IP4],
  "flags.reserved": ["Must be zero.", IP4],
  "flags.dontFragment": [
    "Routers may not part the packet: one that is too long is dropped, and " +
    "its sender told.",
    IP4,
  ],
  "flags.moreFragments": ["Further fragments of the packet follow.", IP4],
  fragmentOffset: [
    "Where in the whole packet this piece belongs, in octets; the field " +
    "counts in units of 8.",
    IP4,
  ],
  ttl: [
    "How many routers may still forward it: each takes one, and whoever " +
    "comes to 0 drops it and says so.",
    "RFC 791 §3.2, RFC 1812 §5.3.1",
  ],
  protocol: [
    "What the packet carries: 1 is ICMP, 6 TCP, 17 UDP, 253 is for " +
    "experiments.",
    "RFC 791 §3.1, RFC 3692 §2.1",
  ],
  checksum: [
    "One's complement sum of the header alone; each router has to update it.",
    "RFC 791 §3.1, RFC 1071",
  ],
  source: [
    "Who says to have sent it. Nothing proves it; replies go there.",
    IP4,
  ],
  destination: ["Whom it is for.", IP4],
  options: ["What few packets need.", IP4],
  "options.recordRoute": ["Routers write their addresses here.", IP4],
  "options.looseSourceRoute": [
    "Through which hosts it is to go, among others.",
    IP4,
  ],
  "options.strictSourceRoute": [
    "Through which hosts it is to go, and no others.",
    IP4,
  ],
  "options.timestamp": ["Routers write here when it passed.", IP4],
  "options.routerAlert": ["Routers shall look into the packet.", "RFC 2113"],
  "options.noOperation": ["Fills up to where the next option begins.", IP4],
  "options.endOfList": ["Behind it are no more options.", IP4],
  "options.unknown": ["An option that is not known here.", IP4],
};

const extension = (reference: string, meaning: string): Meanings[string] => [
  meaning,
  reference,
];

const FOLLOWS = "What follows this header.";

/** The next header and length that most extension headers begin with. */
function extensionHead(name: string, reference: string): Meanings {
  return {
    [`${name}.nextHeader`]: [FOLLOWS, reference],
    [`${name}.length`]: [
      "Octets of this header; the field counts in units of 8, less the first.",
      reference,
    ],
  };
}

function ipv6Options(name: string, reference: string): Meanings {
  return {
    ...extensionHead(name, reference),
    [`${name}.padding`]: ["Fills the header up.", "RFC 8200 §4.2"],
    [`${name}.routerAlert`]: [
      "Routers shall look into the packet.",
      "RFC 2711",
    ],
    [`${name}.jumboPayload`]: [
      "The length of a payload of more than 65,535 octets.",
      "RFC 2675 §2",
    ],
    [`${name}.homeAddress`]: [
      "Where a mobile host is at home.",
      "RFC 6275 §6.3",
    ],
    [`${name}.unknown`]: ["An option that is not known here.", reference],
  };
}

/** RFC 8200. */
export const IPV6: Meanings = {
  version: ["Which version of IP: 6.", IP6],
  trafficClass: ["How the packet is to be treated.", "RFC 8200 §7"],
  "trafficClass.dscp": DSCP,
  "trafficClass.ecn": ECN,
  flowLabel: [
    "The same for all packets that belong together, so that routers send " +
    "them the same way.",
    "RFC 6437",
  ],
  payloadLength: ["Octets behind this header.", IP6],
  nextHeader: [
    "What follows: an extension header, or a protocol such as 58, ICMPv6.",
    IP6,
  ],
  hopLimit: ["How many routers may still forward it: each takes one.", IP6],
  source: ["Who says to have sent it. Nothing proves it.", IP6],
  destination: ["Whom it is for.", IP6],
  hopByHop: extension("RFC 8200 §4.3", "Options for every router on the way."),
  ...ipv6Options("hopByHop", "RFC 8200 §4.3"),
  destinationOptions: extension(
    "RFC 8200 §4.6",
    "Options for the destination alone.",
  ),
  ...ipv6Options("destinationOptions", "RFC 8200 §4.6"),
  routing: extension("RFC 8200 §4.4", "Through which hosts it is to go."),
  ...extensionHead("routing", "RFC 8200 §4.4"),
  "routing.routingType": ["Which kind of route.", "RFC 8200 §4.4"],
  "routing.segmentsLeft": [
    "How many hosts are still to come.",
    "RFC 8200 §4.4",
  ],
  "routing.data": ["The route, as its kind has it.", "RFC 8200 §4.4"],
  fragment: extension("RFC 8200 §4.5", "Which piece of a packet this is."),
  "fragment.nextHeader": [FOLLOWS, "RFC 8200 §4.5"],
  "fragment.reserved": ["Must be zero.", "RFC 8200 §4.5"],
  "fragment.fragmentOffset": [
    "Where this piece belongs, in octets.",
    "RFC 8200 §4.5",
  ],
  "fragment.reservedBits": ["Must be zero.", "RFC 8200 §4.5"],
  "fragment.moreFragments": ["Further fragments follow.", "RFC 8200 §4.5"],
  "fragment.identification": [
    "Tells the fragments of one packet from those of others.",
    "RFC 8200 §4.5",
  ],
  authentication: extension("RFC 4302 §2", "Proves who sent it, by a secret."),
  "authentication.nextHeader": [FOLLOWS, "RFC 4302 §2.1"],
  "authentication.length": [
    "Octets of this header; the field counts words of 4, less two.",
    "RFC 4302 §2.2",
  ],
  "authentication.reserved": ["Must be zero.", "RFC 4302 §2.3"],
  "authentication.spi": [
    "Which agreement, and so which secret, is used.",
    "RFC 4302 §2.4",
  ],
  "authentication.sequence": [
    "Counts up, so that no packet can be sent again by others.",
    "RFC 4302 §2.5",
  ],
  "authentication.icv": ["The proof.", "RFC 4302 §2.6"],
};
