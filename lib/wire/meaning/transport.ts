/**
 * What the fields of transports, tunnels and OSPF mean.
 *
 * @module
 */

import type { Meanings } from "./derived.ts";

const TCP_HEADER = "RFC 9293 §3.1";
const PPTP = "RFC 2637 §4.1";
const AH_HEADER = "RFC 4302";
const OSPF_HEADER = "RFC 2328 §A.3.1";
const HELLO = "RFC 2328 §A.3.2";
const SCTP_HEADER = "RFC 9260 §3.1";

/** RFC 768. */
export const UDP: Meanings = {
  sourcePort: ["Which program sent it: replies go there.", "RFC 768"],
  destinationPort: ["Which program it is for.", "RFC 768"],
  length: ["Octets of header and payload.", "RFC 768"],
  checksum: [
    "One's complement sum of a pseudo header, the header and the payload; 0 " +
    "is none at all, in IPv4 alone.",
    "RFC 768, RFC 1071, RFC 8200 §8.1",
  ],
};

/** RFC 9293. */
export const TCP: Meanings = {
  sourcePort: ["Which program sent it: replies go there.", TCP_HEADER],
  destinationPort: ["Which program it is for.", TCP_HEADER],
  sequence: [
    "The number of its first octet in the stream; with SYN where the stream " +
    "begins.",
    "RFC 9293 §3.4",
  ],
  acknowledgment: [
    "Up to which octet, not included, all has arrived.",
    "RFC 9293 §3.4",
  ],
  headerLength: [
    "Octets of the header; the field, Data Offset, counts words of 4.",
    TCP_HEADER,
  ],
  flags: ["What the segment says.", TCP_HEADER],
  "flags.reserved": ["Must be zero.", TCP_HEADER],
  "flags.cwr": ["It has slowed down, as it was told.", "RFC 3168 §6.1"],
  "flags.ece": ["A queue on the way was full.", "RFC 3168 §6.1"],
  "flags.urg": ["The urgent pointer counts.", TCP_HEADER],
  "flags.ack": ["The acknowledgment counts.", TCP_HEADER],
  "flags.psh": ["Hand it to the program at once.", TCP_HEADER],
  "flags.rst": ["There is no such connection.", "RFC 9293 §3.5.2"],
  "flags.syn": ["Begins a connection.", "RFC 9293 §3.5"],
  "flags.fin": ["Nothing more comes from here.", "RFC 9293 §3.6"],
  window: ["How many octets may be under way.", "RFC 9293 §3.8.6"],
  checksum: [
    "One's complement sum of a pseudo header, the header and the payload.",
    "RFC 9293 §3.1, RFC 1071",
  ],
  urgentPointer: ["Where what is urgent ends.", "RFC 9293 §3.8.5"],
  options: ["What few segments need.", "RFC 9293 §3.2"],
  "options.maximumSegmentSize": [
    "The longest segment that it takes.",
    "RFC 9293 §3.7.1",
  ],
  "options.sackPermitted": [
    "It understands selective acknowledgments.",
    "RFC 2018 §2",
  ],
  "options.sack": ["What has arrived beyond a gap.", "RFC 2018 §3"],
  "options.timestamps": [
    "When it was sent, and what it answers.",
    "RFC 7323 §3",
  ],
  "options.windowScale": ["The windows are larger.", "RFC 7323 §2"],
  "options.fastOpen": ["Data may come at once.", "RFC 7413 §4.1.1"],
  "options.noOperation": ["Fills up.", "RFC 9293 §3.2"],
  "options.endOfList": ["Behind it are no more options.", "RFC 9293 §3.2"],
  "options.unknown": ["An option that is not known here.", "RFC 9293 §3.2"],
};

/** RFC 9260. */
export const SCTP: Meanings = {
  sourcePort: ["Which program sent it.", SCTP_HEADER],
  destinationPort: ["Which program it is for.", SCTP_HEADER],
  verificationTag: [
    "Proves that it belongs to the association.",
    SCTP_HEADER,
  ],
  checksum: ["A CRC-32C of the whole packet.", "RFC 9260 §6.8"],
  chunk: ["One message, or a piece of one.", "RFC 9260 §3.2"],
  "chunk.type": ["What kind.", "RFC 9260 §3.2"],
  "chunk.flags": ["What its kind has them for.", "RFC 9260 §3.2"],
  "chunk.length": ["Octets, without padding.", "RFC 9260 §3.2"],
  "chunk.value": ["What it carries.", "RFC 9260 §3.2"],
  "chunk.padding": ["Fills up to words of 4 octets.", "RFC 9260 §3.2"],
};

/** RFC 2784, RFC 2890, RFC 2637. */
export const GRE: Meanings = {
  hasChecksum: ["Whether a checksum is there.", "RFC 2784 §2.2"],
  hasRouting: ["Must be zero since RFC 2784.", "RFC 1701"],
  hasKey: ["Whether a key is there.", "RFC 2890 §2"],
  hasSequence: ["Whether a sequence number is there.", "RFC 2890 §2"],
  reserved: [
    "Must be zero, but for the flag that version 1 has among them.",
    `RFC 2784 §2.3, ${PPTP}`,
  ],
  "reserved.hasAcknowledgment": [
    "Whether an acknowledgment is there.",
    PPTP,
  ],
  version: ["0, or 1 for PPTP.", "RFC 2784 §2.3.1"],
  protocol: ["What it carries: an EtherType.", "RFC 2784 §2.4"],
  checksum: [
    "One's complement sum of header and payload.",
    "RFC 2784 §2.5",
  ],
  reservedAfter: ["Must be zero.", "RFC 2784 §2.6"],
  key: ["Which of several tunnels.", "RFC 2890 §2.1"],
  sequence: ["Which packet of the tunnel.", "RFC 2890 §2.2"],
  payloadLength: ["Octets of payload.", PPTP],
  callID: ["Which call.", PPTP],
  acknowledgment: ["Up to which packet all has arrived.", PPTP],
};

/** RFC 4302. */
export const AH: Meanings = {
  nextHeader: ["What it carries.", `${AH_HEADER} §2.1`],
  headerLength: [
    "Octets of this header; the field counts words of 4, less two.",
    `${AH_HEADER} §2.2`,
  ],
  reserved: ["Must be zero.", `${AH_HEADER} §2.3`],
  spi: ["Which agreement, and so which secret.", `${AH_HEADER} §2.4`],
  sequence: [
    "Counts up, so that no packet can be sent again by others.",
    `${AH_HEADER} §2.5`,
  ],
  icv: ["The proof of who sent it.", `${AH_HEADER} §2.6`],
};

/** RFC 2328. */
export const OSPF: Meanings = {
  version: ["2, for IPv4.", OSPF_HEADER],
  type: ["What kind of packet: 1 says hello.", OSPF_HEADER],
  packetLength: ["Octets of header and body.", OSPF_HEADER],
  routerId: ["The router that sent it.", OSPF_HEADER],
  areaId: ["Which part of the network.", OSPF_HEADER],
  checksum: [
    "One's complement sum without the authentication.",
    OSPF_HEADER,
  ],
  authenticationType: ["How it is proved.", "RFC 2328 §D"],
  authentication: ["The proof.", "RFC 2328 §D"],
  networkMask: ["The network's mask.", HELLO],
  helloInterval: ["Seconds from hello to hello.", HELLO],
  options: ["What the router can do.", "RFC 2328 §A.2"],
  routerPriority: ["0 is never elected.", HELLO],
  routerDeadInterval: [
    "After so many seconds of silence it is down.",
    HELLO,
  ],
  designatedRouter: ["Who speaks for this network.", HELLO],
  backupDesignatedRouter: ["Who speaks when that one is down.", HELLO],
  neighbor: ["A router that it has heard of late.", HELLO],
};
