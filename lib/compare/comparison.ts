/**
 * A packet in all places where it was, field by field.
 *
 * @module
 */

/**
 * A field's value, and the same for people.
 *
 * @category Sent versus wire
 */
export interface ComparedValue {
  /** A number, an address, or octets in hexadecimal. */
  readonly value: number | string;
  /** As a column shows it. */
  readonly text: string;
}

/**
 * One field in all places where it was.
 *
 * @category Sent versus wire
 */
export interface ComparedField {
  /** Whose it is; `data` is all that stands behind the IP header. */
  readonly layer: "ethernet" | "ipv4" | "data";
  /** The name it has in the decoded header, such as `totalLength`. */
  readonly name: string;
  /** Its name for people, such as `Total Length`. */
  readonly label: string;
  /** Bits from the start of its layer. */
  readonly bitOffset: number;
  /** Width in bits. */
  readonly bitWidth: number;
  /** What the kernel was given; absent where that was nothing. */
  readonly sent?: ComparedValue;
  /** What left this host; absent if it was not seen. */
  readonly left?: ComparedValue;
  /** What arrived at the lab's host; absent if it was not seen. */
  readonly arrived?: ComparedValue;
  /**
   * What the sending kernel did: `filled` what was 0 or absent, `overwritten`
   * what was given, `left` it as it was. Absent if it was not seen leaving.
   */
  readonly kernel?: "filled" | "overwritten" | "left";
  /** What happened on the way. Absent if it was not seen arriving. */
  readonly way?: "changed" | "left";
  /** The rules that explain it, also where they changed nothing. */
  readonly rules: readonly string[];
}

/**
 * Where a packet was watched for.
 *
 * @category Sent versus wire
 */
export interface ComparedPlace {
  /** The host of the lab; absent for this host. */
  readonly host?: string;
  /** The interface that was watched, or that it was seen on. */
  readonly device?: string;
  /** Whether it was seen. */
  readonly isSeen: boolean;
}

/**
 * A packet in all places.
 *
 * @category Sent versus wire
 */
export interface Comparison {
  /** Where it went. */
  readonly destination: string;
  /** Whether the header was given (IP_HDRINCL), or is the kernel's. */
  readonly headerIncluded: boolean;
  /** In wire order, the link's first. */
  readonly fields: readonly ComparedField[];
  /** This host, where it was to leave. */
  readonly here: ComparedPlace;
  /** The lab's host that has the destination; absent outside of labs. */
  readonly there?: ComparedPlace;
  /** Whether it left in fragments, of which the first is shown. */
  readonly isFragmented: boolean;
}

/**
 * The event in which tools tell a comparison.
 *
 * @category Sent versus wire
 */
export interface PacketsCompared {
  /** Tells it from the other events. */
  readonly type: "compared";
  /** What was found. */
  readonly comparison: Comparison;
}
