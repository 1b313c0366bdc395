/**
 * What the fields of link layers mean.
 *
 * @module
 */

import type { Meanings } from "./derived.ts";

const LLC: Meanings = {
  dsap: [
    "Which protocol of the destination the frame is for.",
    "IEEE 802.2 §3.3.1",
  ],
  ssap: ["Which protocol of the source sent it.", "IEEE 802.2 §3.3.1"],
  control: ["The kind of LLC frame: 3 is unnumbered.", "IEEE 802.2 §5.2"],
  oui: [
    "Whose numbers the type that follows is of: 0 is Ethernet's.",
    "RFC 1042",
  ],
};

/** IEEE 802.3, 802.1Q and 802.2. */
export const ETHERNET: Meanings = {
  ...LLC,
  destination: [
    "The interface that the frame is for, on this link alone: routers put " +
    "the next one there. ff:ff:ff:ff:ff:ff is everybody.",
    "IEEE 802.3 §3.2.3",
  ],
  source: [
    "The interface that sent the frame onto this link.",
    "IEEE 802.3 §3.2.3",
  ],
  vlanTag: ["Which virtual LAN the frame belongs to.", "IEEE 802.1Q §9.6"],
  "vlanTag.tpid": ["That this is a tag: 0x8100.", "IEEE 802.1Q §9.5"],
  "vlanTag.pcp": [
    "How urgent it is: 0 is usual, 7 the most.",
    "IEEE 802.1Q §9.6",
  ],
  "vlanTag.dei": [
    "Whether it may be dropped first where a link is full.",
    "IEEE 802.1Q §9.6",
  ],
  "vlanTag.vid": ["The virtual LAN's number.", "IEEE 802.1Q §9.6"],
  typeOrLength: [
    "From 1536 on which protocol the frame carries, such as 0x0800 for " +
    "IPv4; up to 1500 how many octets.",
    "IEEE 802.3 §3.2.6",
  ],
  protocol: ["Which protocol the frame carries.", "RFC 1042"],
};

const SLL_SOURCE = "tcpdump.org, LINKTYPE_LINUX_SLL";
const SLL2_SOURCE = "tcpdump.org, LINKTYPE_LINUX_SLL2";
const packetType = "Whether it was for this host, for all, for others, or was" +
  " sent by this host.";
const hardwareType = "The kind of interface, as ARP numbers it.";
const addressLength = "How many octets of the address count.";
const address = "The link-layer address of the sender.";
const protocol = "Which protocol the frame carries: an EtherType.";

/** Linux's cooked capture. */
export const SLL: Meanings = {
  ...LLC,
  packetType: [packetType, SLL_SOURCE],
  hardwareType: [hardwareType, SLL_SOURCE],
  addressLength: [addressLength, SLL_SOURCE],
  address: [address, SLL_SOURCE],
  protocol: [protocol, SLL_SOURCE],
};

/** The same, version 2. */
export const SLL2: Meanings = {
  ...LLC,
  protocol: [protocol, SLL2_SOURCE],
  reserved: ["Must be zero.", SLL2_SOURCE],
  interfaceIndex: ["The number of the interface that it crossed.", SLL2_SOURCE],
  hardwareType: [hardwareType, SLL2_SOURCE],
  packetType: [packetType, SLL2_SOURCE],
  addressLength: [addressLength, SLL2_SOURCE],
  address: [address, SLL2_SOURCE],
};

/** The loopback of BSD, macOS and Windows. */
export const LOOPBACK: Meanings = {
  family: [
    "Which family of addresses follows, as the capturing system numbers it.",
    "tcpdump.org, LINKTYPE_NULL",
  ],
};

const ARP_SOURCE = "RFC 826";

/** ARP. */
export const ARP: Meanings = {
  hardwareType: ["The kind of link: 1 is Ethernet.", ARP_SOURCE],
  protocolType: [
    "Whose addresses are asked for: an EtherType, 0x0800 for IPv4.",
    ARP_SOURCE,
  ],
  hardwareLength: ["Octets of a link-layer address: 6.", ARP_SOURCE],
  protocolLength: ["Octets of a protocol's address: 4.", ARP_SOURCE],
  operation: ["1 asks who has an address, 2 answers.", ARP_SOURCE],
  senderHardwareAddress: [
    "Where the sender can be reached on this link. Nothing proves it.",
    ARP_SOURCE,
  ],
  senderProtocolAddress: [
    "The address that the sender claims: whoever hears it may remember it.",
    ARP_SOURCE,
  ],
  targetHardwareAddress: [
    "In a question nothing yet: it is what is asked for.",
    ARP_SOURCE,
  ],
  targetProtocolAddress: ["Whose address is asked for.", ARP_SOURCE],
  addresses: ["Addresses of other lengths than those of IPv4.", ARP_SOURCE],
};
