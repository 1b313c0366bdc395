/**
 * The values of a packet's fields, and how they are shown.
 *
 * @module
 */

import { dissect } from "../wire/packet/dissect.ts";
import { hex } from "../wire/field.ts";
import type { IPv4Header } from "../wire/ipv4/ipv4.ts";
import type { SeenPacket } from "./seen_packets.ts";
import type { ComparedValue } from "./comparison.ts";

/** By the names of the fields. */
type Values = Partial<Record<string, number | string>>;

/** Every field that is given, as `describeIPv4` names and groups them. */
export function valuesOf(header: Partial<IPv4Header>): Values {
  const { dscp, ecn, reserved, dontFragment, moreFragments, options } = header;
  const { version, headerLength, totalLength, identification } = header;
  const { fragmentOffset, ttl, protocol, checksum } = header;
  return {
    ...{ version, headerLength, totalLength, identification },
    ...{ fragmentOffset, ttl, protocol, checksum },
    source: header.source,
    destination: header.destination,
    dsField: dscp === undefined ? undefined : dscp << 2 | (ecn ?? 0),
    flags: reserved === undefined
      ? undefined
      : (reserved ? 4 : 0) | (dontFragment ? 2 : 0) | (moreFragments ? 1 : 0),
    options: options?.length ? options.toHex() : undefined,
  };
}

/** The same of a packet that was seen, and of its link layer. */
export function valuesSeen(packet: SeenPacket): Values {
  return { ...linkValues(packet), ...valuesOf(packet.header) };
}

/** The link-layer addresses, as far as the capture has them. */
function linkValues({ frame, device }: SeenPacket): Values {
  // Loopback has none.
  if (device === "lo") return {};
  const [link] = dissect(frame.bytes, { linkType: frame.linkType }).layers;
  return link?.protocol === "ethernet"
    ? {
      macDestination: link.header.destination,
      macSource: link.header.source,
    }
    : { macSource: frame.source || undefined };
}

const HEX_DIGITS: Readonly<Record<string, number>> = {
  dsField: 2,
  identification: 4,
  checksum: 4,
};

/** A value, and the same for people. */
export function valueOf(
  name: string,
  value: number | string | undefined,
): ComparedValue | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string") {
    const text = value.length > 17 ? `${value.slice(0, 16)}…` : value;
    return { value, text };
  }
  if (name === "flags") {
    const set = ["reserved", "DF", "MF"].filter((_, i) => value & 4 >> i);
    return { value, text: [hex(value, 1), ...set].join(" ") };
  }
  if (name in HEX_DIGITS) {
    return { value, text: hex(value, HEX_DIGITS[name]) };
  }
  return { value, text: `${value}` };
}
