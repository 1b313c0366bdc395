/**
 * A packet in one line, as tcpdump's users expect it.
 *
 * @module
 */

import type { QuotedFacts, SummaryFacts } from "../../wire/packet/protocol.ts";
import { announced, protocolOf } from "../../wire/packet/registry.ts";
import {
  dissect,
  type DissectedLayer,
  type Dissection,
  type HeaderLayer,
} from "../../wire/packet/dissect.ts";
import { escapeText } from "../text.ts";

/** A packet, and what it begins with. */
export interface LinkPacket {
  /** The octets that were kept. */
  readonly bytes: Uint8Array;
  /** Octets that were on the wire. */
  readonly originalLength: number;
  /** What the packet begins with. */
  readonly linkType: number;
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
  for (let i = 0; i < layers.length; i++) {
    const layer = layers[i];
    if (layer.protocol === "data") break;
    const next = layers.at(i + 1);
    const isLast = next === undefined || next.protocol === "data";
    if (isIP(layer)) {
      const version = versionOf(layer);
      if (!isLast && isIP(next)) {
        const { source, destination } = layer.header;
        parts.push(`${version} ${source} > ${destination}: `);
        continue;
      }
      parts.push(`${version} ${ipLine(layer, layers, i + 1)}`);
      return joined(parts);
    }
    const { linkTypes, summary } = protocolOf(layer.protocol);
    if (linkTypes === undefined) {
      // Padding counts, as it does for tcpdump.
      const length = bytes.length - layer.offset;
      parts.push(
        summary?.(layer.header, facts(layer, next, length)) ??
          titleOf(layer),
      );
      return parts.join(", ");
    }
    if (layer.protocol === "ethernet") {
      for (const { vid, pcp } of layer.header.vlanTags) {
        parts.push(`vlan ${vid}, p ${pcp}`);
      }
    }
    // What a frame carries says more than its header.
    if (!isLast) continue;
    parts.push(
      summary?.(layer.header, facts(layer, next)) ??
        titleOf(layer),
    );
    return `${parts.join(", ")}, length ${originalLength}`;
  }
  return parts.length > 0 ? joined(parts) : `length ${originalLength}`;
}

/** A tunnel's outer header is followed by a colon of its own. */
function joined(parts: readonly string[]): string {
  if (parts.length === 1) return parts[0];
  return parts.join(", ").replaceAll(": , ", ": ");
}

type IPLayer = Extract<HeaderLayer, { protocol: "ipv4" | "ipv6" }>;

function isIP(layer: DissectedLayer): layer is IPLayer {
  return layer.protocol === "ipv4" || layer.protocol === "ipv6";
}

function titleOf({ protocol, header, payloadLength }: HeaderLayer): string {
  return protocolOf(protocol).title(header, payloadLength);
}

/** @param inside which of the layers is the first in this one */
function ipLine(
  ip: IPLayer,
  layers: readonly DissectedLayer[],
  inside: number,
): string {
  const { source, destination, protocol } = ip.header;
  const ports = portsOf(layers.at(inside));
  const ends = ports === undefined
    ? `${source} > ${destination}`
    : `${source}.${ports[0]} > ${destination}.${ports[1]}`;
  return `${ends}: ${upperLine(protocol, ip.payloadLength, layers, inside)}`;
}

/** What is inside IP, or behind a header that announces as IP does. */
function upperLine(
  protocol: number,
  length: number,
  layers: readonly DissectedLayer[],
  at: number,
): string {
  const upper = layers.at(at);
  const next = layers.at(at + 1);
  if (upper === undefined || upper.protocol === "data") {
    return `${wordFor(protocol)} ${length}`;
  }
  if (isIP(upper)) {
    return `${versionOf(upper)} ${ipLine(upper, layers, at + 1)}`;
  }
  const { header, payloadLength } = upper;
  const row = protocolOf(upper.protocol);
  const line = row.summary?.(header, facts(upper, next, length)) ??
    `${wordFor(protocol)} ${length}`;
  const further = row.next?.(header, payloadLength)?.ipProtocol;
  if (further === undefined) return line;
  const ports = portsOf(next);
  const ends = ports === undefined ? "" : `${ports.join(" > ")}: `;
  return `${line}: ${ends}${upperLine(further, payloadLength, layers, at + 1)}`;
}

function versionOf({ protocol }: IPLayer): string {
  return protocol === "ipv4" ? "IP" : "IP6";
}

function portsOf(
  layer: DissectedLayer | undefined,
): readonly [source: number, destination: number] | undefined {
  if (layer === undefined || layer.protocol === "data") return undefined;
  const { header } = layer;
  return "sourcePort" in header
    ? [header.sourcePort, header.destinationPort]
    : undefined;
}

function facts(
  { length: headerLength, payloadLength }: HeaderLayer,
  next: DissectedLayer | undefined,
  length = headerLength + payloadLength,
): SummaryFacts {
  const isKnown = next !== undefined && next.protocol !== "data";
  return {
    length,
    payloadLength,
    next: isKnown ? titleOf(next) : undefined,
    quoted,
  };
}

function quoted(octets: Uint8Array): QuotedFacts | undefined {
  const [ip, upper] = dissect(octets).layers;
  if (ip?.protocol !== "ipv4") return undefined;
  const { destination, protocol } = ip.header;
  return upper === undefined || upper.protocol === "data" ||
      !("destinationPort" in upper.header)
    ? { destination, protocol }
    : {
      destination,
      protocol,
      port: `${upper.protocol} port ${upper.header.destinationPort}`,
    };
}

/** A protocol, of later fragments and of what is not dissected. */
export function wordFor(ipProtocol: number): string {
  const name = announced({ ipProtocol });
  if (name === undefined) {
    return ipProtocol === 50 ? "esp" : `ip-proto-${ipProtocol}`;
  }
  return protocolOf(name).word ?? name;
}
