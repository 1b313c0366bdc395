/**
 * Raw IP sockets.
 *
 * @module
 */

import { SOCK_RAW } from "../ffi/linux/numbers.ts";
import { namesChecker, type ValueType } from "../wire/shape.ts";
import {
  keepRequestsAway,
  openSocket,
  SOCKET_FIELDS,
  type SocketOptions,
} from "./kernel/socket_options.ts";
import { SendingSocket } from "./sending_socket.ts";

/**
 * What a raw socket shall be.
 *
 * @category Sockets
 */
export interface RawSocketOptions extends SocketOptions {
  /**
   * The IP protocol number to send and to receive, 1–255. 255 goes with
   * `headerIncluded`, and receives no protocol that is in use.
   */
  readonly protocol: number;
  /** What is sent begins with its own IP header (IP_HDRINCL); default false. */
  readonly headerIncluded?: boolean;
  /**
   * Sends packets that may not be fragmented even where the path is known not
   * to take them whole, so that this can be found out anew; default false.
   */
  readonly ignorePathMTU?: boolean;
}

/**
 * Their names, by which a misspelt one is refused.
 *
 * @ignore for the tools' own use
 */
export const RAW_SOCKET_FIELDS = {
  ...SOCKET_FIELDS,
  protocol: "number",
  headerIncluded: "flag",
  ignorePathMTU: "flag",
} as const satisfies Record<keyof RawSocketOptions, ValueType>;

const checkNames = namesChecker("RawSocket.open", {
  fields: RAW_SOCKET_FIELDS,
});

/**
 * A raw IP socket (raw(7), RFC 3542): sends and receives packets of one IP
 * protocol. Needs root or CAP_NET_RAW, and `--allow-ffi`.
 *
 * @category Sockets
 *
 * @example
 * ```ts
 * import { decodeIPv4, RawSocket } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * using receiver = RawSocket.open({ protocol: 253, bindAddress: "127.0.0.1" });
 * using sender = RawSocket.open({ protocol: 253 });
 * sender.send(new TextEncoder().encode("Hello World!"), "127.0.0.1");
 *
 * const { bytes } = await receiver.receive({ timeoutMs: 1000 });
 * const { payload } = decodeIPv4(bytes);
 * assertEquals(new TextDecoder().decode(payload), "Hello World!");
 * ```
 */
export class RawSocket extends SendingSocket {
  /**
   * Opens a socket.
   *
   * @throws {RangeError} if an option is out of range
   * @throws {TypeError} if there is no such option
   * @throws {SocketPermissionError} without root or CAP_NET_RAW
   * @throws {SocketAddressError} if `bindAddress` is not this host's
   * @throws {SocketError} if the system refuses anything else
   * @throws {Deno.errors.NotCapable} without `--allow-ffi`
   */
  static open(options: RawSocketOptions): RawSocket {
    checkNames(options);
    return new RawSocket(openSocket(SOCK_RAW, options), options);
  }

  /**
   * Of ICMP, lets only replies and errors through, and cheaper than a filter.
   *
   * @ignore for the tools' own use
   */
  keepRequestsAway(): void {
    keepRequestsAway(this.fd, this.family);
  }
}
