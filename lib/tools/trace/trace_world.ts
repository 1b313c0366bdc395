/**
 * What tracing needs of the network and of time: behind an interface, so that
 * it runs against a made-up network and clock, too.
 *
 * @module
 */

import {
  type Instant,
  justBefore,
  readClocks,
} from "../../socket/kernel/clock.ts";
import type { Datagram } from "../../socket/datagram.ts";
import {
  answersTo,
  anyError,
  datagramsTo,
  segmentsFrom,
} from "../../socket/filter/icmp_filter.ts";
import { linkMTU } from "../../socket/kernel/link_mtu.ts";
import { RawSocket } from "../../socket/raw_socket.ts";
import { type Route, routeTo } from "../../socket/kernel/route.ts";
import { UDPPort } from "../../socket/kernel/udp_port.ts";
import type { Family } from "../../wire/address.ts";
import { ICMP_PROTOCOL, IP_PROTOCOL } from "../../wire/ip_protocols.ts";

/** Where packets go out, and how. */
export interface TracePlace {
  /** Send from this address of this host. */
  readonly source?: string;
  /** Use this interface only. */
  readonly device?: string;
  /** Be inside this network namespace. */
  readonly namespace?: string;
}

/** How a link shall be. */
export interface TraceLinkOptions extends TracePlace {
  readonly family: Family;
  /** Where all packets go, with its zone if it has one. */
  readonly destination: string;
  /** Of echo replies that shall arrive, too. */
  readonly identifier: number | undefined;
  /** Of TCP segments that shall arrive, too: the port they come from. */
  readonly tcpPort: number | undefined;
  /** Of UDP datagrams that shall arrive, too: the port they go to. */
  readonly udpPort: number | undefined;
}

/** A UDP port of this host that nobody else has meanwhile. */
export interface TakenPort extends Disposable {
  readonly number: number;
}

/** Something that arrived. */
export interface TraceArrival {
  /** The IP protocol. */
  readonly protocol: number;
  readonly datagram: Datagram;
  /** When it was read, some time after the kernel received it. */
  readonly seen: Instant;
}

/** Sends probes, and receives what may answer them. */
export interface TraceLink extends Disposable {
  /** Milliseconds until a packet may be sent; 0 for now. */
  readonly roomMs: number;
  /** Sends a packet, from its IP header on; tells when, just before. */
  send(packet: Uint8Array): Instant;
  /** What has arrived by now. */
  receiveNow(): TraceArrival[];
  /**
   * What arrives, as soon as something does; nothing after so many
   * milliseconds, or when aborted.
   */
  receive(ms: number, signal: AbortSignal): Promise<TraceArrival[]>;
}

/** The world that a trace goes through. */
export interface TraceWorld {
  /** Milliseconds since some beginning; never goes back. */
  now(): number;
  /** The way to a destination. */
  routeTo(destination: string, place: TracePlace): Route;
  /** Octets that the first link takes. */
  linkMTU(destination: string, family: Family, place: TracePlace): number;
  /** A UDP port, until it is given back. */
  takePort(family: Family, namespace?: string): TakenPort;
  open(options: TraceLinkOptions): TraceLink;
}

/** The real network, and real time. */
export const REAL_TRACE_WORLD: TraceWorld = {
  now: () => performance.now(),
  routeTo,
  linkMTU,
  takePort: UDPPort.take,
  open: (options) => new SocketTraceLink(options),
};

/** A flood shall let timers and signals through, too. */
const BATCHES_PER_TURN = 16;
/** Room for answers, also while somebody floods this host with others. */
const RECEIVE_BUFFER_BYTES = 1024 * 1024;

class SocketTraceLink implements TraceLink {
  readonly #destination: string;
  readonly #sending: RawSocket;
  #hasAsked = false;
  /** How often there was something at once. */
  #busy = 0;
  readonly #receiving: { protocol: number; socket: RawSocket }[] = [];

  constructor(options: TraceLinkOptions) {
    const { family, source: bindAddress, device, namespace } = options;
    const { destination, identifier, tcpPort, udpPort } = options;
    const shared = { family, bindAddress, device, namespace };
    this.#destination = destination;
    const listen = (protocol: number, filter: ReturnType<typeof anyError>) => {
      const socket = RawSocket.open({
        ...shared,
        protocol,
        receiveBufferBytes: RECEIVE_BUFFER_BYTES,
      });
      this.#receiving.push({ protocol, socket });
      socket.attachFilter(filter);
    };
    try {
      listen(
        ICMP_PROTOCOL[family],
        identifier === undefined
          ? anyError(family)
          : answersTo(identifier, family),
      );
      if (tcpPort !== undefined) {
        listen(IP_PROTOCOL.TCP, segmentsFrom(tcpPort, family));
      }
      if (udpPort !== undefined) {
        listen(IP_PROTOCOL.UDP, datagramsTo(udpPort, family));
      }
      this.#sending = RawSocket.open({
        ...shared,
        protocol: IP_PROTOCOL.RAW,
        headerIncluded: true,
        ignorePathMTU: true,
      });
    } catch (error) {
      this.#closeReceiving();
      throw error;
    }
  }

  get roomMs(): number {
    return this.#sending.roomMs;
  }

  send(packet: Uint8Array): Instant {
    if (!this.#hasAsked) this.#ask(packet);
    return justBefore(() => this.#sending.send(packet, this.#destination));
  }

  /**
   * What is done for the first time takes milliseconds, which a round trip would
   * seem to last: the same is done before, but for what leaves.
   */
  #ask(packet: Uint8Array): void {
    this.#hasAsked = true;
    try {
      justBefore(() => this.#sending.ask(packet, this.#destination));
    } catch { /* Then it cannot be sent either, which is told. */ }
  }

  receiveNow(): TraceArrival[] {
    return this.#receiving.flatMap(({ protocol, socket }) =>
      arrivalsOf(protocol, socket.receiveNow())
    );
  }

  async receive(ms: number, signal: AbortSignal): Promise<TraceArrival[]> {
    const arrivals = this.receiveNow();
    if (arrivals.length > 0 && ++this.#busy % BATCHES_PER_TURN === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (arrivals.length > 0 || ms <= 0 || signal.aborted) return arrivals;
    const enough = new AbortController();
    // Not a timer: the first that a process makes costs it milliseconds.
    const end = AbortSignal.any([
      enough.signal,
      signal,
      AbortSignal.timeout(ms),
    ]);
    await Promise.all(this.#receiving.map(async ({ protocol, socket }) => {
      try {
        const batch = await socket.receiveBatch({ signal: end });
        arrivals.push(...arrivalsOf(protocol, batch));
        enough.abort();
      } catch (error) {
        if (!end.aborted) throw error;
      }
    }));
    return arrivals;
  }

  [Symbol.dispose](): void {
    this.#sending.close();
    this.#closeReceiving();
  }

  #closeReceiving(): void {
    for (const { socket } of this.#receiving) socket.close();
  }
}

function arrivalsOf(
  protocol: number,
  datagrams: readonly Datagram[],
): TraceArrival[] {
  if (datagrams.length === 0) return [];
  const seen = readClocks();
  return datagrams.map((datagram) => ({ protocol, datagram, seen }));
}
