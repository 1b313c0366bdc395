/**
 * UDP ports of this host.
 *
 * @module
 */

import { libc } from "../../ffi/libc.ts";
import type { Family } from "../../wire/address.ts";
import { check } from "../errors.ts";
import { openUDP } from "./inquiry.ts";
import { portOf, toSockaddr } from "./sockaddr.ts";

const ANY = { 4: "0.0.0.0", 6: "::" } as const;

/**
 * A UDP port that nobody else of this host has while it is taken, chosen by the
 * kernel. What arrives there is received by raw sockets alone; without anybody
 * at the port, the kernel would complain to its sender (port unreachable).
 */
export class UDPPort implements Disposable {
  readonly #fd: number;
  /** 1–65,535. */
  readonly number: number;

  private constructor(fd: number, number: number) {
    this.#fd = fd;
    this.number = number;
  }

  /**
   * Takes one, of all addresses.
   *
   * @param namespace the network namespace that it is a port of
   * @throws {SocketError} if there is none to be had
   */
  static take(family: Family, namespace?: string): UDPPort {
    const action = "take a UDP port";
    const fd = openUDP(family, namespace, action);
    try {
      const sockaddr = toSockaddr(ANY[family], family, fd);
      check(libc().bind(fd, sockaddr, sockaddr.length), "bind", action);
      return new UDPPort(fd, portOf(fd, action));
    } catch (error) {
      libc().close(fd);
      throw error;
    }
  }

  /** Gives it back. */
  [Symbol.dispose](): void {
    libc().close(this.#fd);
  }
}
