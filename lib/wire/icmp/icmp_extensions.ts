/**
 * The extension structure that ICMP and ICMPv6 errors may carry behind the
 * packet they quote (RFC 4884 §7–8), with the MPLS label stack of RFC 4950.
 *
 * Decoding never throws: objects that overrun what is there end the list with
 * a `fault`, and what came before them is kept. Unknown objects are kept whole.
 * {@linkcode encodeICMPExtensions} throws a {@linkcode RangeError} where a
 * value does not fit into its field.
 *
 * @module
 */

import { internetChecksum } from "../../bytes/checksum.ts";
import { checkBits, checkRange, counted } from "../errors.ts";
import {
  decodeMPLSStack,
  encodeMPLSStack,
  MPLS_ENTRY_LENGTH,
  type MPLSLabel,
  mplsText,
} from "./mpls.ts";
import { get16, join, put16 } from "../octets.ts";

/** Of the structure: its header, then the objects. */
export const OFFSET = {
  VERSION_RESERVED: 0,
  CHECKSUM: 2,
  OBJECTS: 4,
} as const;

/** Of an object: its header, then what it carries. */
export const OBJECT = {
  LENGTH: 0,
  CLASS: 2,
  TYPE: 3,
  DATA: 4,
} as const;

/** Octets of the shortest structure: a header without objects. */
export const MIN_ICMP_EXTENSIONS: number = OFFSET.OBJECTS;

/** The only version there is. */
const VERSION = 2;
const MPLS_CLASS = 1;
const MPLS_STACK = 1;

/**
 * One object of an extension structure.
 *
 * @category ICMP
 */
export type ICMPExtensionObject =
  | {
    readonly kind: "mplsLabelStack";
    /** Outermost first. */
    readonly labels: readonly MPLSLabel[];
  }
  | {
    readonly kind: "unknown";
    /** Class-Num, 0–255. */
    readonly classNumber: number;
    /** C-Type, 0–255. */
    readonly classType: number;
    /** All that follows the object's header. */
    readonly data: Uint8Array;
  };

/**
 * An object, and where it stood.
 *
 * @category ICMP
 */
export interface LocatedICMPExtensionObject {
  /** Octets from the start of the structure. */
  readonly offset: number;
  /** Octets, the object's header included. */
  readonly length: number;
  /** What it says. */
  readonly object: ICMPExtensionObject;
}

/**
 * What {@linkcode decodeICMPExtensions} found.
 *
 * @category ICMP
 */
export interface DecodedICMPExtensions {
  /** 0–15; 2 is the only one there is. */
  readonly version: number;
  /** 0–0xfff; zero as a rule. */
  readonly reserved: number;
  /** 0–0xffff; 0 means that none was sent. */
  readonly checksum: number;
  /** The objects before any fault, in order. */
  readonly objects: readonly LocatedICMPExtensionObject[];
  /** Why the rest could not be read, and where it begins. */
  readonly fault?: { readonly offset: number; readonly reason: string };
}

/**
 * What a caller gives to make an extension structure. What is left out is
 * computed or takes the default named here.
 *
 * @category ICMP
 */
export interface ICMPExtensionsFields {
  /** 0–15; default 2. */
  readonly version?: number;
  /** 0–0xfff; default 0. */
  readonly reserved?: number;
  /** 0–0xffff; computed from the structure. */
  readonly checksum?: number;
  /** The objects, in order. */
  readonly objects: readonly ICMPExtensionObject[];
}

/**
 * Reads an extension structure. Never throws; `data` of an unknown object
 * shares the input's memory.
 *
 * @category ICMP
 * @param octets the `extensions` of a decoded ICMP error
 *
 * @example
 * ```ts
 * import { decodeICMPExtensions } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const { objects } = decodeICMPExtensions(
 *   Uint8Array.fromHex("200017b5000801010640c101"),
 * );
 * assertEquals(objects[0].object, {
 *   kind: "mplsLabelStack",
 *   labels: [{ label: 25612, trafficClass: 0, bottomOfStack: true, ttl: 1 }],
 * });
 * ```
 */
export function decodeICMPExtensions(
  octets: Uint8Array,
): DecodedICMPExtensions {
  if (octets.length < MIN_ICMP_EXTENSIONS) {
    const reason = `ends after ${
      counted(octets.length, "octet")
    }, at least 4 wanted`;
    const fault = { offset: 0, reason };
    return { version: 0, reserved: 0, checksum: 0, objects: [], fault };
  }
  const header = {
    version: octets[OFFSET.VERSION_RESERVED] >>> 4,
    reserved: get16(octets, OFFSET.VERSION_RESERVED) & 0x0fff,
    checksum: get16(octets, OFFSET.CHECKSUM),
  };
  const objects: LocatedICMPExtensionObject[] = [];
  let offset: number = OFFSET.OBJECTS;
  const faulty = (reason: string) => ({
    ...header,
    objects,
    fault: { offset, reason },
  });
  if (header.version !== VERSION) {
    return faulty(`version is ${header.version}, ${VERSION} wanted`);
  }
  while (offset < octets.length) {
    const room = octets.length - offset;
    if (room < OBJECT.DATA) {
      return faulty(
        `an object ends after ${counted(room, "octet")}, at least 4 wanted`,
      );
    }
    const length = get16(octets, offset + OBJECT.LENGTH);
    if (length < OBJECT.DATA) {
      return faulty(
        `an object gives its length as ${length}, at least 4 wanted`,
      );
    }
    if (length > room) {
      return faulty(
        `an object is ${length} octets long, only ${room} are left`,
      );
    }
    const object = decodeObject(octets.subarray(offset, offset + length));
    objects.push({ offset, length, object });
    offset += length;
  }
  return { ...header, objects };
}

/**
 * Writes an extension structure into new octets: what the `extensions` of an
 * ICMP error want.
 *
 * @category ICMP
 * @throws {RangeError} if a value does not fit its field
 *
 * @example
 * ```ts
 * import { encodeICMPExtensions } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const octets = encodeICMPExtensions({
 *   objects: [{
 *     kind: "mplsLabelStack",
 *     labels: [{ label: 25612, trafficClass: 0, bottomOfStack: true, ttl: 1 }],
 *   }],
 * });
 * assertEquals(octets.toHex(), "200017b5000801010640c101");
 * ```
 */
export function encodeICMPExtensions(
  fields: ICMPExtensionsFields,
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(OFFSET.OBJECTS);
  const bytes = join(header, ...fields.objects.map(encodeObject));
  put16(
    bytes,
    OFFSET.VERSION_RESERVED,
    bits(4, "version", fields.version ?? VERSION) << 12 |
      bits(12, "reserved", fields.reserved ?? 0),
  );
  put16(
    bytes,
    OFFSET.CHECKSUM,
    bits(16, "checksum", fields.checksum ?? internetChecksum(bytes)),
  );
  return bytes;
}

/**
 * One object in words, as the tree of a packet shows it.
 *
 * @category ICMP
 */
export function describeICMPExtensionObject(
  object: ICMPExtensionObject,
): string {
  if (object.kind === "unknown") {
    return `Class ${object.classNumber}, C-Type ${object.classType}, ` +
      `${counted(object.data.length, "byte")} of data`;
  }
  return `MPLS Label Stack, ${object.labels.map(mplsText).join("; ")}`;
}

/** Whether octets are a structure for sure: its version and checksum are right. */
export function isICMPExtensions(octets: Uint8Array): boolean {
  return octets.length >= MIN_ICMP_EXTENSIONS &&
    octets[OFFSET.VERSION_RESERVED] >>> 4 === VERSION &&
    internetChecksum(octets) === 0;
}

/** `octets` is the whole object, its length already checked. */
function decodeObject(octets: Uint8Array): ICMPExtensionObject {
  const classNumber = octets[OBJECT.CLASS];
  const classType = octets[OBJECT.TYPE];
  const data = octets.subarray(OBJECT.DATA);
  if (
    classNumber !== MPLS_CLASS || classType !== MPLS_STACK ||
    data.length % MPLS_ENTRY_LENGTH !== 0
  ) {
    // Known by class but not of its shape is kept whole too.
    return { kind: "unknown", classNumber, classType, data };
  }
  return { kind: "mplsLabelStack", labels: decodeMPLSStack(data) };
}

function encodeObject(object: ICMPExtensionObject): Uint8Array {
  const { classNumber, classType, data } = object.kind === "unknown"
    ? object
    : {
      classNumber: MPLS_CLASS,
      classType: MPLS_STACK,
      data: encodeMPLSStack(object.labels),
    };
  const length = OBJECT.DATA + data.length;
  checkRange("ICMP extension object, in octets,", length, 4, 0xffff);
  const octets = new Uint8Array(length);
  put16(octets, OBJECT.LENGTH, length);
  octets[OBJECT.CLASS] = bits(8, "classNumber", classNumber);
  octets[OBJECT.TYPE] = bits(8, "classType", classType);
  octets.set(data, OBJECT.DATA);
  return octets;
}

function bits(width: number, field: string, value: number): number {
  return checkBits(`ICMP extension ${field}`, value, width);
}
