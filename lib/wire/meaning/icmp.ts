/**
 * What the fields of ICMP, ICMPv6 and IGMP mean.
 *
 * @module
 */

import type { Meanings } from "./derived.ts";

const ICMP = "RFC 792";
const ICMP6 = "RFC 4443 §2.1";
const DISCOVERY = "RFC 1256 §3";
const EXTENSIONS = "RFC 4884 §7";
const OBJECTS = "RFC 4884 §8";
const MPLS = "RFC 4950 §5";
const ND = "RFC 4861";

const SHARED: Meanings = {
  quotedLength: [
    "Octets of the quoted packet, where extensions follow it.",
    "RFC 4884 §3",
  ],
  extensions: ["What else the sender of the error tells.", EXTENSIONS],
  "extensions.version": ["The version of extensions: 2.", EXTENSIONS],
  "extensions.reserved": ["Must be zero.", EXTENSIONS],
  "extensions.checksum": [
    "One's complement sum of the extensions.",
    EXTENSIONS,
  ],
  "extensions.mplsLabelStack": ["The labels that the packet had.", MPLS],
  "extensions.mplsLabelStack.length": ["Octets of this object.", OBJECTS],
  "extensions.mplsLabelStack.classNumber": [
    "What the object is about: 1 is MPLS.",
    OBJECTS,
  ],
  "extensions.mplsLabelStack.classType": [
    "Which of its kinds it is.",
    OBJECTS,
  ],
  "extensions.mplsLabelStack.label": ["One label.", "RFC 3032 §2.1"],
  "extensions.mplsLabelStack.label.label": [
    "By it a router knows where to send the packet on.",
    "RFC 3032 §2.1",
  ],
  "extensions.mplsLabelStack.label.trafficClass": [
    "How the packet is to be treated.",
    "RFC 5462",
  ],
  "extensions.mplsLabelStack.label.bottomOfStack": [
    "Whether it is the last label.",
    "RFC 3032 §2.1",
  ],
  "extensions.mplsLabelStack.label.ttl": [
    "How many routers may still forward it.",
    "RFC 3032 §2.1",
  ],
  "extensions.unknown": ["An object that is not known here.", OBJECTS],
  "extensions.unknown.length": ["Octets of this object.", OBJECTS],
  "extensions.unknown.classNumber": ["What it is about.", OBJECTS],
  "extensions.unknown.classType": ["Which of its kinds it is.", OBJECTS],
};

/** The packet that an error quotes. */
function quotes(reference: string): Meanings {
  return {
    quoted: [
      "The start of the packet that the error is about: by it the sender " +
      "knows which of its packets it was.",
      reference,
    ],
    "quoted.payload": [
      "What the quoted packet carried, as far as it is quoted.",
      reference,
    ],
    "quoted.payload.payload": ["What follows within it.", reference],
    "quoted.payload.checksum": [
      "The checksum of what the quoted packet carried, as it was sent.",
      reference,
    ],
  };
}

/** RFC 792. */
export const ICMPV4: Meanings = {
  ...SHARED,
  ...quotes("RFC 792, RFC 1812 §4.3.2.3"),
  type: ["What kind of message: 8 asks for an echo, 0 is the echo.", ICMP],
  code: ["More exactly what, within the type.", ICMP],
  checksum: [
    "One's complement sum of the whole message; no address is covered.",
    "RFC 792, RFC 1071",
  ],
  identifier: ["Which program asks: the reply has the same.", ICMP],
  sequence: ["Which of its requests it is: the reply has the same.", ICMP],
  unused: ["Must be zero.", ICMP],
  unusedBefore: ["Must be zero.", ICMP],
  unusedAfter: ["Must be zero.", ICMP],
  reserved: ["Must be zero.", "RFC 1256 §3"],
  nextHopMTU: [
    "The longest packet, in octets, that the next cable carries.",
    "RFC 1191 §4",
  ],
  gateway: ["The router to be used instead.", ICMP],
  pointer: ["Which octet of the quoted packet is wrong.", ICMP],
  addressCount: ["How many routers are told.", DISCOVERY],
  entryLength: ["Words of 4 octets for each of them.", DISCOVERY],
  lifetime: ["For how many seconds that holds.", DISCOVERY],
  router: ["A router's address.", DISCOVERY],
  preference: ["The higher, the rather it is to be used.", DISCOVERY],
  originate: ["When the request was sent, in ms since midnight.", ICMP],
  receive: ["When it arrived.", ICMP],
  transmit: ["When the reply was sent.", ICMP],
  mask: ["Which bits of an address are the network's.", "RFC 950"],
};

/** RFC 4443, RFC 4861. */
export const ICMPV6: Meanings = {
  ...SHARED,
  ...quotes("RFC 4443 §2.4"),
  type: [
    "What kind of message: 128 asks for an echo, 129 is the echo; below 128 " +
    "are errors.",
    ICMP6,
  ],
  code: ["More exactly what, within the type.", ICMP6],
  checksum: [
    "One's complement sum of a pseudo header and the whole message.",
    "RFC 4443 §2.3",
  ],
  identifier: ["Which program asks: the reply has the same.", "RFC 4443 §4.1"],
  sequence: ["Which of its requests it is.", "RFC 4443 §4.1"],
  unused: ["Must be zero.", "RFC 4443 §3"],
  reserved: ["Must be zero.", ND],
  mtu: [
    "The longest packet, in octets, that a link carries.",
    "RFC 4443 §3.2, RFC 4861 §4.6.4",
  ],
  pointer: ["Which octet of the quoted packet is wrong.", "RFC 4443 §3.4"],
  options: ["What the message tells besides.", "RFC 4861 §4.6"],
  unknown: ["An option that is not known here.", "RFC 4861 §4.6"],
  sourceLinkLayerAddress: [
    "Where the sender can be reached on this link.",
    "RFC 4861 §4.6.1",
  ],
  targetLinkLayerAddress: [
    "Where the target can be reached on this link.",
    "RFC 4861 §4.6.1",
  ],
  prefixInformation: [
    "A network whose hosts are on this link.",
    "RFC 4861 §4.6.2",
  ],
  hopLimit: ["What hosts are to begin with.", "RFC 4861 §4.2"],
  managed: ["Addresses are to be had by DHCPv6.", "RFC 4861 §4.2"],
  other: ["Other things are to be had by DHCPv6.", "RFC 4861 §4.2"],
  reservedFlags: ["Must be zero.", "RFC 4861 §4.2"],
  lifetime: [
    "For how many seconds the router can be used.",
    "RFC 4861 §4.2",
  ],
  reachableTime: ["How long a neighbour is trusted, in ms.", "RFC 4861 §4.2"],
  retransTimer: [
    "How long to wait before asking again, in ms.",
    "RFC 4861 §4.2",
  ],
  target: ["Whose address it is about.", "RFC 4861 §4.3"],
  router: ["Whether the sender is a router.", "RFC 4861 §4.4"],
  solicited: ["Whether it was asked.", "RFC 4861 §4.4"],
  override: ["Whether it replaces what was known.", "RFC 4861 §4.4"],
  destination: ["What is better reached by the target.", "RFC 4861 §4.5"],
};

/** RFC 2236, RFC 3376. */
export const IGMP: Meanings = {
  type: ["Query, report, or leave.", "RFC 2236 §2.1, RFC 3376 §4"],
  code: ["How long one may wait with a report.", "RFC 3376 §4.1.1"],
  checksum: ["One's complement sum of the message.", "RFC 3376 §4.1.2"],
  group: [
    "Which group it is about; 0.0.0.0 are all.",
    "RFC 3376 §4.1.3",
  ],
  reserved: ["Must be zero.", "RFC 3376 §4.1.4"],
  suppress: [
    "Other routers shall not begin to wait anew.",
    "RFC 3376 §4.1.5",
  ],
  robustness: ["How many losses are reckoned with.", "RFC 3376 §4.1.6"],
  intervalCode: ["How often is asked.", "RFC 3376 §4.1.7"],
  sourceCount: ["How many sources follow.", "RFC 3376 §4.1.8"],
  source: ["One that the group is heard from.", "RFC 3376 §4.1.9"],
  recordCount: ["How many records follow.", "RFC 3376 §4.2.3"],
  record: ["What a host wants of one group.", "RFC 3376 §4.2.4"],
  "record.recordType": [
    "Which of the sources are wanted.",
    "RFC 3376 §4.2.12",
  ],
  "record.auxiliaryLength": [
    "Words of 4 octets of other data.",
    "RFC 3376 §4.2.6",
  ],
  "record.sourceCount": ["How many sources follow.", "RFC 3376 §4.2.7"],
  "record.group": ["The group.", "RFC 3376 §4.2.8"],
  "record.source": ["One of the sources.", "RFC 3376 §4.2.9"],
  "record.auxiliaryData": ["None is defined.", "RFC 3376 §4.2.10"],
};
