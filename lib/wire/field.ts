/**
 * How a protocol describes its header, field by field, to whatever shows it:
 * a tree, a diagram, JSON. Pure data, so that a renderer needs to know no
 * protocol.
 *
 * @module
 */

/** One field of a decoded header. */
export interface Field {
  /** The name it has in the decoded header, such as `totalLength`. */
  readonly name: string;
  /** The field's name in its RFC, such as `Total Length`. */
  readonly label: string;
  /** The same in as few letters as a narrow cell of a diagram has room for. */
  readonly abbreviation?: string;
  /** Bits from the start of the header. */
  readonly bitOffset: number;
  /** Width in bits. */
  readonly bitWidth: number;
  /** What the header holds. */
  readonly value: number | boolean | string | Uint8Array;
  /** The value for people, with what it means. */
  readonly text: string;
  /** The parts of a field that has any. */
  readonly parts?: readonly Field[];
}
