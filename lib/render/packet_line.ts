/**
 * A packet in one line, as tcpdump's users expect it.
 *
 * @module
 */

import type { ARPMessage } from "../wire/arp.ts";
import {
  describeLayer,
  dissect,
  type DissectedLayer,
  type Dissection,
  type HeaderLayer,
} from "../wire/dissect.ts";
import { etherTypeText } from "../wire/ether_types.ts";
import { icmpv4Name, icmpv6Name } from "../wire/icmp_names.ts";
import type { ICMPv4Message } from "../wire/icmpv4_messages.ts";
import type { ICMPv6Message } from "../wire/icmpv6_messages.ts";
import type { TCPHeader } from "../wire/tcp.ts";
import { decodeTCPOptions, type TCPOption } from "../wire/tcp_options.ts";
import { escapeText } from "./text.ts";

/** A packet, and what it begins with. */
export interface LinkPacket {
  /** The octets that were kept. */
  readonly bytes: Uint8Array;
  /** Octets that were on the wire. */
  readonly originalLength: number;
  /** What the packet begins with. */
  readonly linkType: number;
}

/** `hh:mm:ss.µµµµµµ`, in this machine's time zone. */
export function timeOfDay(timestampNs: bigint): string {
  const date = new Date(Number(timestampNs / 1_000_000n));
  const [hours, minutes, seconds] = [
    date.getHours(),
    date.getMinutes(),
    date.getSeconds(),
  ].map((number) => `${number}`.padStart(2, "0"));
  const microseconds = timestampNs / 1000n % 1_000_000n;
  return `${hours}:${minutes}:${seconds}.${`${microseconds}`.padStart(6, "0")}`;
}

/**
 * What the packet is, without its time:
 * `IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 1, length 64`. Sequence
 * numbers of TCP are those on the wire, as with tcpdump's `-S`.
 */
export function summarizePacket(packet: LinkPacket): string {
  const { bytes, originalLength, linkType } = packet;
  const dissection = dissect(bytes, { linkType });
  const line = summarize(bytes, originalLength, dissection);
  const fault = dissection.problems.find(isStructural);
  const remark = fault === undefined
    ? ""
    : ` [${fault.layer} ${fault.field}: ${fault.reason}]`;
  return escapeText(line + remark);
}

/** A wrong checksum is as a rule one that the interface has yet to compute. */
function isStructural({ field }: { field: string }): boolean {
  return field !== "checksum";
}

function summarize(
  bytes: Uint8Array,
  originalLength: number,
  { layers }: Dissection,
): string {
  const parts: string[] = [];
  for (const [i, layer] of layers.entries()) {
    switch (layer.protocol) {
      case "sll":
      case "sll2":
      case "loopback":
        // Whatever it carries says more.
        if (i + 1 < layers.length && layers[i + 1].protocol !== "data") break;
        parts.push(describeLayer(bytes, layer).title);
        return `${parts.join(", ")}, length ${originalLength}`;
      case "ethernet": {
        const { source, destination, vlanTags, typeOrLength, llc } =
          layer.header;
        for (const { vid, pcp } of vlanTags) {
          parts.push(`vlan ${vid}, p ${pcp}`);
        }
        const next = layers.at(i + 1);
        if (next !== undefined && next.protocol !== "data") break;
        const what = typeOrLength < 0x600
          ? `802.3${llc === undefined ? "" : `, LLC, dsap ${llc.dsap}`}`
          : `ethertype ${etherTypeText(typeOrLength)}`;
        parts.push(`${source} > ${destination}, ${what}`);
        return `${parts.join(", ")}, length ${originalLength}`;
      }
      case "arp":
        // Padding counts, as it does for tcpdump.
        parts.push(arpLine(layer.header, bytes.length - layer.offset));
        return parts.join(", ");
      case "ipv4":
      case "ipv6": {
        const version = layer.protocol === "ipv4" ? "IP" : "IP6";
        const upper = layers.at(i + 1);
        if (upper?.protocol === "ipv4" || upper?.protocol === "ipv6") {
          const { source, destination } = layer.header;
          parts.push(`${version} ${source} > ${destination}: `);
          break;
        }
        parts.push(`${version} ${ipLine(bytes, layer, layers.slice(i + 1))}`);
        return joined(parts);
      }
      default:
        parts.push(describeLayer(bytes, layer).title);
        return joined(parts);
    }
  }
  return parts.length > 0 ? joined(parts) : `length ${originalLength}`;
}

/** A tunnel's outer header is followed by a colon of its own. */
function joined(parts: readonly string[]): string {
  return parts.join(", ").replaceAll(": , ", ": ");
}

type IPLayer = Extract<HeaderLayer, { protocol: "ipv4" | "ipv6" }>;

function ipLine(
  bytes: Uint8Array,
  ip: IPLayer,
  [upper, ...rest]: readonly DissectedLayer[],
): string {
  const { source, destination, protocol } = ip.header;
  const between = (
    { sourcePort, destinationPort }: {
      readonly sourcePort: number;
      readonly destinationPort: number;
    },
  ) => `${source}.${sourcePort} > ${destination}.${destinationPort}: `;
  const plain = `${source} > ${destination}: `;
  switch (upper?.protocol) {
    case "icmpv4":
      return `${plain}ICMP ${icmpv4Line(upper.header)}, length ` +
        `${ip.payloadLength}`;
    case "icmpv6":
      return `${plain}ICMP6, ${icmpv6Line(upper.header)}, length ` +
        `${ip.payloadLength}`;
    case "udp": {
      const [next] = rest;
      const title = next === undefined || next.protocol === "data"
        ? "UDP"
        : `UDP, ${describeLayer(bytes, next).title}`;
      // What the header says: of a fragment it is more than is there.
      return `${between(upper.header)}${title}, length ` +
        `${Math.max(0, upper.header.length - 8)}`;
    }
    case "tcp":
      return between(upper.header) + tcpLine(upper.header, upper.payloadLength);
    default:
      return `${plain}${PROTOCOL_WORDS[protocol] ?? `ip-proto-${protocol}`} ` +
        `${ip.payloadLength}`;
  }
}

/** Of later fragments, and of what is not dissected. */
const PROTOCOL_WORDS: Readonly<Record<number, string>> = {
  1: "icmp",
  2: "igmp",
  6: "tcp",
  17: "udp",
  47: "gre",
  50: "esp",
  58: "ipv6-icmp",
  132: "sctp",
};

function arpLine(message: ARPMessage, length: number): string {
  const end = `length ${length}`;
  if (message.kind === "other") {
    return `ARP, hardware type ${message.hardwareType}, protocol type ` +
      `${etherTypeText(message.protocolType)}, ${end}`;
  }
  const {
    operation,
    senderHardwareAddress,
    senderProtocolAddress,
    targetHardwareAddress,
    targetProtocolAddress,
  } = message;
  if (operation === 1) {
    const known = targetHardwareAddress === "00:00:00:00:00:00"
      ? ""
      : ` (${targetHardwareAddress})`;
    return `ARP, Request who-has ${targetProtocolAddress}${known} tell ` +
      `${senderProtocolAddress}, ${end}`;
  }
  return operation === 2
    ? `ARP, Reply ${senderProtocolAddress} is-at ${senderHardwareAddress}, ${end}`
    : `ARP, operation ${operation}, ${end}`;
}

function echoLine(
  { kind, identifier, sequence }: {
    readonly kind: "echoRequest" | "echoReply";
    readonly identifier: number;
    readonly sequence: number;
  },
): string {
  const what = kind === "echoRequest" ? "request" : "reply";
  return `echo ${what}, id ${identifier}, seq ${sequence}`;
}

function icmpv4Line(message: ICMPv4Message): string {
  const { type, code } = message;
  switch (message.kind) {
    case "echoRequest":
    case "echoReply":
      return echoLine(message);
    case "timeExceeded":
      return code === 0
        ? "time exceeded in-transit"
        : "ip reassembly time exceeded";
    case "destinationUnreachable":
      return unreachable(message.code, message.quoted, message.nextHopMTU);
    default:
      return icmpv4Name(type, code).toLowerCase();
  }
}

/** Who was not reached, by what the message quotes. */
function unreachable(code: number, quoted: Uint8Array, mtu: number): string {
  const [ip, upper] = dissect(quoted).layers;
  if (ip?.protocol !== "ipv4") return icmpv4Name(3, code).toLowerCase();
  const { destination, protocol } = ip.header;
  switch (code) {
    case 0:
      return `net ${destination} unreachable`;
    case 1:
      return `host ${destination} unreachable`;
    case 2:
      return `${destination} protocol ${protocol} unreachable`;
    case 3:
      if (upper?.protocol !== "udp" && upper?.protocol !== "tcp") break;
      return `${destination} ${upper.protocol} port ` +
        `${upper.header.destinationPort} unreachable`;
    case 4:
      return `${destination} unreachable - need to frag (mtu ${mtu})`;
    case 13:
      return `host ${destination} unreachable - admin prohibited filter`;
  }
  return `${destination} unreachable (${icmpv4Name(3, code).toLowerCase()})`;
}

function icmpv6Line(message: ICMPv6Message): string {
  switch (message.kind) {
    case "echoRequest":
    case "echoReply":
      return echoLine(message);
    case "neighborSolicitation":
      return `neighbor solicitation, who has ${message.target}`;
    case "neighborAdvertisement":
      return `neighbor advertisement, tgt is ${message.target}`;
    case "packetTooBig":
      return `packet too big, mtu ${message.mtu}`;
    default:
      return icmpv6Name(message.type, message.code).toLowerCase();
  }
}

/** In tcpdump's order, with its letters. */
const FLAG_LETTERS = [
  ["fin", "F"],
  ["syn", "S"],
  ["rst", "R"],
  ["psh", "P"],
  ["ack", "."],
  ["urg", "U"],
  ["ece", "E"],
  ["cwr", "W"],
] as const;

function tcpLine(header: TCPHeader, length: number): string {
  const { sequence, acknowledgment, window, options } = header;
  const flags = FLAG_LETTERS.map(([flag, letter]) => header[flag] ? letter : "")
    .join("");
  const parts = [`Flags [${flags || "none"}]`];
  if (length > 0) {
    parts.push(`seq ${sequence}:${(sequence + length) % 2 ** 32}`);
  } else if (header.syn || header.fin || header.rst) {
    parts.push(`seq ${sequence}`);
  }
  if (header.ack) parts.push(`ack ${acknowledgment}`);
  parts.push(`win ${window}`);
  if (header.urg) parts.push(`urg ${header.urgentPointer}`);
  const words = decodeTCPOptions(options).options
    .map(({ option }) => optionWord(option));
  if (words.length > 0) parts.push(`options [${words.join(",")}]`);
  return `${parts.join(", ")}, length ${length}`;
}

function optionWord(option: TCPOption): string {
  switch (option.kind) {
    case "endOfList":
      return "eol";
    case "noOperation":
      return "nop";
    case "maximumSegmentSize":
      return `mss ${option.size}`;
    case "windowScale":
      return `wscale ${option.shift}`;
    case "sackPermitted":
      return "sackOK";
    case "sack":
      return `sack ${option.blocks.length} ${
        option.blocks.map(({ left, right }) => `{${left}:${right}}`).join("")
      }`;
    case "timestamps":
      return `TS val ${option.value} ecr ${option.echoReply}`;
    case "fastOpen":
      return option.cookie.length === 0
        ? "tfo cookiereq"
        : `tfo cookie ${option.cookie.toHex()}`;
    case "unknown":
      return `unknown-${option.type} 0x${option.data.toHex()}`;
  }
}
