/**
 * The messages of IGMP, decoded: one shape for each kind.
 *
 * @module
 */

import type { Given } from "../packet/protocol.ts";

/**
 * What every message begins with.
 *
 * @category IGMP
 */
export interface IGMPHead {
  /** 0–255; computed from `kind`. */
  readonly type: number;
  /**
   * In queries how long to wait with a report: tenths of a second, or from 128
   * on in version 3 as RFC 3376 §4.1.1 has it; otherwise reserved. 0–255;
   * default 0, in queries 100.
   */
  readonly code: number;
  /** 0–0xffff; computed from the message. */
  readonly checksum: number;
  /** What follows, which is nothing as a rule. */
  readonly payload: Uint8Array;
}

/**
 * A query of version 1 (code 0) or 2, a report of either, or a leave message.
 *
 * @category IGMP
 */
export interface IGMPGroupMessage extends IGMPHead {
  /** Which of them. */
  readonly kind: "query" | "reportV1" | "reportV2" | "leave";
  /** The group, dotted decimal; 0.0.0.0 in a query for all of them. */
  readonly group: string;
}

/**
 * A query of version 3 (RFC 3376 §4.1).
 *
 * @category IGMP
 */
export interface IGMPQueryV3 extends IGMPHead {
  /** Tells it from the other messages. */
  readonly kind: "queryV3";
  /** The group, dotted decimal; 0.0.0.0 in a query for all of them. */
  readonly group: string;
  /** The four bits that must be zero, 0–15; default 0. */
  readonly reserved: number;
  /** Suppress router-side processing; default false. */
  readonly suppress: boolean;
  /** Querier's robustness variable, 0–7; default 2. */
  readonly robustness: number;
  /** Querier's query interval code, 0–255; default 125, seconds. */
  readonly intervalCode: number;
  /** 0–0xffff; computed from `sources`. */
  readonly sourceCount: number;
  /** As many as are there, dotted decimal; default none. */
  readonly sources: readonly string[];
}

/**
 * What a report of version 3 says of one group (RFC 3376 §4.2.4).
 *
 * @category IGMP
 */
export interface IGMPGroupRecord {
  /** 0–255: 1 is include, 2 is exclude, and so on (§4.2.12). */
  readonly type: number;
  /** The group, dotted decimal. */
  readonly group: string;
  /** Dotted decimal. */
  readonly sources: readonly string[];
  /** Up to 1,020 octets, a multiple of 4: none in version 3. */
  readonly auxiliaryData: Uint8Array;
}

/**
 * A report of version 3 (RFC 3376 §4.2).
 *
 * @category IGMP
 */
export interface IGMPReportV3 extends IGMPHead {
  /** Tells it from the other messages. */
  readonly kind: "reportV3";
  /** The two octets before the count, 0–0xffff; default 0. */
  readonly reserved: number;
  /** 0–0xffff; computed from `records`. */
  readonly recordCount: number;
  /** As many as are there in full. */
  readonly records: readonly IGMPGroupRecord[];
}

/**
 * A message of any other type.
 *
 * @category IGMP
 */
export interface IGMPUnknown extends IGMPHead {
  /** Tells it from the other messages. */
  readonly kind: "unknown";
}

/**
 * A decoded message: every field, as it stood in the octets.
 *
 * @category IGMP
 */
export type IGMPMessage =
  | IGMPGroupMessage
  | IGMPQueryV3
  | IGMPReportV3
  | IGMPUnknown;

/**
 * What a caller gives to make a message. What is left out is computed or takes
 * the default named with the field; what is given is written as it is, right or
 * wrong.
 *
 * @category IGMP
 */
export type IGMPFields =
  | Given<IGMPGroupMessage, "group">
  | Given<IGMPQueryV3, "group">
  | Given<IGMPReportV3, "records">
  | Given<IGMPUnknown, "type" | "payload">;
