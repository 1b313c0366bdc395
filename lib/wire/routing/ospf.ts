/**
 * Open Shortest Path First, version 2 (RFC 2328 §A.3): the header that every
 * packet has, and Hello packets. What others say is kept as octets.
 *
 * {@linkcode encodeOSPF} computes what was left out and writes what was given as
 * it is, so that wrong packets can be made too; it throws a
 * {@linkcode RangeError} where a value does not fit into its field.
 * {@linkcode decodeOSPF} throws a {@linkcode PacketError} for structural faults
 * only, version 3 (RFC 5340) among them, and `encodeOSPF(message, payload)` of
 * what it returned is the same octets again, but for what follows the packet's
 * length, such as a digest.
 *
 * @module
 */

import { internetChecksum, onesComplementSum } from "../../bytes/checksum.ts";
import { formatIPv4, parseIPv4 } from "../address.ts";
import { checkField, checkRange, cutShort, PacketError } from "../errors.ts";
import { get16, get32, put16, put32 } from "../octets.ts";
import type { Decoded, Given } from "../packet/protocol.ts";

export const OFFSET = {
  VERSION: 0,
  TYPE: 1,
  PACKET_LENGTH: 2,
  ROUTER_ID: 4,
  AREA_ID: 8,
  CHECKSUM: 12,
  AUTHENTICATION_TYPE: 14,
  AUTHENTICATION: 16,
  BODY: 24,

  // Of a Hello packet
  NETWORK_MASK: 24,
  HELLO_INTERVAL: 28,
  OPTIONS: 30,
  ROUTER_PRIORITY: 31,
  ROUTER_DEAD_INTERVAL: 32,
  DESIGNATED_ROUTER: 36,
  BACKUP_DESIGNATED_ROUTER: 40,
  NEIGHBORS: 44,
} as const;

export const PROTOCOL = 89;
const VERSION = 2;
const HELLO = 1;
export const ADDRESS = 4;
/** RFC 2328 §D.3: then the checksum is not calculated. */
export const CRYPTOGRAPHIC = 2;

/**
 * What every packet begins with (RFC 2328 §A.3.1).
 *
 * @category Routing protocols
 */
export interface OSPFHead {
  /** 0–255; default 2. Others are not decoded. */
  readonly version: number;
  /** 0–255: 1 Hello, 2 Database Description, and so on. */
  readonly type: number;
  /** Octets of the packet, header included, 0–0xffff; by default just that. */
  readonly packetLength: number;
  /** Whose packet it is, dotted decimal. */
  readonly routerId: string;
  /** Dotted decimal; default 0.0.0.0, the backbone. */
  readonly areaId: string;
  /**
   * 0–0xffff; by default computed of all but the authentication, and 0 where
   * that is cryptographic.
   */
  readonly checksum: number;
  /** 0–0xffff: 0 none, the default; 1 a password; 2 cryptographic. */
  readonly authenticationType: number;
  /** 8 octets; default zeros. */
  readonly authentication: Uint8Array;
}

/**
 * A Hello packet (RFC 2328 §A.3.2).
 *
 * @category Routing protocols
 */
export interface OSPFHello extends OSPFHead {
  /** Tells it from other packets. */
  readonly kind: "hello";
  /** Of the network that it is sent on; default 255.255.255.0. */
  readonly networkMask: string;
  /** Seconds between two of them, 0–0xffff; default 10. */
  readonly helloInterval: number;
  /** What the router can do, 0–255; default 2: external routes. */
  readonly options: number;
  /** 0–255; default 1. With 0 it will not be the designated router. */
  readonly routerPriority: number;
  /** Seconds of silence until it is down, 0–0xffffffff; default 40. */
  readonly routerDeadInterval: number;
  /** Default 0.0.0.0, none. */
  readonly designatedRouter: string;
  /** Default 0.0.0.0, none. */
  readonly backupDesignatedRouter: string;
  /** Router IDs of whom it has heard lately; default none. */
  readonly neighbors: readonly string[];
}

/**
 * A packet of any other type; what it says is payload.
 *
 * @category Routing protocols
 */
export interface OSPFOther extends OSPFHead {
  /** Tells it from Hello packets. */
  readonly kind: "other";
}

/**
 * A packet: as decoded, as it stood in the octets.
 *
 * @category Routing protocols
 */
export type OSPFMessage = OSPFHello | OSPFOther;

/**
 * What a caller gives to make a packet. What is left out is computed, or takes
 * its default; what is given is written as it is, right or wrong.
 *
 * @category Routing protocols
 */
export type OSPFFields =
  | Given<OSPFHello, "routerId">
  | Given<OSPFOther, "routerId" | "type">;

/**
 * Writes a packet, and `payload` behind it, into new octets.
 *
 * @category Routing protocols
 * @throws {RangeError} if a value does not fit its field
 *
 * @example
 * ```ts
 * import { encodeOSPF } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const hello = encodeOSPF({ kind: "hello", routerId: "192.0.2.1" });
 * assertEquals(
 *   hello.toHex(),
 *   "0201002cc0000201" + "000000003a9d0000" + "0000000000000000" +
 *     "ffffff00000a0201" + "0000002800000000" + "00000000",
 * );
 * ```
 */
export function encodeOSPF(
  fields: OSPFFields,
  payload: Uint8Array = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  const { authenticationType = 0, authentication } = fields;
  const neighbors = fields.kind === "hello" ? fields.neighbors ?? [] : [];
  const start = fields.kind === "hello"
    ? OFFSET.NEIGHBORS + neighbors.length * ADDRESS
    : OFFSET.BODY;
  const bytes = new Uint8Array(start + payload.length);
  const length = fields.packetLength ?? checkRange(
    "OSPF packet, in octets,",
    bytes.length,
    OFFSET.BODY,
    0xffff,
  );
  bytes[OFFSET.VERSION] = bits(8, "version", fields.version ?? VERSION);
  bytes[OFFSET.TYPE] = bits(8, "type", fields.type ?? HELLO);
  put16(bytes, OFFSET.PACKET_LENGTH, bits(16, "packetLength", length));
  put32(bytes, OFFSET.ROUTER_ID, parseIPv4(fields.routerId));
  put32(bytes, OFFSET.AREA_ID, parseIPv4(fields.areaId ?? NOBODY));
  put16(
    bytes,
    OFFSET.AUTHENTICATION_TYPE,
    bits(16, "authenticationType", authenticationType),
  );
  if (fields.kind === "hello") writeHello(bytes, fields, neighbors);
  bytes.set(payload, start);
  // Before the authentication, which it does not cover.
  const checksum = fields.checksum ??
    (authenticationType === CRYPTOGRAPHIC ? 0 : checksumOf(bytes));
  put16(bytes, OFFSET.CHECKSUM, bits(16, "checksum", checksum));
  if (authentication === undefined) return bytes;
  const room = OFFSET.BODY - OFFSET.AUTHENTICATION;
  checkRange(
    "OSPF authentication, in octets,",
    authentication.length,
    room,
    room,
  );
  bytes.set(authentication, OFFSET.AUTHENTICATION);
  return bytes;
}

export const NOBODY = "0.0.0.0";

function writeHello(
  bytes: Uint8Array,
  hello: Given<OSPFHello, "routerId">,
  neighbors: readonly string[],
): void {
  const put = (at: number, address: string) =>
    put32(bytes, at, parseIPv4(address));
  put(OFFSET.NETWORK_MASK, hello.networkMask ?? "255.255.255.0");
  put16(
    bytes,
    OFFSET.HELLO_INTERVAL,
    bits(16, "helloInterval", hello.helloInterval ?? 10),
  );
  bytes[OFFSET.OPTIONS] = bits(8, "options", hello.options ?? 2);
  bytes[OFFSET.ROUTER_PRIORITY] = bits(
    8,
    "routerPriority",
    hello.routerPriority ?? 1,
  );
  put32(
    bytes,
    OFFSET.ROUTER_DEAD_INTERVAL,
    bits(32, "routerDeadInterval", hello.routerDeadInterval ?? 40),
  );
  put(OFFSET.DESIGNATED_ROUTER, hello.designatedRouter ?? NOBODY);
  put(OFFSET.BACKUP_DESIGNATED_ROUTER, hello.backupDesignatedRouter ?? NOBODY);
  for (const [i, neighbor] of neighbors.entries()) {
    put(OFFSET.NEIGHBORS + i * ADDRESS, neighbor);
  }
}

/** Of all but the 64 bits of authentication (RFC 2328 §D.4); 0 if it is right. */
export function checksumOf(packet: Uint8Array): number {
  const head = packet.subarray(0, OFFSET.AUTHENTICATION);
  return internetChecksum(
    packet.subarray(OFFSET.BODY),
    onesComplementSum(head),
  );
}

/**
 * Reads a packet. `authentication` and the payload share the input's memory;
 * what follows the packet's length belongs to neither.
 *
 * @category Routing protocols
 * @param bytes the payload of an IP packet
 * @throws {PacketError} if the version is not 2, there are fewer octets than the
 * type has at least, or the packet's length says so
 *
 * @example
 * ```ts
 * import { decodeOSPF, encodeOSPF } from "raw4";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const { header } = decodeOSPF(
 *   encodeOSPF({ kind: "hello", routerId: "192.0.2.1", neighbors: ["192.0.2.2"] }),
 * );
 * assert(header.kind === "hello");
 * assertEquals(header.neighbors, ["192.0.2.2"]);
 * ```
 */
export function decodeOSPF(bytes: Uint8Array): Decoded<OSPFMessage> {
  if (bytes.length < OFFSET.BODY) {
    throw cutShort("ospf", "header", bytes, OFFSET.BODY);
  }
  const version = bytes[OFFSET.VERSION];
  if (version !== VERSION) {
    throw fault("version", OFFSET.VERSION, `is ${version}: only 2 is read`);
  }
  const type = bytes[OFFSET.TYPE];
  const least = type === HELLO ? OFFSET.NEIGHBORS : OFFSET.BODY;
  const packetLength = get16(bytes, OFFSET.PACKET_LENGTH);
  if (packetLength < least) {
    const reason = `is ${packetLength} octets, at least ${least} wanted`;
    throw fault("packetLength", OFFSET.PACKET_LENGTH, reason);
  }
  if (bytes.length < least) throw cutShort("ospf", "message", bytes, least);
  const packet = bytes.subarray(0, packetLength);
  const head: OSPFHead = {
    version,
    type,
    packetLength,
    routerId: address(packet, OFFSET.ROUTER_ID),
    areaId: address(packet, OFFSET.AREA_ID),
    checksum: get16(packet, OFFSET.CHECKSUM),
    authenticationType: get16(packet, OFFSET.AUTHENTICATION_TYPE),
    authentication: packet.subarray(OFFSET.AUTHENTICATION, OFFSET.BODY),
  };
  const header = type === HELLO
    ? readHello(packet, head)
    : { kind: "other" as const, ...head };
  const headerLength = lengthOf(header);
  return {
    header,
    headerLength,
    payload: packet.subarray(headerLength),
    missing: packetLength - packet.length,
  };
}

function readHello(packet: Uint8Array, head: OSPFHead): OSPFHello {
  const neighbors: string[] = [];
  for (
    let at: number = OFFSET.NEIGHBORS;
    at + ADDRESS <= packet.length;
    at += ADDRESS
  ) {
    neighbors.push(address(packet, at));
  }
  return {
    kind: "hello",
    ...head,
    networkMask: address(packet, OFFSET.NETWORK_MASK),
    helloInterval: get16(packet, OFFSET.HELLO_INTERVAL),
    options: packet[OFFSET.OPTIONS],
    routerPriority: packet[OFFSET.ROUTER_PRIORITY],
    routerDeadInterval: get32(packet, OFFSET.ROUTER_DEAD_INTERVAL),
    designatedRouter: address(packet, OFFSET.DESIGNATED_ROUTER),
    backupDesignatedRouter: address(packet, OFFSET.BACKUP_DESIGNATED_ROUTER),
    neighbors,
  };
}

function address(bytes: Uint8Array, at: number): string {
  return formatIPv4(get32(bytes, at));
}

/** Octets of what is decoded. */
function lengthOf(message: OSPFMessage): number {
  return message.kind === "hello"
    ? OFFSET.NEIGHBORS + message.neighbors.length * ADDRESS
    : OFFSET.BODY;
}

function fault(field: string, offset: number, reason: string): PacketError {
  return new PacketError({ layer: "ospf", field, offset, reason });
}

function bits(width: number, field: string, value: number): number {
  return checkField("OSPF", field, value, width);
}
