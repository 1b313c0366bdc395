/**
 * What the pinging tools need of the network and of time: behind an interface,
 * so that they run against a made-up network and clock, too.
 *
 * @module
 */

import type { Family } from "../wire/address.ts";
import { encodeICMPv4 } from "../wire/icmpv4.ts";
import { encodeICMPv6 } from "../wire/icmpv6.ts";
import { type Instant, justBefore, readClocks } from "../socket/clock.ts";
import { answersTo } from "../socket/icmp_filter.ts";
import { readMessage } from "../socket/icmp_message.ts";
import type { Arrival } from "../socket/echo_ledger.ts";
import { PingSocket } from "../socket/ping_socket.ts";
import { RawSocket } from "../socket/raw_socket.ts";
import { type Clock, REAL_CLOCK } from "./clock.ts";

/** How a wire shall be. */
export interface EchoWireOptions {
  /** Send from this address of this host. */
  readonly source?: string;
  /** Use this interface only. */
  readonly device?: string;
  /** Raw, or a ping socket. */
  readonly privileged: boolean;
  /** Time to live, or hop limit, 1–255. */
  readonly ttl: number;
  /** DSCP and ECN in one octet, 0–255. */
  readonly trafficClass: number;
  /** Whether broadcast addresses are allowed. */
  readonly broadcast: boolean;
  /** The ICMP identifier; a ping socket has one of its own. */
  readonly identifier: number;
  /** Open it inside this network namespace. */
  readonly namespace?: string;
}

/** Sends echo requests, and receives what may answer them. */
export interface EchoWire {
  /** The identifier that is on the wire, once something was sent. */
  readonly identifier: number;
  /** Sends a request; tells when, just before. */
  send(destination: string, sequence: number, payload: Uint8Array): Instant;
  /** What arrives, several at a time, until it is closed. */
  arrivals(): AsyncIterable<Arrival[]>;
  close(): void;
}

/** The world that a tool works in. */
export interface EchoWorld {
  /** Opens a wire for a family. */
  open(family: Family, options: EchoWireOptions): EchoWire;
  readonly clock: Clock;
}

/** The real network, and real time. */
export const REAL_WORLD: EchoWorld = {
  open: (family, options) => new SocketWire(family, options),
  clock: REAL_CLOCK,
};

/** Room for the replies of a great many hosts that answer at once. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

class SocketWire implements EchoWire {
  readonly #socket: RawSocket | PingSocket;
  readonly #family: Family;
  readonly #identifier: number;

  constructor(family: Family, options: EchoWireOptions) {
    const { source: bindAddress, privileged, identifier } = options;
    const shared = {
      ...options,
      family,
      bindAddress,
      receiveBufferBytes: RECEIVE_BUFFER_BYTES,
    };
    this.#family = family;
    this.#identifier = identifier;
    if (privileged) {
      const protocol = family === 4 ? 1 : 58;
      this.#socket = RawSocket.open({ ...shared, protocol });
      this.#socket.attachFilter(answersTo(identifier, family));
    } else {
      this.#socket = PingSocket.open(shared);
    }
  }

  get identifier(): number {
    const socket = this.#socket;
    return socket instanceof PingSocket ? socket.identifier : this.#identifier;
  }

  send(destination: string, sequence: number, payload: Uint8Array): Instant {
    const identifier = this.#identifier;
    const request = {
      kind: "echoRequest",
      identifier,
      sequence,
      payload,
    } as const;
    const bytes = this.#family === 4
      ? encodeICMPv4(request)
      // The kernel computes its checksum, since it knows the source.
      : encodeICMPv6(request);
    return justBefore(() => this.#socket.send(bytes, destination));
  }

  async *arrivals(): AsyncGenerator<Arrival[], void> {
    const isPrivileged = this.#socket instanceof RawSocket;
    while (!this.#socket.isClosed) {
      const batch = await this.#socket.receiveBatch().catch((error) => {
        if (!this.#socket.isClosed) throw error;
      });
      if (batch === undefined) return;
      const seen = readClocks();
      yield batch.flatMap((datagram) => {
        const message = readMessage(datagram, this.#family, isPrivileged);
        if (message === undefined) return [];
        // The kernel gives the errors that it queues no time stamp.
        const receivedNs = datagram.timestampNs || seen.realtimeNs;
        return [{ message, receivedNs, seen }];
      });
    }
  }

  close(): void {
    this.#socket.close();
  }
}
