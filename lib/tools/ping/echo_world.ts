/**
 * What the pinging tools need of the network and of time: behind an interface,
 * so that they run against a made-up network and clock, too.
 *
 * @module
 */

import type { Family } from "../../wire/address.ts";
import { isMulticast } from "../../wire/address_scope.ts";
import {
  justBefore,
  type Moment,
  readClocks,
} from "../../socket/kernel/clock.ts";
import {
  type Destination,
  destinationOf,
  type DestinationOptions,
  remoteAddress,
} from "../../socket/destination.ts";
import type { Datagram } from "../../socket/datagram.ts";
import { answersToEcho } from "../../socket/filter/icmp_filter.ts";
import { readMessage } from "../../socket/icmp/icmp_message.ts";
import type { Arrival } from "../../socket/icmp/echo_ledger.ts";
import { PingSocket } from "../../socket/ping_socket.ts";
import { RawSocket } from "../../socket/raw_socket.ts";
import type { TakeInPlace } from "../../socket/receiving_socket.ts";
import { hasRawICMP } from "../../socket/system/support.ts";
import { type Clock, REAL_CLOCK } from "../../socket/time.ts";
import { EchoWriter } from "./echo_writer.ts";

/** How a link shall be. */
export interface EchoLinkOptions {
  /** Send from this address of this host. */
  readonly source?: string;
  /** Use this interface only. */
  readonly device?: string;
  /** Raw, or a ping socket. */
  readonly privileged: boolean;
  /** Time to live, or hop limit, 1–255; absent: the system's. */
  readonly ttl: number | undefined;
  /** DSCP and ECN in one octet, 0–255. */
  readonly trafficClass: number;
  /** Whether broadcast addresses are allowed. */
  readonly broadcast: boolean;
  /** Whether a flood of public addresses is. */
  readonly allowPublic: boolean;
  /** The ICMP identifier; a ping socket has one of its own. */
  readonly identifier: number;
  /** Open it inside this network namespace. */
  readonly namespace?: string;
  /** As long as replies are waited for, in milliseconds. */
  readonly timeoutMs: number;
}

/** Where requests to an address go. */
export interface EchoDestination extends Pick<Destination, "address"> {
  /** The address that they are sent from, if somebody had a say in it. */
  readonly source: string | undefined;
  /** Whether many hosts may answer. */
  readonly isBroadcast: boolean;
}

/** Sends echo requests, and receives what may answer them. */
export interface EchoLink {
  /** The identifier that is on the wire, once something was sent. */
  readonly identifier: number;
  /**
   * Where packets to an address go.
   *
   * @throws as {@linkcode destinationOf} does
   */
  destinationOf(address: string): EchoDestination;
  /**
   * Sends a request; tells when, just before.
   *
   * @param nowMs about that time, by the world's clock
   */
  send(
    destination: string,
    sequence: number,
    payload: Uint8Array,
    nowMs: number,
  ): Moment;
  /** What arrives, several at a time, until it is closed. */
  arrivals(): AsyncIterable<Arrival[]>;
  /**
   * What is there by now, and not among what arrives.
   *
   * @param most how many at most
   * @param take may be shown it first, and what it takes is not handed out
   */
  arrived(most: number, take?: TakeInPlace): Arrival[];
  /** Ends when all that is there by now has been among what arrives. */
  look(): Promise<void>;
  close(): void;
}

/** The world that a tool works in. */
export interface EchoWorld {
  /** Opens a link for a family. */
  open(family: Family, options: EchoLinkOptions): EchoLink;
  readonly clock: Clock;
}

/** The real network, and real time. */
export const REAL_WORLD: EchoWorld = {
  open: (family, options) => new SocketWire(family, options),
  clock: REAL_CLOCK,
};

/** Room for the replies of a great many hosts that answer at once. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** As long as the shortest request. */
const ECHO = new Uint8Array(8);

/** So soon after a request the next takes no longer than that. */
const WARM_MS = 1;

class SocketWire implements EchoLink {
  readonly #socket: RawSocket | PingSocket;
  readonly #isRaw: boolean;
  readonly #family: Family;
  readonly #identifier: number;
  readonly #place: DestinationOptions;
  #writer: EchoWriter | undefined;
  /** When the last request was sent. */
  #sentMs = -Infinity;

  constructor(family: Family, options: EchoLinkOptions) {
    const { source: bindAddress, privileged, identifier } = options;
    const { device, namespace, ttl, trafficClass } = options;
    const { broadcast, allowPublic } = options;
    const shared = {
      ...{ device, namespace, ttl, trafficClass, broadcast, allowPublic },
      family,
      bindAddress,
      receiveBufferBytes: RECEIVE_BUFFER_BYTES,
    };
    this.#isRaw = privileged && hasRawICMP(family);
    this.#family = family;
    this.#place = options;
    this.#identifier = identifier;
    if (this.#isRaw) {
      const protocol = family === 4 ? 1 : 58;
      this.#socket = RawSocket.open({ ...shared, protocol });
      this.#socket.keepRequestsAway();
      this.#socket.attachFilter(answersToEcho(identifier, family));
    } else {
      this.#socket = PingSocket.open(shared);
      this.#socket.waitFor(options.timeoutMs);
    }
  }

  get identifier(): number {
    return this.#isRaw
      ? this.#identifier
      : (this.#socket as PingSocket).identifier;
  }

  destinationOf(given: string): EchoDestination {
    const { source, device, broadcast } = this.#place;
    const isChosen = source !== undefined || device !== undefined || broadcast;
    const socket = this.#socket;
    if (isChosen || !(socket instanceof RawSocket)) {
      return destinationOf(given, this.#family, this.#place);
    }
    const address = remoteAddress(given, this.#family, this.#place);
    // A tenth of what it takes to ask for a route. And the first request, which
    // is sent as this is asked, then takes no longer than the others.
    justBefore(() => socket.ask(ECHO, address));
    return { address, source: undefined, isBroadcast: isMulticast(address) };
  }

  send(
    destination: string,
    sequence: number,
    payload: Uint8Array,
    nowMs: number,
  ): Moment {
    if (this.#writer?.payload !== payload) {
      this.#writer = new EchoWriter(this.#family, this.#identifier, payload);
    }
    const bytes = this.#writer.write(sequence);
    this.#warmUp(bytes, destination, nowMs);
    return justBefore(() => this.#socket.send(bytes, destination));
  }

  /**
   * What has not run for a while takes 10 µs longer, which a round trip would
   * seem to last: the same is done before, but for what leaves.
   */
  #warmUp(bytes: Uint8Array, destination: string, nowMs: number): void {
    if (nowMs - this.#sentMs > WARM_MS && this.#socket instanceof RawSocket) {
      const socket = this.#socket;
      try {
        justBefore(() => socket.ask(bytes, destination));
      } catch { /* Then it cannot be sent either, which is told. */ }
    }
    this.#sentMs = nowMs;
  }

  async *arrivals(): AsyncGenerator<Arrival[], void> {
    while (!this.#socket.isClosed) {
      const batch = await this.#socket.receiveBatch().catch((error) => {
        if (!this.#socket.isClosed) throw error;
      });
      if (batch === undefined) return;
      yield this.#read(batch);
    }
  }

  arrived(most: number, take?: TakeInPlace): Arrival[] {
    const batch = this.#socket.receivePast({
      most,
      take: this.#isRaw ? take : undefined,
    });
    return batch.length === 0 ? [] : this.#read(batch);
  }

  #read(batch: readonly Datagram[]): Arrival[] {
    const seen = readClocks();
    const arrivals: Arrival[] = [];
    for (const datagram of batch) {
      const message = readMessage(datagram, this.#family, this.#isRaw);
      if (message === undefined) continue;
      // The kernel gives the errors that it queues no time stamp.
      const receivedNs = datagram.timestampNs || seen.realtimeNs;
      arrivals.push({ message, receivedNs, seen });
    }
    return arrivals;
  }

  look(): Promise<void> {
    return this.#socket.handOut();
  }

  close(): void {
    this.#socket.close();
  }
}
