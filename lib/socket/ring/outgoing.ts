/**
 * What is given to send many packets at once, and whether it is that.
 *
 * @module
 */

import { namesChecker, type ValueType } from "../../wire/shape.ts";

/**
 * A packet for `sendMany`.
 *
 * @category Sockets
 */
export interface OutgoingDatagram {
  /** The payload, or with `headerIncluded` the whole packet. */
  readonly bytes: Uint8Array;
  /** The address to send it to. */
  readonly destination: string;
}

/**
 * How `sendMany` sends.
 *
 * @category Sockets
 */
export interface SendManyOptions {
  /** Packets a second at most, above 0; default as many as there is room for. */
  readonly rate?: number;
}

/** Asserts that there are such options. */
export const checkSendManyOptions = namesChecker("sendMany", {
  fields: { rate: "number" } satisfies Record<keyof SendManyOptions, ValueType>,
});

/**
 * What the compiler would say, to who runs without it.
 *
 * @throws {TypeError} naming the packet, and what it lacks
 */
export function checkOutgoing(
  packet: Partial<OutgoingDatagram> | null | undefined,
  number: number,
): void {
  const { bytes, destination } = packet ?? {};
  if (bytes instanceof Uint8Array && typeof destination === "string") return;
  const wrong = bytes instanceof Uint8Array ? "destination" : "bytes";
  throw new TypeError(
    `sendMany: packet ${number} has no ${wrong}: give ` +
      '{ bytes: Uint8Array, destination: "127.0.0.1" } for each',
  );
}
