/**
 * A made-up network in made-up time, for the pinging tools: hours pass in a
 * moment, and everything happens in the same order in every run.
 *
 * @module
 */

import type { Arrival } from "../../lib/socket/echo_ledger.ts";
import type { Instant } from "../../lib/socket/clock.ts";
import type { ICMPMessage } from "../../lib/socket/icmp_message.ts";
import type {
  EchoWire,
  EchoWireOptions,
  EchoWorld,
} from "../../lib/tools/echo_wire.ts";
import { Pinger } from "../../lib/tools/pinger.ts";
import {
  type Family,
  type Host,
  type MultipingOptions,
  type PingEvent,
  Run,
} from "../../mod.ts";

/** A request that went out. */
export interface Sent {
  readonly atMs: number;
  readonly family: Family;
  readonly destination: string;
  readonly id: number;
  /** Counted from 0 over all requests. */
  readonly number: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/** What the network does with a request: answers, each some time later. */
export type Network = (
  sent: Sent,
) => Iterable<{ afterMs: number; message: ICMPMessage }>;

const NONE = new Uint8Array();

/** What an echo reply to a request is, but for what is given. */
export function echoReply(
  sent: Sent,
  changes: Partial<ICMPMessage> = {},
): ICMPMessage {
  const { destination, family, id, sequence, payload } = sent;
  return {
    source: destination,
    destination: undefined,
    family,
    type: family === 4 ? 0 : 129,
    code: 0,
    length: 8 + payload.length,
    ttl: 64,
    options: NONE,
    packet: NONE,
    isChecksumRight: true,
    reply: { id, sequence, payload },
    nextHopMTU: 0,
    ...changes,
  };
}

/** An error that quotes a request. */
export function icmpError(
  sent: Sent,
  { source, type, code }: Pick<ICMPMessage, "source" | "type" | "code">,
): ICMPMessage {
  const { destination, id, sequence } = sent;
  return echoReply(sent, {
    source,
    type,
    code,
    reply: undefined,
    quoted: NONE,
    quotedRequest: { destination, id, sequence, payload: NONE },
  });
}

/** A network where every host answers after so many milliseconds. */
export function echoing(afterMs: number): Network {
  return (sent) => [{ afterMs, message: echoReply(sent) }];
}

/** Events in short: `reply 2`, with `!` if it is late, `+` if a duplicate. */
export function short(event: PingEvent): string {
  if (event.type === "reply" || event.type === "error") {
    const mark = (event.isLate ? "!" : "") + (event.isDuplicate ? "+" : "");
    return `${event.type} ${event.sequence}${mark}`;
  }
  return event.type === "timeout"
    ? `${event.type} ${event.sequence}`
    : event.type;
}

/** How many requests and replies a host had. */
export function figures(host: Host): Record<string, unknown> {
  const { packetsSent, packetsReceived, duplicates, lateReplies } = host;
  return { packetsSent, packetsReceived, duplicates, lateReplies };
}

/** The network, the clock, and what happened. */
export class FakeWorld implements EchoWorld {
  /** Milliseconds by this world's clock; set it to stop the tool for a while. */
  nowMs = 0;
  readonly sent: Sent[] = [];
  readonly opened: EchoWireOptions[] = [];
  /** Wires that were closed again. */
  closed = 0;
  readonly #network: Network;
  readonly #pending: { atMs: number; happen: () => void }[] = [];

  constructor(network: Network) {
    this.#network = network;
  }

  readonly clock = {
    now: () => this.nowMs,
    sleep: (ms: number, signal: AbortSignal) => this.#sleep(ms, signal),
  };

  /** Lets something happen at a time. */
  at(atMs: number, happen: () => void): void {
    let place = this.#pending.length;
    while (place > 0 && this.#pending[place - 1].atMs > atMs) place--;
    this.#pending.splice(place, 0, { atMs, happen });
  }

  open(family: Family, options: EchoWireOptions): EchoWire {
    this.opened.push(options);
    const { identifier } = options;
    let arrived: Arrival[] = [];
    let wake = () => {};
    let isClosed = false;
    const instant = (): Instant => {
      const ns = BigInt(Math.round(this.nowMs * 1e6));
      return { monotonicNs: ns, realtimeNs: 1_700_000_000n * 10n ** 9n + ns };
    };
    return {
      identifier,
      send: (destination, sequence, payload) => {
        const at = instant();
        const sent: Sent = {
          atMs: this.nowMs,
          family,
          destination,
          id: identifier,
          number: this.sent.length,
          sequence,
          payload,
        };
        const answers = [...this.#network(sent)];
        this.sent.push(sent);
        for (const { afterMs, message } of answers) {
          this.at(this.nowMs + afterMs, () => {
            const seen = instant();
            arrived.push({ message, receivedNs: seen.realtimeNs, seen });
            wake();
          });
        }
        return at;
      },
      async *arrivals() {
        while (!isClosed) {
          const batch = arrived;
          arrived = [];
          if (batch.length > 0) yield batch;
          else await new Promise<void>((resolve) => wake = resolve);
        }
      },
      close: () => {
        isClosed = true;
        this.closed++;
        wake();
      },
    };
  }

  /** Pings in this world. */
  ping(
    names: readonly string[],
    options: MultipingOptions = {},
  ): Run<PingEvent, Host[]> {
    const paced = { count: 1, intervalMs: 1000, id: 77, ...options };
    return new Run(
      (context) => new Pinger(names, paced, context, this).run(),
      options.signal,
    );
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    let isOver = signal.aborted;
    const wake = () => {
      isOver = true;
      resolve();
    };
    if (isOver) resolve();
    signal.addEventListener("abort", wake, { once: true });
    this.at(this.nowMs + ms, wake);
    // Between any two events the tool does what it will.
    const next = () => {
      if (isOver) return;
      const { atMs, happen } = this.#pending.shift()!;
      this.nowMs = Math.max(this.nowMs, atMs);
      happen();
      setImmediate(next);
    };
    setImmediate(next);
    return promise;
  }
}
