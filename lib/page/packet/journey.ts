/**
 * The same packet on every cable that it crossed, and what changed in between.
 *
 * @module
 */

import { dissect } from "../../wire/packet/dissect.ts";
import { protocolOf } from "../../wire/packet/registry.ts";
import type { Packet } from "../state/store.ts";
import { placeFields } from "../../render/packet/placed_fields.ts";

/** How long a packet may be under way, to either side. */
const REACH_NS = 5_000_000_000n;
/** Packets that are looked at, to either side: that many are dissected. */
export const JOURNEY_REACH = 5000;

/** A field that is not what it was one cable before. */
export interface Change {
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

/** A packet on one cable. */
export interface Stage {
  readonly packet: Packet;
  /** Of several fragments, all of them; the first is `packet`. */
  readonly fragments: readonly Packet[];
  /** Against the cable before; none on the first. */
  readonly changes: readonly Change[];
}

/** Where a packet was seen. */
export interface Journey {
  /** In the order of times; one if it was seen once. */
  readonly stages: readonly Stage[];
  /** Whether packets near in time were too many to look at all of them. */
  readonly isCut: boolean;
}

/** What of a packet stays the same on its way. */
interface Identity {
  /** What it carries, without checksums. */
  readonly content: string;
  /** What its fragments have in common; empty where nothing tells them. */
  readonly family: string;
  readonly isFragment: boolean;
}

const known = new WeakMap<Packet, Identity | null>();

/** What a packet is known by on other cables; `null` if it stays on its own. */
function identityOf(packet: Packet): Identity | null {
  const found = known.get(packet);
  if (found !== undefined) return found;
  const identity = identify(packet);
  known.set(packet, identity);
  return identity;
}

function identify({ bytes, linkType }: Packet): Identity | null {
  const { layers, trailer } = dissect(bytes, { linkType });
  const at = layers.findIndex(({ protocol }) => /^ipv[46]$/.test(protocol));
  const ip = layers[at];
  if (ip?.protocol !== "ipv4" && ip?.protocol !== "ipv6") return null;
  const inside = bytes.slice(ip.offset + ip.length, trailer?.offset);
  // A translating router changes it with the addresses that it covers.
  const upper = layers[at + 1];
  if (upper !== undefined && upper.protocol !== "data") {
    const place = protocolOf(upper.protocol).checksum?.at(upper.header);
    if (place !== undefined) inside.fill(0, place, place + 2);
  }
  const { header } = ip;
  const isFour = ip.protocol === "ipv4";
  const identification = isFour ? ip.header.identification : 0;
  const isFragment = isFour &&
    (ip.header.moreFragments || ip.header.fragmentOffset > 0);
  const content = `${header.protocol} ${identification} ${inside.toHex()}`;
  const family = identification === 0
    ? ""
    : `${header.protocol} ${identification} ${header.destination}`;
  return { content, family, isFragment };
}

/**
 * Where a packet was seen.
 *
 * @param reach how many packets are looked at, to either side
 */
export function journeyOf(
  packet: Packet,
  packets: readonly Packet[],
  reach = JOURNEY_REACH,
): Journey {
  const identity = identityOf(packet);
  const here = packets.indexOf(packet);
  const { timestampNs } = packet;
  if (identity === null || here < 0 || timestampNs === undefined) {
    const alone = { packet, fragments: [packet], changes: [] };
    return { stages: [alone], isCut: false };
  }
  const isNear = (other: Packet | undefined) =>
    other?.timestampNs !== undefined &&
    distance(other.timestampNs, timestampNs) < REACH_NS;
  const [from, to] = [Math.max(0, here - reach), here + reach + 1];
  const near = packets.slice(from, to).filter(isNear);
  const isCut = isNear(packets[from - 1]) || isNear(packets[to]);
  const places = Map.groupBy(
    near.filter((other) => isSame(identity, identityOf(other))),
    ({ point }) => point,
  );
  const stages = [...places.values()].map((seen) => {
    const whole = seen.filter((one) => !identityOf(one)!.isFragment);
    if (whole.length === 0) return seen;
    // Sent again, it is the one next in time.
    return [
      whole.reduce((best, one) =>
        distance(one.timestampNs!, timestampNs) <
            distance(best.timestampNs!, timestampNs)
          ? one
          : best
      ),
    ];
  }).sort(([a], [b]) => (a.timestampNs! < b.timestampNs! ? -1 : 1));
  return {
    stages: stages.map((fragments, i) => ({
      packet: fragments[0],
      fragments,
      changes: i === 0 ? [] : changesBetween(stages[i - 1][0], fragments[0]),
    })),
    isCut,
  };
}

function isSame(one: Identity, other: Identity | null): boolean {
  if (other === null) return false;
  if (one.content === other.content) return true;
  return (one.isFragment || other.isFragment) && one.family !== "" &&
    one.family === other.family;
}

function distance(a: bigint, b: bigint): bigint {
  return a < b ? b - a : a - b;
}

/** The fields, from the IP header on, that differ; not what parts tell anew. */
export function changesBetween(before: Packet, after: Packet): Change[] {
  const [old, young] = [before, after].map(fieldsOf);
  return [...young].flatMap(([path, { label, text }]) => {
    const was = old.get(path);
    return was === undefined || was.text === text
      ? []
      : [{ label, before: was.text, after: text }];
  });
}

function fieldsOf({ bytes, linkType }: Packet) {
  const { layers } = placeFields(bytes, dissect(bytes, { linkType }));
  const at = layers.findIndex(({ protocol }) => /^ipv[46]$/.test(protocol));
  const fields = layers.slice(at).flatMap(({ fields }) => fields)
    .filter(({ depth, field }) => depth === 0 && field.name !== "data");
  return new Map(
    fields.map(({ protocol, path, field }) => [`${protocol}.${path}`, field]),
  );
}
