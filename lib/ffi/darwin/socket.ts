/**
 * What is remembered of each open socket, since macOS' calls need to know it,
 * or have no place for it.
 *
 * @module
 */

import { type Interfaces, interfaces } from "./interfaces.ts";
import type { Arrival } from "./arrival.ts";
import { ENOBUFS } from "../errno.ts";
import {
  AF_INET,
  RAW_BUFFER,
  SO_RCVBUF,
  SO_SNDBUF,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_SOCKET,
} from "./numbers.ts";
import type { Symbols } from "./symbols.ts";

/** A packet on its way is held by the send buffer as a whole, and so on. */
const SEND_BUFFER = 128 * 1024;
const RECEIVE_BUFFER = 256 * 1024;

/** A socket, by Linux's view of it. */
export class Socket {
  readonly #symbols: Symbols;
  readonly isIPv4: boolean;
  /** Whether it is for echoes alone, and needs no privilege. */
  readonly isPing: boolean;
  /** Whether what it receives begins with an IPv4 header. */
  readonly hasHeader: boolean;
  /** That of a ping socket; random, since two processes know nothing of each other. */
  readonly identifier: number = crypto.getRandomValues(new Uint16Array(1))[0] ||
    1;
  /** What a ping socket has received, until it is asked for. */
  readonly replies: Arrival[] = [];
  readonly errors: Arrival[] = [];
  /** Whether a packet is wanted; all are where nobody says. */
  passes: ((packet: Uint8Array) => boolean) | undefined;
  headerIncluded = false;
  isBlocking = true;
  allowsBroadcast = false;
  #interfaces: Interfaces | undefined;

  /** @param family macOS' number of it */
  constructor(
    symbols: Symbols,
    readonly fd: number,
    readonly family: number,
    type: number,
    protocol: number,
  ) {
    this.#symbols = symbols;
    this.isIPv4 = family === AF_INET;
    this.isPing = type === SOCK_DGRAM && protocol > 0;
    const isUDP = type !== SOCK_RAW && !this.isPing;
    this.hasHeader = this.isIPv4 && !isUDP;
    if (isUDP) return;
    // Now, since a packet's time is taken just before it is sent.
    this.#interfaces = interfaces(symbols);
    void symbols.sendto;
    // 8,192 octets each would refuse longer packets (RAW_BUFFER of xnu).
    this.setBuffer(SO_SNDBUF, SEND_BUFFER);
    this.setBuffer(SO_RCVBUF, RECEIVE_BUFFER);
  }

  /** As they were when the socket first needed them. */
  get interfaces(): Interfaces {
    return this.#interfaces ??= interfaces(this.#symbols);
  }

  /** As large as the system allows: Linux cuts off what is more, macOS refuses. */
  setBuffer(name: number, octets: number): number {
    for (let size = octets;; size >>= 1) {
      const value = Int32Array.of(size);
      const { setsockopt } = this.#symbols;
      const result = setsockopt(this.fd, SOL_SOCKET, name, value, 4);
      if (result !== -ENOBUFS || size < RAW_BUFFER) return result;
    }
  }
}
