/**
 * Complaints: the ICMP errors that come back about packets to a destination.
 *
 * @module
 */

import { errorsAbout } from "../socket/icmp_filter.ts";
import { RawSocket } from "../socket/raw_socket.ts";
import { parseIPv4 } from "../wire/address.ts";
import { IP_PROTOCOL } from "../wire/ip_protocols.ts";
import { type ICMPErrorMessage, readICMPError } from "./matching.ts";

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
   * Hands each on as soon as it comes, until it is closed.
   *
   * @throws {SocketError} if the system reports an error
   */
  async hear(heard: (error: ICMPErrorMessage) => unknown): Promise<void> {
    for await (const { bytes } of this.#socket) {
      const error = readICMPError(bytes);
      if (error !== undefined) await heard(error);
    }
  }

  close(): void {
    this.#socket.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
