/**
 * Sent versus wire: what the kernel was given, what left, and what arrived,
 * field by field.
 *
 * @module
 */

import { counted } from "../wire/errors.ts";
import { decodeIPv4, encodeIPv4 } from "../wire/ipv4/ipv4.ts";
import { describeIPv4 } from "../wire/ipv4/ipv4_protocol.ts";
import { checksumFault } from "./checksum_fault.ts";
import {
  completeForged,
  type GivenPacket,
  readForged,
} from "./forged_packet.ts";
import type { SeenPacket } from "./seen_packets.ts";
import type { ComparedField, Comparison } from "./comparison.ts";
import { type RuleContext, sendingRule, wayRule } from "./kernel_rules.ts";
import { valueOf, valuesOf, valuesSeen } from "./values.ts";

/**
 * What is known of a packet.
 *
 * @category Sent versus wire
 */
export interface Sighting {
  /** What the kernel was given. */
  readonly given: GivenPacket;
  /** As it left, if it was seen. */
  readonly left?: SeenPacket;
  /** As it arrived, if it was seen. */
  readonly arrived?: SeenPacket;
  /** The interface that was watched. */
  readonly device?: string;
  /** The lab's host that was watched, if one was. */
  readonly there?: string;
}

/**
 * Compares what was given with what was seen. Pure; {@linkcode WireTap} sees.
 *
 * @category Sent versus wire
 * @param sighting what was given and what was seen
 *
 * @example
 * ```ts
 * import { comparePackets, forgedPacket, readForged } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const given = readForged(forgedPacket({
 *   source: "10.9.0.5",
 *   destination: "10.9.0.6",
 * }));
 * const { fields, here } = comparePackets({ given, device: "eth0" });
 * const ttl = fields.find(({ name }) => name === "ttl");
 * assertEquals([ttl?.sent?.value, ttl?.left], [255, undefined]);
 * assertEquals(here, { device: "eth0", isSeen: false });
 * ```
 */
export function comparePackets(
  { given, left, arrived, device, there }: Sighting,
): Comparison {
  const sentValues = valuesOf(given.header);
  const leftValues = left && valuesSeen(left);
  const arrivedValues = arrived && valuesSeen(arrived);
  const isFragmented = left !== undefined &&
    left.payload.length < given.payload.length;
  const context = {
    headerIncluded: given.headerIncluded,
    dontFragment: given.header.dontFragment ?? false,
    isFragmented: isFragmented ||
      (arrived !== undefined && left !== undefined &&
        arrived.payload.length < left.payload.length),
  };
  const shapes = [...LINK_FIELDS, ...headerFields(given, left, arrived)];
  const fields = shapes.map((shape) =>
    fieldOf(shape, {
      ...context,
      name: shape.name,
      sent: sentValues[shape.name],
      left: leftValues?.[shape.name],
      arrived: arrivedValues?.[shape.name],
    })
  ).filter(({ sent, left, arrived }) => sent ?? left ?? arrived);
  return {
    destination: given.header.destination,
    headerIncluded: given.headerIncluded,
    fields: [...fields, dataField(given, left, arrived)],
    here: { device: left?.device ?? device, isSeen: left !== undefined },
    ...(there === undefined ? {} : {
      there: {
        host: there,
        device: arrived?.device,
        isSeen: arrived !== undefined,
      },
    }),
    isFragmented,
  };
}

/** Stands for a value that the kernel alone will know. */
const ITS_CHOICE = "?";

/**
 * The fields of a packet with its own header that Linux will write, beforehand:
 * `left` is absent where only the kernel can know the value. Sends nothing.
 *
 * @throws {RangeError} if it is no IPv4 packet
 */
export function foretellPacket(packet: Uint8Array): ComparedField[] {
  const given = readForged(packet);
  const { identification, dontFragment, source } = given.header;
  const chosen = [
    identification === 0 && !dontFragment ? "identification" : "",
    source === "0.0.0.0" ? "source" : "",
  ].filter(Boolean);
  // Which covers them.
  if (chosen.length > 0) chosen.push("checksum");
  const sent = valuesOf(given.header);
  const left = valuesOf(decodeIPv4(completeForged(packet)).header);
  return headerFields(given).map((shape) => {
    const isChosen = chosen.includes(shape.name);
    const field = fieldOf(shape, {
      name: shape.name,
      headerIncluded: true,
      dontFragment: dontFragment ?? false,
      isFragmented: false,
      sent: sent[shape.name],
      left: isChosen ? ITS_CHOICE : left[shape.name],
    });
    return isChosen ? { ...field, left: undefined } : field;
  }).filter(({ rules }) => rules.length > 0);
}

type Shape = Pick<
  ComparedField,
  "layer" | "name" | "label" | "bitOffset" | "bitWidth"
>;

const LINK_FIELDS: readonly Shape[] = [
  {
    layer: "ethernet",
    name: "macDestination",
    label: "MAC Destination",
    bitOffset: 0,
    bitWidth: 48,
  },
  {
    layer: "ethernet",
    name: "macSource",
    label: "MAC Source",
    bitOffset: 48,
    bitWidth: 48,
  },
];

/** The fields of the IP header, options if one of the headers has any. */
function headerFields(
  given: GivenPacket,
  ...seen: (SeenPacket | undefined)[]
): Shape[] {
  const options = [given, ...seen].map((packet) => packet?.header.options)
    .find((options) => options?.length) ?? new Uint8Array();
  const { destination, protocol } = given.header;
  const bytes = encodeIPv4({ destination, protocol, options });
  return describeIPv4(bytes, decodeIPv4(bytes).header).map((
    { name, label, bitOffset, bitWidth },
  ) => ({
    layer: "ipv4",
    name,
    label: SHORTER[name] ?? label,
    bitOffset,
    bitWidth,
  }));
}

const SHORTER: Readonly<Record<string, string>> = {
  dsField: "DS Field (TOS)",
  destination: "Destination",
  source: "Source",
};

function fieldOf(shape: Shape, context: RuleContext): ComparedField {
  const { name, sent, left, arrived } = context;
  const rules = [sendingRule(context), wayRule(context)];
  return {
    ...shape,
    sent: valueOf(name, sent),
    left: valueOf(name, left),
    arrived: valueOf(name, arrived),
    kernel: left === undefined
      ? undefined
      : sent === left
      ? "left"
      : sent === undefined || sent === 0 || sent === "0.0.0.0"
      ? "filled"
      : "overwritten",
    way: left === undefined || arrived === undefined
      ? undefined
      : left === arrived
      ? "left"
      : "changed",
    rules: rules.filter((rule) => rule !== undefined),
  };
}

function dataField(
  given: GivenPacket,
  left: SeenPacket | undefined,
  arrived: SeenPacket | undefined,
): ComparedField {
  const data = (payload: Uint8Array | undefined) =>
    payload && {
      value: payload.toHex(),
      text: counted(payload.length, "octet"),
    };
  const isLeft = left?.payload.length === given.payload.length;
  const way = left && arrived &&
    (left.payload.toHex() === arrived.payload.toHex() ? "left" : "changed");
  return {
    layer: "data",
    name: "payload",
    label: "Payload",
    bitOffset: 0,
    bitWidth: given.payload.length * 8,
    sent: data(given.payload),
    left: data(left?.payload),
    arrived: data(arrived?.payload),
    kernel: left && (isLeft ? "left" : "overwritten"),
    way,
    rules: [
      ...left && !isLeft
        ? ["longer than the MTU: this is the first fragment (RFC 791 §3.2)"]
        : way === "changed"
        ? ["changed on the way"]
        : [],
      ...faultRules(left, given),
    ],
  };
}

function faultRules(
  left: SeenPacket | undefined,
  given: GivenPacket,
): string[] {
  const fault = left && checksumFault(left, given);
  if (fault === undefined) return [];
  const { protocol, source } = fault;
  const why = source === undefined
    ? "is wrong"
    : `covers the source, and was computed over ${source}`;
  return [`its ${protocol} checksum ${why}: the receiver drops it`];
}
