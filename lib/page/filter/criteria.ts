/**
 * Which packets are to be seen, in the criteria of `sniff`: words that must all
 * hold, each of which `not` turns round.
 *
 * @module
 */

import { formatIPv6, isIPv4, isIPv6, parseIPv6 } from "../../wire/address.ts";
import type { Dissection } from "../../wire/packet/dissect.ts";
import { PROTOCOLS } from "../../wire/packet/registry.ts";
import { isNoise } from "../packet/row.ts";

/** What a filter looks at in a packet. */
export interface Facts {
  /** Of all layers, and what IP carries, by number. */
  readonly protocols: readonly string[];
  readonly hosts: readonly string[];
  readonly ports: readonly number[];
  /** Where it was captured: both ends of the cable, where they are known. */
  readonly places: readonly string[];
  readonly isNoise: boolean;
}

/** Whether a packet is to be seen. */
export type Criterion = (facts: Facts) => boolean;

/** What people call protocols, beside the names that layers bear. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  icmp: ["icmpv4", "icmpv6"],
  ip: ["ipv4"],
  ip4: ["ipv4"],
  ip6: ["ipv6"],
  icmp6: ["icmpv6"],
};

/** What of a packet is looked at. */
export function factsOf(
  { layers }: Dissection,
  places: readonly string[],
): Facts {
  const facts = {
    protocols: [] as string[],
    hosts: [] as string[],
    ports: [] as number[],
  };
  for (const layer of layers) {
    if (layer.protocol === "data") continue;
    facts.protocols.push(layer.protocol);
    const header = layer.header as unknown as Record<string, unknown>;
    const names = layer.protocol === "arp"
      ? ["senderProtocolAddress", "targetProtocolAddress"]
      : ["source", "destination"];
    for (const name of names) {
      if (typeof header[name] === "string") facts.hosts.push(header[name]);
    }
    for (const name of ["sourcePort", "destinationPort"]) {
      if (typeof header[name] === "number") facts.ports.push(header[name]);
    }
    const isIP = layer.protocol === "ipv4" || layer.protocol === "ipv6";
    if (isIP) facts.protocols.push(`${layer.header.protocol}`);
  }
  return { ...facts, places, isNoise: isNoise({ layers, problems: [] }) };
}

/**
 * Reads a filter such as `icmp host 10.9.1.1 not on router1/eth0`.
 *
 * @throws {RangeError} naming the word that is none
 */
export function parseFilter(text: string): Criterion {
  const words = text.trim().split(/\s+/).filter((word) => word !== "");
  const criteria: Criterion[] = [];
  let isNot = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i].toLowerCase();
    if (word === "and") continue;
    if (word === "not") {
      isNot = !isNot;
      continue;
    }
    const takes = Object.hasOwn(WITH_VALUE, word)
      ? WITH_VALUE[word]
      : undefined;
    const criterion = takes === undefined
      ? ofProtocol(word)
      : takes(words[++i] ?? "");
    const turned = isNot;
    criteria.push((facts) => criterion(facts) !== turned);
    isNot = false;
  }
  if (isNot) throw new RangeError("not: what follows it is missing");
  return (facts) => criteria.every((criterion) => criterion(facts));
}

const WITH_VALUE: Readonly<Record<string, (value: string) => Criterion>> = {
  host: (value) => {
    const address = canonical(value);
    return ({ hosts }) => hosts.includes(address);
  },
  port: (value) => {
    const port = Number(value);
    if (!/^\d+$/.test(value) || port > 0xffff) {
      throw new RangeError(`port ${value}: wanted is 0 to 65535`);
    }
    return ({ ports }) => ports.includes(port);
  },
  on: (value) => {
    if (value === "") throw new RangeError("on: wanted is a place");
    // `router1` is all of its devices.
    return ({ places }) =>
      places.some((place) => place === value || place.startsWith(`${value}/`));
  },
  protocol: (value) => ofProtocol(value.toLowerCase()),
};

function ofProtocol(word: string): Criterion {
  const names = Object.hasOwn(OTHER_NAMES, word)
    ? OTHER_NAMES[word]
    : Object.hasOwn(PROTOCOLS, word) || /^\d{1,3}$/.test(word)
    ? [word]
    : undefined;
  if (names === undefined) {
    throw new RangeError(
      `${word}: wanted is a protocol, or host, port, on with a value`,
    );
  }
  return ({ protocols }) => names.some((name) => protocols.includes(name));
}

function canonical(value: string): string {
  if (isIPv4(value)) return value;
  if (isIPv6(value)) return formatIPv6(parseIPv6(value));
  throw new RangeError(`host ${value}: wanted is an address`);
}
