/**
 * The rows that messages of ICMP and ICMPv6 have in common: what they begin
 * with, the packet that an error quotes, and the extensions behind it; and what
 * is wrong with these.
 *
 * @module
 */

import { internetChecksum } from "../../bytes/checksum.ts";
import { type Problem, problemsIn } from "../errors.ts";
import {
  checksumText,
  checksumVerdict,
  type Field,
  fieldAt,
  fieldsWithin,
  hex,
  inHex,
  octetsAt,
} from "../field.ts";
import {
  describeRows,
  type Group,
  type Row,
  type Rows,
  type RowsByKind,
  rowsOf,
  type Variable,
} from "../field_table.ts";
import { MPLS_ENTRY_LENGTH, type MPLSLabel, mplsText } from "./mpls.ts";
import type { Decoded } from "../packet/protocol.ts";
import type { AddressPair } from "../pseudo_header.ts";
import {
  type Head,
  OFFSET,
  type Quoted,
  type QuotedLength,
} from "./icmp_common.ts";
import {
  type DecodedICMPExtensions,
  decodeICMPExtensions,
  describeICMPExtensionObject,
  OBJECT,
  OFFSET as EXTENSIONS_OFFSET,
} from "./icmp_extensions.ts";

/** In what the versions of ICMP differ where they have the same fields. */
export interface Version {
  /** Such as `icmpv4`. */
  readonly layer: string;
  /** Where the length of a quoted packet is. */
  readonly quotedLength: QuotedLength;
  /** A type in words. */
  nameOf(type: number): string;
  /** A code in words, or `undefined` where its type has no codes. */
  codeNameOf(type: number, code: number): string | undefined;
  /** The sum of the pseudo header, if the checksum covers one. */
  sumOf(outside: AddressPair, bytes: Uint8Array): number;
}

const head = rowsOf<Head>();
const HEAD_ROWS = 3;

/** Type, code and checksum. */
export function headRows(version: Version): readonly Row<Head>[] {
  return [
    head("type", "Type", OFFSET.TYPE, 8, {
      text: (type) => `${type} (${capital(version.nameOf(type))})`,
    }),
    head("code", "Code", OFFSET.CODE, 8, {
      text(code, { type }) {
        const name = version.codeNameOf(type, code);
        return name === undefined ? `${code}` : `${code} (${capital(name)})`;
      },
    }),
    head("checksum", "Checksum", OFFSET.CHECKSUM, 16, {
      text(_checksum, _head, { bytes, outside }) {
        const initial = outside && version.sumOf(outside, bytes);
        return checksumVerdict(bytes, OFFSET.CHECKSUM, initial);
      },
    }),
  ];
}

/** The payload, which is what the next layers are. */
export const PAYLOAD = { name: "payload", shape: "octets" } as const;

/** Those of a message whose type is not known: it must be given. */
export function unknownRows([type, ...rest]: readonly Row<Head>[]): Rows<Head> {
  return [{ ...type, needed: true as const }, ...rest, PAYLOAD];
}

/** The packet that an error quotes. */
export const QUOTED: Variable<Pick<Quoted, "quoted">> = {
  name: "quoted",
  shape: "octets",
  describe({ quoted }) {
    if (quoted.length === 0) return [];
    const field = octetsAt(OFFSET.QUOTED, "quoted", "Quoted packet", quoted);
    return [{ ...field, isPacket: true }];
  },
};

/** The extensions behind it. */
export const EXTENSIONS: Variable<Quoted> = {
  name: "extensions",
  shape: "octets",
  describe: ({ quoted, extensions }) =>
    extensions.length === 0
      ? []
      : [describeICMPExtensions(extensions, OFFSET.QUOTED + quoted.length)],
};

/** The length of the quoted packet, which its field holds in units. */
export function quotedLengthRow({ offset, unit }: QuotedLength): Row<Quoted> {
  return rowsOf<Quoted>()("quotedLength", "Length", offset, 8, {
    text: (length) => `${length / unit} (${length} bytes)`,
  });
}

/** What is wrong with a message of either version. */
export function checkMessage(
  version: Version,
  bytes: Uint8Array,
  message: Head,
  outside: AddressPair | undefined,
): Problem[] {
  const { layer, quotedLength: { offset } } = version;
  const { problems, add } = problemsIn(layer);
  const initial = outside && version.sumOf(outside, bytes);
  if (initial !== undefined && internetChecksum(bytes, initial) !== 0) {
    const reason = checksumText(bytes, OFFSET.CHECKSUM, initial);
    add("checksum", OFFSET.CHECKSUM, reason);
  }
  if (!("extensions" in message)) return problems;
  const { quotedLength, quoted, extensions } = message as Head & Quoted;
  if (quotedLength > quoted.length) {
    const there = `only ${quoted.length} are there`;
    add("quotedLength", offset, `is ${quotedLength} octets, ${there}`);
  } else if (extensions.length > 0) {
    const start = OFFSET.QUOTED + quoted.length;
    for (const { offset, reason } of checkICMPExtensions(extensions)) {
      add("extensions", start + offset, reason);
    }
  }
  return problems;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * Describes a message that ends too early, as far as it goes. What an error
 * quotes that is itself quoted stays octets, and so do options.
 *
 * @param longest octets that `decode` needs at the most
 */
export function describeStartOf<Kind extends string>(
  start: Uint8Array,
  longest: number,
  decode: (bytes: Uint8Array) => Decoded<Head & { readonly kind: Kind }>,
  tables: RowsByKind<Kind>,
): Field[] {
  const bytes = new Uint8Array(Math.max(start.length, longest));
  bytes.set(start);
  const { header: message } = decode(bytes);
  const rows: Rows<never> = tables[message.kind];
  const known = "quoted" in message
    ? rows.slice(0, HEAD_ROWS)
    : rows.filter(({ name }) => name !== "options");
  const fields = describeRows(known, message as never, { bytes });
  return fieldsWithin(fields, start.length);
}

/** An echo message as tcpdump words it. */
export function echoSummary(
  { kind, identifier, sequence }: {
    readonly kind: "echoRequest" | "echoReply";
    readonly identifier: number;
    readonly sequence: number;
  },
): string {
  const what = kind === "echoRequest" ? "request" : "reply";
  return `echo ${what}, id ${identifier}, seq ${sequence}`;
}

const label = rowsOf<MPLSLabel>();

const MPLS: Group<MPLSLabel> = {
  name: "label",
  label: "MPLS Stack Entry",
  octet: 0,
  bitWidth: 32,
  value: ({ label, trafficClass, bottomOfStack, ttl }) =>
    (label << 12 | trafficClass << 9 | +bottomOfStack << 8 | ttl) >>> 0,
  text: (_value, entry) => mplsText(entry),
  parts: [
    label("label", "Label", 0, 20),
    label("trafficClass", "Traffic Class", 2, 3, { bit: 4, short: "TC" }),
    label("bottomOfStack", "Bottom of Stack", 2, 1, { bit: 7, short: "S" }),
    label("ttl", "Time to Live", 3, 8),
  ],
};

/** What an object begins with. */
interface ObjectHead {
  readonly length: number;
  readonly classNumber: number;
  readonly classType: number;
}

const object = rowsOf<ObjectHead>();

const OBJECT_ROWS: Rows<ObjectHead> = [
  object("length", "Length", OBJECT.LENGTH, 16),
  object("classNumber", "Class", OBJECT.CLASS, 8),
  object("classType", "C-Type", OBJECT.TYPE, 8),
];

const structure = rowsOf<DecodedICMPExtensions>();
const { VERSION_RESERVED, CHECKSUM } = EXTENSIONS_OFFSET;

const STRUCTURE: Rows<DecodedICMPExtensions> = [
  structure("version", "Version", VERSION_RESERVED, 4),
  structure("reserved", "Reserved", VERSION_RESERVED, 12, {
    bit: 4,
    text: inHex(3),
  }),
  structure("checksum", "Checksum", CHECKSUM, 16, {
    text: (checksum, _structure, { bytes }) =>
      checksum === 0
        ? `${hex(checksum, 4)} [not sent]`
        : checksumText(bytes, CHECKSUM),
  }),
  {
    name: "objects",
    describe: ({ objects }, { bytes }, at) =>
      objects.map(({ offset, length, object }) => {
        const octets = bytes.subarray(offset, offset + length);
        const head = {
          length,
          classNumber: octets[OBJECT.CLASS],
          classType: octets[OBJECT.TYPE],
        };
        const labels = object.kind === "unknown" ? [] : object.labels;
        const start = at + offset;
        return {
          ...fieldAt(
            start,
            length * 8,
            object.kind,
            "ICMP Extension Object",
            octets,
            describeICMPExtensionObject(object),
          ),
          parts: [
            ...describeRows(OBJECT_ROWS, head, { bytes }, start),
            ...labels.flatMap((entry, i) => {
              const at = start + OBJECT.DATA + i * MPLS_ENTRY_LENGTH;
              return describeRows([MPLS], entry, { bytes }, at);
            }),
          ],
        };
      }),
  },
];

/**
 * Describes an extension structure.
 *
 * @param octets the `extensions` of a decoded ICMP error, at least 4
 * @param at octets before it
 */
export function describeICMPExtensions(octets: Uint8Array, at = 0): Field {
  const extensions = decodeICMPExtensions(octets);
  const { fault } = extensions;
  const label = "ICMP Multi-Part Extensions";
  const field = octetsAt(at, "extensions", label, octets);
  return {
    ...field,
    text: field.text +
      (fault === undefined ? "" : ` [malformed: ${fault.reason}]`),
    parts: describeRows(STRUCTURE, extensions, { bytes: octets }, at),
  };
}

/** What is wrong with an extension structure: a clause, and where it applies. */
function checkICMPExtensions(
  octets: Uint8Array,
): { readonly offset: number; readonly reason: string }[] {
  const { checksum, fault } = decodeICMPExtensions(octets);
  const problems = fault === undefined ? [] : [fault];
  // RFC 4884 §7: an all-zero checksum means that none was transmitted.
  if (checksum !== 0 && internetChecksum(octets) !== 0) {
    const reason = checksumText(octets, CHECKSUM);
    problems.push({ offset: CHECKSUM, reason: `checksum ${reason}` });
  }
  return problems;
}
