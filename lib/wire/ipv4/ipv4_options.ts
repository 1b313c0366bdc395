/**
 * The options of an IPv4 header (RFC 791 §3.1, RFC 2113), between raw octets
 * and a tagged union.
 *
 * Decoding never throws: options that overrun what is there end the list with
 * a `fault`, and what came before them is kept. Unknown options are kept whole.
 *
 * @module
 */

import { formatIPv4, parseIPv4 } from "../address.ts";
import { checkRange, counted } from "../errors.ts";
import {
  type DecodedOptions,
  decodeOptions,
  END_OF_LIST,
  type LocatedOption,
  NO_OPERATION,
  octetsOf,
  OPTION_HEAD,
  type PaddingOption,
  padOptions,
  withLength,
} from "../options.ts";

const TYPE = {
  RECORD_ROUTE: 7,
  TIMESTAMP: 68,
  LOOSE_SOURCE_ROUTE: 131,
  STRICT_SOURCE_ROUTE: 137,
  ROUTER_ALERT: 148,
} as const;

/** Within an option; its length follows the type. */
const OFFSET = {
  TYPE: 0,
  POINTER: 2,
  ROUTE: 3,
  FLAGS: 3,
  STAMPS: 4,
};

const ROUTE_KINDS: Readonly<Record<IPv4RouteOption["kind"], number>> = {
  recordRoute: TYPE.RECORD_ROUTE,
  looseSourceRoute: TYPE.LOOSE_SOURCE_ROUTE,
  strictSourceRoute: TYPE.STRICT_SOURCE_ROUTE,
};

/**
 * Record route, or one of the two source routes.
 *
 * @category IPv4
 */
export interface IPv4RouteOption {
  /** Which of them. */
  readonly kind: "recordRoute" | "looseSourceRoute" | "strictSourceRoute";
  /** Of the next slot to use, counted in octets from 1; the first slot is 4. */
  readonly pointer: number;
  /** All slots in order; those not yet used hold 0.0.0.0, as a rule. */
  readonly addresses: readonly string[];
}

/**
 * One entry of a timestamp option.
 *
 * @category IPv4
 */
export interface IPv4TimestampEntry {
  /** Which host stamped; present when `flag` is 1 or 3. */
  readonly address?: string;
  /** Milliseconds since midnight UT, 0–0xffffffff. */
  readonly timestamp: number;
}

/**
 * The Internet timestamp option.
 *
 * @category IPv4
 */
export interface IPv4TimestampOption {
  /** Tells it from the other options. */
  readonly kind: "timestamp";
  /** Of the next entry, counted in octets from 1; the first entry is 5. */
  readonly pointer: number;
  /** Hosts that found no room, 0–15. */
  readonly overflow: number;
  /** 0 timestamps only, 1 with addresses, 3 with addresses given beforehand. */
  readonly flag: number;
  /** All entries, those not yet used included. */
  readonly entries: readonly IPv4TimestampEntry[];
}

/**
 * One option.
 *
 * @category IPv4
 */
export type IPv4Option =
  | PaddingOption
  | IPv4RouteOption
  | IPv4TimestampOption
  | {
    readonly kind: "routerAlert";
    /** 0: routers shall examine the packet (RFC 2113 §2.1). 0–65,535. */
    readonly value: number;
  }
  | {
    readonly kind: "unknown";
    /** The option type octet, 0–255. */
    readonly type: number;
    /** All that follows the length octet. */
    readonly data: Uint8Array;
  };

/**
 * An option, and where it stood.
 *
 * @category IPv4
 */
export type LocatedIPv4Option = LocatedOption<IPv4Option>;

/**
 * What {@linkcode decodeIPv4Options} found.
 *
 * @category IPv4
 */
export type DecodedIPv4Options = DecodedOptions<IPv4Option>;

/**
 * Reads the options of a header. Never throws; `data` of an unknown option
 * shares the input's memory.
 *
 * @category IPv4
 * @param octets the `options` of an {@linkcode IPv4Header}
 *
 * @example
 * ```ts
 * import { decodeIPv4Options } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const { options } = decodeIPv4Options(Uint8Array.of(148, 4, 0, 0));
 * assertEquals(options[0].option, { kind: "routerAlert", value: 0 });
 * ```
 */
export function decodeIPv4Options(octets: Uint8Array): DecodedIPv4Options {
  return decodeOptions(octets, decodeOne);
}

/**
 * Writes options one after the other, and pads them with zeros to a multiple
 * of four octets (RFC 791 §3.1).
 *
 * @category IPv4
 * @throws {RangeError} if a value does not fit, or all together exceed the
 * 40 octets that a header has room for
 *
 * @example
 * ```ts
 * import { encodeIPv4Options } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const octets = encodeIPv4Options([
 *   { kind: "recordRoute", pointer: 4, addresses: ["0.0.0.0"] },
 * ]);
 * assertEquals(octets.toHex(), "0707040000000000");
 * ```
 */
export function encodeIPv4Options(
  options: readonly IPv4Option[],
): Uint8Array<ArrayBuffer> {
  return padOptions("IPv4", options.flatMap(encodeOne));
}

/**
 * One option in words, as the tree of a packet shows it.
 *
 * @category IPv4
 */
export function describeIPv4Option(option: IPv4Option): string {
  switch (option.kind) {
    case "endOfList":
      return "End of Options List (EOL)";
    case "noOperation":
      return "No-Operation (NOP)";
    case "recordRoute":
      return `Record Route, ${route(option)}`;
    case "looseSourceRoute":
      return `Loose Source Route, ${route(option)}`;
    case "strictSourceRoute":
      return `Strict Source Route, ${route(option)}`;
    case "timestamp": {
      const entries = option.entries.map(({ address, timestamp }) =>
        (address === undefined ? "" : `${address} `) + `${timestamp} ms`
      );
      return `Time Stamp, pointer ${option.pointer}, overflow ` +
        `${option.overflow}, flag ${option.flag}: ${entries.join(", ")}`;
    }
    case "routerAlert":
      return `Router Alert, ${
        option.value === 0 ? "examine packet" : "reserved"
      } (${option.value})`;
    case "unknown":
      return `Unknown (${option.type}), ${
        counted(option.data.length, "byte")
      } of data`;
  }
}

function route({ pointer, addresses }: IPv4RouteOption): string {
  return `pointer ${pointer}: ${addresses.join(" ")}`;
}

/** `octets` is the whole option, its length already checked. */
function decodeOne(octets: Uint8Array): IPv4Option {
  const type = octets[OFFSET.TYPE];
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const words = (start: number) =>
    Array.from(
      { length: (octets.length - start) / 4 },
      (_, i) => view.getUint32(start + 4 * i),
    );
  const routeKind = kindOfRoute(type);
  if (routeKind !== undefined && octets.length % 4 === OFFSET.ROUTE) {
    return {
      kind: routeKind,
      pointer: octets[OFFSET.POINTER],
      addresses: words(OFFSET.ROUTE).map(formatIPv4),
    };
  }
  if (type === TYPE.ROUTER_ALERT && octets.length === 4) {
    return { kind: "routerAlert", value: view.getUint16(2) };
  }
  if (type === TYPE.TIMESTAMP && octets.length >= OFFSET.STAMPS) {
    const flag = octets[OFFSET.FLAGS] & 0x0f;
    const size = flag === 0 ? 4 : 8;
    if ((octets.length - OFFSET.STAMPS) % size === 0) {
      const values = words(OFFSET.STAMPS);
      return {
        kind: "timestamp",
        pointer: octets[OFFSET.POINTER],
        overflow: octets[OFFSET.FLAGS] >>> 4,
        flag,
        entries: flag === 0
          ? values.map((timestamp) => ({ timestamp }))
          : pairs(values),
      };
    }
  }
  // Known by type but not of its shape is kept whole too.
  return { kind: "unknown", type, data: octets.subarray(OPTION_HEAD) };
}

function pairs(words: number[]): IPv4TimestampEntry[] {
  const entries: IPv4TimestampEntry[] = [];
  for (let i = 0; i < words.length; i += 2) {
    entries.push({ address: formatIPv4(words[i]), timestamp: words[i + 1] });
  }
  return entries;
}

function kindOfRoute(type: number): IPv4RouteOption["kind"] | undefined {
  for (const [kind, value] of Object.entries(ROUTE_KINDS)) {
    if (value === type) return kind as IPv4RouteOption["kind"];
  }
}

function encodeOne(option: IPv4Option): number[] {
  switch (option.kind) {
    case "endOfList":
      return [END_OF_LIST];
    case "noOperation":
      return [NO_OPERATION];
    case "routerAlert":
      checkRange("router alert value", option.value, 0, 0xffff);
      return [TYPE.ROUTER_ALERT, 4, option.value >>> 8, option.value & 0xff];
    case "timestamp":
      checkRange("timestamp overflow", option.overflow, 0, 15);
      checkRange("timestamp flag", option.flag, 0, 15);
      return withLength(TYPE.TIMESTAMP, [
        checkRange("timestamp pointer", option.pointer, 0, 255),
        option.overflow << 4 | option.flag,
        ...option.entries.flatMap(({ address, timestamp }) => [
          ...(option.flag === 0
            ? []
            : octetsOf(parseIPv4(address ?? "0.0.0.0"))),
          ...octetsOf(checkRange("timestamp", timestamp, 0, 0xffffffff)),
        ]),
      ]);
    case "unknown":
      checkRange("option type", option.type, 0, 255);
      return withLength(option.type, [...option.data]);
    default:
      return withLength(ROUTE_KINDS[option.kind], [
        checkRange("route pointer", option.pointer, 0, 255),
        ...option.addresses.flatMap((address) => octetsOf(parseIPv4(address))),
      ]);
  }
}
