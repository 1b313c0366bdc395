/**
 * What is wrong with a message that has the numbers of a request of ours, and
 * does not answer it.
 *
 * @module
 */

import type { ICMPMessage } from "../../socket/icmp/icmp_message.ts";

/**
 * Why a message is not believed.
 *
 * @category Ping
 */
export type RefusalReason =
  /** It comes from another address than the one that was asked. */
  | "source"
  /** Its checksum is wrong. */
  | "checksum"
  /** It brings back less than was sent. */
  | "truncated"
  /** It brings back something else, or more. */
  | "payload"
  /** It answers a sequence number that was not sent. */
  | "sequence"
  /** It is an error about a packet that is not the one that was sent. */
  | "quoted";

/** All of them, none counted yet. */
export const NONE_REFUSED: Readonly<Record<RefusalReason, number>> = {
  source: 0,
  checksum: 0,
  truncated: 0,
  payload: 0,
  sequence: 0,
  quoted: 0,
};

/**
 * The first octet that came back other than it was sent.
 *
 * @category Ping
 */
export interface AlteredOctet {
  /** Its place in the payload, from 0. */
  readonly offset: number;
  /** As it was sent, 0–255; absent where nothing more was sent. */
  readonly sent: number | undefined;
  /** As it came back, 0–255. */
  readonly received: number;
}

/**
 * Why a message is not believed, and where it is wrong.
 *
 * @category Ping
 */
export interface Refusal {
  /** Why. */
  readonly reason: RefusalReason;
  /** Of a payload that came back otherwise: its first octet that did. */
  readonly altered?: AlteredOctet;
}

/**
 * Finds what is wrong.
 *
 * @param message an echo reply, or an error that quotes an echo request
 * @param payload what was sent under the sequence number; `undefined` if nothing
 * was
 * @param isFrom whether the message may come from where it does
 */
export function refusalOf(
  { isChecksumRight, reply }: ICMPMessage,
  payload: Uint8Array | undefined,
  isFrom: boolean,
): Refusal {
  if (!isChecksumRight) return { reason: "checksum" };
  if (reply === undefined) return { reason: "quoted" };
  if (payload === undefined) return { reason: "sequence" };
  if (!isFrom) return { reason: "source" };
  const { payload: received } = reply;
  const offset = received.findIndex((octet, i) => octet !== payload[i]);
  if (offset < 0) return { reason: "truncated" };
  const altered = {
    offset,
    sent: payload.at(offset),
    received: received[offset],
  };
  return { reason: "payload", altered };
}
