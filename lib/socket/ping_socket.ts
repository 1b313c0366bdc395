/**
 * Ping sockets: ICMP echo without privilege.
 *
 * @module
 */

import { libc } from "../ffi/libc.ts";
import {
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  SOCK_DGRAM,
} from "../ffi/linux/numbers.ts";
import { SendingSocket } from "./sending_socket.ts";
import { portOf } from "./kernel/sockaddr.ts";
import { namesChecker } from "../wire/shape.ts";
import {
  openSocket,
  SOCKET_FIELDS,
  type SocketOptions,
} from "./kernel/socket_options.ts";

const checkNames = namesChecker("PingSocket.open", { fields: SOCKET_FIELDS });

/**
 * A ping socket (icmp(7)): sends ICMP echo requests and receives their replies,
 * without root where the system allows it (`net.ipv4.ping_group_range`). The
 * kernel puts an identifier of its own into what is sent, and hands out only
 * replies to that, from the ICMP header on. Errors about what was sent arrive
 * as datagrams with an `error`.
 *
 * On Windows it is the system that waits for replies, for 4 seconds; and that a
 * request was not sent is told when the next one to the same address is.
 *
 * @category Sockets
 */
export class PingSocket extends SendingSocket {
  /**
   * Opens a socket.
   *
   * @throws {RangeError} if an option is out of range
   * @throws {TypeError} if there is no such option
   * @throws {SocketPermissionError} if the system does not allow it
   * @throws {SocketError} if the system refuses anything else
   */
  static open(options: SocketOptions = {}): PingSocket {
    checkNames(options);
    const protocol = (options.family ?? 4) === 4
      ? IPPROTO_ICMP
      : IPPROTO_ICMPV6;
    const all = { ...options, protocol };
    return new PingSocket(openSocket(SOCK_DGRAM, all), all, true);
  }

  /**
   * The identifier that the kernel puts into requests, 1–65,535; 0 before the
   * first was sent.
   */
  get identifier(): number {
    return portOf(this.fd, "read a ping socket's identifier");
  }

  /**
   * Has Windows wait for replies as long as somebody does, 30 seconds at most.
   *
   * @ignore for the tools' own use
   */
  waitFor(ms: number): void {
    libc().setEchoWait?.(this.fd, ms);
  }
}
