/**
 * The extensions of ICMP errors in words, and what is wrong with them.
 *
 * @module
 */

import { internetChecksum } from "../bytes/checksum.ts";
import { checksumText, type Field, fieldAt, hex, moveField } from "./field.ts";
import {
  decodeICMPExtensions,
  type ICMPExtensionObject,
  OBJECT,
  OFFSET,
} from "./icmp_extensions.ts";
import { describeMPLSEntry, MPLS_ENTRY_LENGTH, mplsText } from "./mpls.ts";

/** One object in words, as the tree of a packet shows it. */
export function describeICMPExtensionObject(
  object: ICMPExtensionObject,
): string {
  if (object.kind === "unknown") {
    return `Class ${object.classNumber}, C-Type ${object.classType}, ` +
      `${object.data.length} bytes of data`;
  }
  return `MPLS Label Stack, ${object.labels.map(mplsText).join("; ")}`;
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
        describeMPLSEntry(OBJECT.DATA + i * MPLS_ENTRY_LENGTH, entry, octets)
      ),
    ],
  };
}
