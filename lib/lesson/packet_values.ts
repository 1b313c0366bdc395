/**
 * The values of a packet's fields, by path.
 *
 * @module
 */

import { dissect, type Dissection } from "../wire/packet/dissect.ts";
import { LINK_TYPE_RAW as RAW } from "../wire/link_types.ts";
import type { FieldValue } from "./lesson.ts";

/**
 * A packet that was seen; those of a capture file are such.
 *
 * @category Lessons
 */
export interface LessonPacket {
  /** Its octets. */
  readonly bytes: Uint8Array;
  /** What it begins with. */
  readonly linkType: number;
  /** When it was seen, in nanoseconds since 1970. */
  readonly timestampNs: bigint | undefined;
  /** Where, as `host/device`. */
  readonly interfaceName?: string;
}

const utf8 = new TextDecoder();

/**
 * A packet whose fields are looked for, dissected once.
 *
 * @category Lessons
 */
export class DissectedPacket {
  readonly #bytes: Uint8Array;
  readonly #dissection: Dissection;

  /** Takes it apart. */
  constructor({ bytes, linkType }: Pick<LessonPacket, "bytes" | "linkType">) {
    this.#bytes = bytes;
    this.#dissection = dissect(bytes, { linkType });
  }

  /**
   * What a field holds, octets in hexadecimal; `undefined` if there is no such
   * field. Of data there are `hex`, `text` and `length`; of the packet
   * `length`, and `problems`: which fields are wrong, as `udp.checksum`, with
   * blanks between them.
   */
  value(path: string): FieldValue | undefined {
    const [first, ...names] = path.split(".");
    const [, protocol, number = "0"] = /^(\w+)(?:\[(\d+)\])?$/.exec(first) ??
      [];
    const { layers, problems } = this.#dissection;
    if (protocol === "packet") {
      if (names[0] === "length") return this.#bytes.length;
      if (names[0] !== "problems") return undefined;
      return problems.map(({ layer, field }) => `${layer}.${field}`).join(" ");
    }
    const layer = layers.filter((layer) => layer.protocol === protocol)
      .at(Number(number));
    if (layer === undefined) return undefined;
    if (layer.protocol !== "data") return valueIn(layer.header, names);
    const { offset, length } = layer;
    const octets = this.#bytes.subarray(offset, offset + length);
    if (names[0] === "length") return length;
    if (names[0] === "hex") return octets.toHex();
    return names[0] === "text" ? utf8.decode(octets) : undefined;
  }
}

function valueIn(
  value: unknown,
  [name, ...names]: readonly string[],
): FieldValue | undefined {
  if (value instanceof Uint8Array) {
    if (name === undefined) return value.toHex();
    // A packet that an error quotes; what that quotes itself is not looked at.
    const quoted = new DissectedPacket({ bytes: value, linkType: RAW });
    const path = [name, ...names].join(".");
    return /\bquoted\b/.test(path) ? undefined : quoted.value(path);
  }
  if (name === undefined) {
    const isPlain = ["number", "boolean", "string"].includes(typeof value);
    return isPlain ? value as FieldValue : undefined;
  }
  const [, field, index] = /^(\w+)(?:\[(\d+)\])?$/.exec(name) ?? [];
  if (typeof value !== "object" || value === null) return undefined;
  if (field === undefined || !Object.hasOwn(value, field)) return undefined;
  const inner: unknown = (value as Record<string, unknown>)[field];
  if (index === undefined) return valueIn(inner, names);
  return Array.isArray(inner)
    ? valueIn(inner[Number(index)], names)
    : undefined;
}
