/**
 * Complaints: the ICMP errors that come back about packets to a destination.
 *
 * @module
 */

import type { Datagram } from "../../socket/datagram.ts";
import { errorsAbout } from "../../socket/filter/icmp_filter.ts";
import { RawSocket } from "../../socket/raw_socket.ts";
import { parseIPv4 } from "../../wire/address.ts";
import { IP_PROTOCOL } from "../../wire/ip_protocols.ts";
import { readClocks } from "../../socket/kernel/clock.ts";
import {
  type ICMPErrorMessage,
  readICMPError,
  type Reception,
} from "../matching.ts";

/** What is done about one. */
type Heard = (error: ICMPErrorMessage, reception: Reception) => unknown;

/** Hears them from when it is opened until it is closed, one after the other. */
export class Complaints implements Disposable {
  readonly #socket: RawSocket;

  private constructor(socket: RawSocket) {
    this.#socket = socket;
  }

  /**
   * @param destination an IPv4 address
   * @param options `namespace`: packets leave this network namespace
   * @throws {RangeError} if `destination` is no IPv4 address
   * @throws {SocketPermissionError} without root or CAP_NET_RAW
   * @throws {SocketError} if the system refuses anything else
   */
  static open(
    destination: string,
    { namespace }: { namespace?: string } = {},
  ): Complaints {
    const filter = errorsAbout(parseIPv4(destination));
    const socket = RawSocket.open({ protocol: IP_PROTOCOL.ICMP, namespace });
    try {
      socket.attachFilter(filter);
      return new Complaints(socket);
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /**
   * Hands each on as soon as it comes, until it is closed: whether it is to be
   * believed, only who sends can tell.
   *
   * @throws {SocketError} if the system reports an error
   */
  async hear(heard: Heard): Promise<void> {
    for await (const datagram of this.#socket) await tell(datagram, heard);
  }

  /** Hands on what has come by now. */
  async rest(heard: Heard): Promise<void> {
    const rest = this.#socket.receiveRest();
    for (const datagram of rest) await tell(datagram, heard);
  }

  close(): void {
    this.#socket.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Tells what a datagram complains of, if it does. */
async function tell(
  { bytes, timestampNs }: Datagram,
  heard: Heard,
): Promise<void> {
  const seen = readClocks();
  const error = readICMPError(bytes);
  if (error === undefined) return;
  await heard(error, { receivedNs: timestampNs, seen });
}
