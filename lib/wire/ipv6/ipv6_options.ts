/**
 * The options of IPv6's hop-by-hop and destination options headers (RFC 8200
 * §4.2): those that change what is behind them, and those that are common.
 *
 * @module
 */

import { counted } from "../errors.ts";
import { formatIPv6 } from "../address.ts";
import { get16, get32 } from "../octets.ts";
import { type DecodedOptions, OPTION_HEAD, walkOptions } from "../options.ts";
import type { IPv6ExtensionFields } from "./ipv6_extensions.ts";

const TYPE = {
  PAD1: 0,
  PADN: 1,
  ROUTER_ALERT: 5,
  JUMBO_PAYLOAD: 0xc2,
  HOME_ADDRESS: 0xc9,
} as const;

/** One option. */
export type IPv6Option =
  | { readonly kind: "padding" }
  | {
    readonly kind: "routerAlert";
    /** What routers are to look for (RFC 2711 §2.1). */
    readonly value: number;
  }
  | {
    readonly kind: "jumboPayload";
    /** Octets behind the IPv6 header (RFC 2675 §2). */
    readonly length: number;
  }
  | {
    readonly kind: "homeAddress";
    /** Whom the packet is from, wherever that host is (RFC 6275 §6.3). */
    readonly address: string;
  }
  | {
    readonly kind: "unknown";
    readonly type: number;
    /** Octets of data. */
    readonly length: number;
  };

/**
 * Reads options. Never throws.
 *
 * @param data all that follows the length octet of the extension header
 */
export function decodeIPv6Options(
  data: Uint8Array,
): DecodedOptions<IPv6Option> {
  return walkOptions(data, decodeOne, lengthAt);
}

function lengthAt(octets: Uint8Array, offset: number): number | string {
  if (octets[offset] === TYPE.PAD1) return 1;
  return offset + 1 === octets.length
    ? "ends before its length"
    : OPTION_HEAD + octets[offset + 1];
}

function decodeOne(octets: Uint8Array): IPv6Option {
  const type = octets[0];
  const length = Math.max(0, octets.length - OPTION_HEAD);
  if (type === TYPE.PAD1 || type === TYPE.PADN) return { kind: "padding" };
  if (type === TYPE.ROUTER_ALERT && length === 2) {
    return { kind: "routerAlert", value: get16(octets, OPTION_HEAD) };
  }
  if (type === TYPE.JUMBO_PAYLOAD && length === 4) {
    return { kind: "jumboPayload", length: get32(octets, OPTION_HEAD) };
  }
  if (type === TYPE.HOME_ADDRESS && length === 16) {
    return { kind: "homeAddress", address: formatIPv6(octets, OPTION_HEAD) };
  }
  return { kind: "unknown", type, length };
}

/** One option in words. */
export function describeIPv6Option(option: IPv6Option): string {
  switch (option.kind) {
    case "padding":
      return "Padding";
    case "routerAlert":
      return `Router Alert (${option.value})`;
    case "jumboPayload":
      return `Jumbo Payload, ${option.length} bytes`;
    case "homeAddress":
      return `Home Address, ${option.address}`;
    case "unknown":
      return `Unknown (${option.type}), ${
        counted(option.length, "byte")
      } of data`;
  }
}

/** What a jumbo payload option says, if there is one in the first header. */
export function jumboLength(
  [first]: readonly IPv6ExtensionFields[],
): number | undefined {
  if (first?.kind !== "hopByHop" || first.data === undefined) return undefined;
  return find(first.data, "jumboPayload")?.length;
}

/** Whom a packet is from that was sent from somewhere else, if it says so. */
export function homeAddress(
  extensionHeaders: readonly IPv6ExtensionFields[],
): string | undefined {
  for (const extension of extensionHeaders) {
    if (extension.kind !== "destinationOptions") continue;
    const option = extension.data && find(extension.data, "homeAddress");
    if (option !== undefined) return option.address;
  }
}

function find<Kind extends IPv6Option["kind"]>(
  data: Uint8Array,
  kind: Kind,
): Extract<IPv6Option, { kind: Kind }> | undefined {
  return decodeIPv6Options(data).options.map(({ option }) => option)
    .find((option): option is Extract<IPv6Option, { kind: Kind }> =>
      option.kind === kind
    );
}
