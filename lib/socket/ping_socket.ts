/**
 * Ping sockets: ICMP echo without privilege.
 *
 * @module
 */

import { IPPROTO_ICMP, IPPROTO_ICMPV6, SOCK_DGRAM } from "../ffi/linux.ts";
import { SendingSocket } from "./sending_socket.ts";
import { portOf } from "./sockaddr.ts";
import { openSocket, type SocketOptions } from "./socket_options.ts";

/**
 * A ping socket (icmp(7)): sends ICMP echo requests and receives their replies,
 * without root where the system allows it (`net.ipv4.ping_group_range`). The
 * kernel puts an identifier of its own into what is sent, and hands out only
 * replies to that, from the ICMP header on. Errors about what was sent arrive
 * as datagrams with an `error`.
 */
export class PingSocket extends SendingSocket {
  /**
   * Opens a socket.
   *
   * @throws {RangeError} if an option is out of range
   * @throws {SocketPermissionError} if the system does not allow it
   * @throws {SocketError} if the system refuses anything else
   */
  static open(options: SocketOptions = {}): PingSocket {
    const { family = 4, snapLength = 65_535 } = options;
    const protocol = family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
    const fd = openSocket(SOCK_DGRAM, { ...options, protocol });
    return new PingSocket(fd, family, snapLength, true);
  }

  /**
   * The identifier that the kernel puts into requests, 1–65,535; 0 before the
   * first was sent.
   */
  get identifier(): number {
    return portOf(this.fd, "read a ping socket's identifier");
  }
}
