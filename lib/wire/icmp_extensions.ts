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

import { internetChecksum } from "../bytes/checksum.ts";
import { checkBits, checkRange } from "./errors.ts";
import { checksumText, type Field, fieldAt, hex, moveField } from "./field.ts";
import { get16, get32, put16, put32 } from "./octets.ts";

/** Of the structure: its header, then the objects. */
const OFFSET = {
  VERSION_RESERVED: 0,
  CHECKSUM: 2,
  OBJECTS: 4,
} as const;

/** Of an object: its header, then what it carries. */
const OBJECT = {
  LENGTH: 0,
  CLASS: 2,
  TYPE: 3,
  DATA: 4,
} as const;

const VERSION = 2;
const MPLS_CLASS = 1;
const MPLS_STACK = 1;
const MPLS_ENTRY_LENGTH = 4;

/** RFC 4884 §5.5: where structures without a length field before them begin. */
const FIXED_QUOTED_LENGTH = 128;

/** One entry of an MPLS label stack (RFC 3032 §2.1, RFC 5462). */
export interface MPLSLabel {
  /** 0–0xfffff. */
  readonly label: number;
  /** 0–7; once called the experimental bits. */
  readonly trafficClass: number;
  /** Whether it is the last entry. */
  readonly bottomOfStack: boolean;
  /** In hops, 0–255, as it was when the packet arrived. */
  readonly ttl: number;
}

/** One object of an extension structure. */
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

/** An object, and where it stood. */
export interface LocatedICMPExtensionObject {
  /** Octets from the start of the structure. */
  readonly offset: number;
  /** Octets, the object's header included. */
  readonly length: number;
  /** What it says. */
  readonly object: ICMPExtensionObject;
}

/** What {@linkcode decodeICMPExtensions} found. */
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
  if (octets.length < OFFSET.OBJECTS) {
    const reason = `ends after ${octets.length} octets, at least 4 wanted`;
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
      return faulty(`an object ends after ${room} octets, at least 4 wanted`);
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
  const objects = fields.objects.map(encodeObject);
  const length = objects.reduce<number>(
    (sum, octets) => sum + octets.length,
    OFFSET.OBJECTS,
  );
  const bytes = new Uint8Array(length);
  put16(
    bytes,
    OFFSET.VERSION_RESERVED,
    bits(4, "version", fields.version ?? VERSION) << 12 |
      bits(12, "reserved", fields.reserved ?? 0),
  );
  let offset: number = OFFSET.OBJECTS;
  for (const octets of objects) {
    bytes.set(octets, offset);
    offset += octets.length;
  }
  put16(
    bytes,
    OFFSET.CHECKSUM,
    bits(16, "checksum", fields.checksum ?? internetChecksum(bytes)),
  );
  return bytes;
}

/** One object in words, as the tree of a packet shows it. */
export function describeICMPExtensionObject(
  object: ICMPExtensionObject,
): string {
  if (object.kind === "unknown") {
    return `Class ${object.classNumber}, C-Type ${object.classType}, ` +
      `${object.data.length} bytes of data`;
  }
  return `MPLS Label Stack, ${object.labels.map(describeLabel).join("; ")}`;
}

/**
 * Describes an extension structure, its fields counted from its start.
 *
 * @param octets the `extensions` of a decoded ICMP error, at least 4
 */
export function describeICMPExtensions(octets: Uint8Array): Field {
  const { version, reserved, checksum, objects, fault } = decodeICMPExtensions(
    octets,
  );
  return {
    ...fieldAt(
      0,
      octets.length * 8,
      "extensions",
      "ICMP Multi-Part Extensions",
      octets,
      `(${octets.length} bytes)` +
        (fault === undefined ? "" : ` [malformed: ${fault.reason}]`),
    ),
    parts: [
      fieldAt(OFFSET.VERSION_RESERVED, 4, "version", "Version", version),
      fieldAt(
        OFFSET.VERSION_RESERVED,
        12,
        "reserved",
        "Reserved",
        reserved,
        hex(reserved, 3),
        4,
      ),
      fieldAt(
        OFFSET.CHECKSUM,
        16,
        "checksum",
        "Checksum",
        checksum,
        checksum === 0
          ? `${hex(checksum, 4)} [not sent]`
          : checksumText(octets, OFFSET.CHECKSUM),
      ),
      ...objects.map(({ offset, length, object }) =>
        moveField(
          describeObject(length, object, octets.subarray(offset)),
          offset,
        )
      ),
    ],
  };
}

/** What is wrong with an extension structure: a clause, and where it applies. */
export function checkICMPExtensions(
  octets: Uint8Array,
): { readonly offset: number; readonly reason: string }[] {
  const { checksum, fault } = decodeICMPExtensions(octets);
  const problems = fault === undefined ? [] : [fault];
  // RFC 4884 §7: an all-zero checksum means that none was transmitted.
  if (checksum !== 0 && internetChecksum(octets) !== 0) {
    const reason = checksumText(octets, OFFSET.CHECKSUM);
    problems.push({ offset: OFFSET.CHECKSUM, reason: `checksum ${reason}` });
  }
  return problems;
}

/** What stands behind the eight octets of an ICMP error's header. */
export interface QuotedAndExtensions {
  /** The packet that caused the error, as far as it goes, and its padding. */
  readonly quoted: Uint8Array;
  /** The extension structure; no octets if there is none. */
  readonly extensions: Uint8Array;
}

/**
 * Parts the quoted packet from the extension structure.
 *
 * @param body all that follows the error's header
 * @param quotedLength what the error's length field says, in octets
 */
export function splitQuoted(
  body: Uint8Array,
  quotedLength: number,
): QuotedAndExtensions {
  const length = quotedLength === 0 && isFixedForm(body)
    ? FIXED_QUOTED_LENGTH
    : quotedLength;
  const holdsExtensions = length > 0 && length + OFFSET.OBJECTS <= body.length;
  const end = holdsExtensions ? length : body.length;
  return { quoted: body.subarray(0, end), extensions: body.subarray(end) };
}

/**
 * How many octets the quoted packet takes up, padding included: as many as it
 * has, unless an extension structure follows.
 *
 * @param quotedLength the length field, if the caller gave it
 * @param unit octets that the length field counts in: 4, or 8 in ICMPv6
 */
export function paddedQuotedLength(
  quoted: Uint8Array,
  extensions: Uint8Array,
  quotedLength: number | undefined,
  unit: 4 | 8,
): number {
  if (extensions.length === 0) return quoted.length;
  // RFC 4884 §3: at least 128 octets, so that old readers find the structure.
  const wanted = quotedLength || FIXED_QUOTED_LENGTH;
  const length = Math.max(quoted.length, wanted);
  // A length that was given stands; the quoted packet then is not aligned.
  return quotedLength === undefined ? Math.ceil(length / unit) * unit : length;
}

/**
 * RFC 4884 §5.5: routers from before it set no length and put the structure
 * at octet 128. It is one if its version and its checksum are right.
 */
function isFixedForm(body: Uint8Array): boolean {
  if (body.length < FIXED_QUOTED_LENGTH + OFFSET.OBJECTS) return false;
  const candidate = body.subarray(FIXED_QUOTED_LENGTH);
  return candidate[OFFSET.VERSION_RESERVED] >>> 4 === VERSION &&
    internetChecksum(candidate) === 0;
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
  const labels: MPLSLabel[] = [];
  for (let at = 0; at < data.length; at += MPLS_ENTRY_LENGTH) {
    const entry = get32(data, at);
    labels.push({
      label: entry >>> 12,
      trafficClass: entry >>> 9 & 7,
      bottomOfStack: (entry >>> 8 & 1) !== 0,
      ttl: entry & 0xff,
    });
  }
  return { kind: "mplsLabelStack", labels };
}

function encodeObject(object: ICMPExtensionObject): Uint8Array {
  const { classNumber, classType } = object.kind === "unknown"
    ? object
    : { classNumber: MPLS_CLASS, classType: MPLS_STACK };
  const dataLength = object.kind === "unknown"
    ? object.data.length
    : object.labels.length * MPLS_ENTRY_LENGTH;
  const length = OBJECT.DATA + dataLength;
  checkRange("ICMP extension object, in octets,", length, 4, 0xffff);
  const octets = new Uint8Array(length);
  put16(octets, OBJECT.LENGTH, length);
  octets[OBJECT.CLASS] = bits(8, "classNumber", classNumber);
  octets[OBJECT.TYPE] = bits(8, "classType", classType);
  if (object.kind === "unknown") {
    octets.set(object.data, OBJECT.DATA);
  } else {
    object.labels.forEach((label, i) =>
      put32(octets, OBJECT.DATA + i * MPLS_ENTRY_LENGTH, labelWord(label))
    );
  }
  return octets;
}

function labelWord(entry: MPLSLabel): number {
  return checkBits("MPLS label", entry.label, 20) << 12 |
    checkBits("MPLS trafficClass", entry.trafficClass, 3) << 9 |
    (entry.bottomOfStack ? 0x100 : 0) |
    checkBits("MPLS ttl", entry.ttl, 8);
}

function describeLabel(entry: MPLSLabel): string {
  return `Label: ${entry.label}, TC: ${entry.trafficClass}, S: ${
    entry.bottomOfStack ? 1 : 0
  }, TTL: ${entry.ttl}`;
}

function describeObject(
  length: number,
  object: ICMPExtensionObject,
  octets: Uint8Array,
): Field {
  const labels = object.kind === "unknown" ? [] : object.labels;
  return {
    ...fieldAt(
      0,
      length * 8,
      object.kind,
      "ICMP Extension Object",
      octets.subarray(0, length),
      describeICMPExtensionObject(object),
    ),
    parts: [
      fieldAt(OBJECT.LENGTH, 16, "length", "Length", length),
      fieldAt(OBJECT.CLASS, 8, "classNumber", "Class", octets[OBJECT.CLASS]),
      fieldAt(OBJECT.TYPE, 8, "classType", "C-Type", octets[OBJECT.TYPE]),
      ...labels.map((entry, i) =>
        describeEntry(OBJECT.DATA + i * MPLS_ENTRY_LENGTH, entry, octets)
      ),
    ],
  };
}

function describeEntry(
  octet: number,
  entry: MPLSLabel,
  octets: Uint8Array,
): Field {
  return {
    ...fieldAt(
      octet,
      32,
      "label",
      "MPLS Stack Entry",
      get32(octets, octet),
      describeLabel(entry),
    ),
    parts: [
      fieldAt(octet, 20, "label", "Label", entry.label),
      fieldAt(
        octet + 2,
        3,
        "trafficClass",
        "Traffic Class",
        entry.trafficClass,
        undefined,
        4,
      ),
      fieldAt(
        octet + 2,
        1,
        "bottomOfStack",
        "Bottom of Stack",
        entry.bottomOfStack,
        entry.bottomOfStack ? "Set" : "Not set",
        7,
      ),
      fieldAt(octet + 3, 8, "ttl", "Time to Live", entry.ttl),
    ],
  };
}

function bits(width: number, field: string, value: number): number {
  return checkBits(`ICMP extension ${field}`, value, width);
}
