/**
 * A made-up network in made-up time, for the pinging tools: hours pass in a
 * moment, and everything happens in the same order in every run.
 *
 * @module
 */

import type { Arrival } from "../../../lib/socket/icmp/echo_ledger.ts";
import { nextTurn } from "../../../lib/socket/time.ts";
import { Moment } from "../../../lib/socket/kernel/clock.ts";
import {
  checksumOf,
  type ICMPMessage,
} from "../../../lib/socket/icmp/icmp_message.ts";
import { canonicalAddress } from "../../../lib/socket/kernel/sockaddr.ts";
import type { PacketInPlace } from "../../../lib/socket/ring/packet_in_place.ts";
import type {
  EchoLink,
  EchoLinkOptions,
  EchoWorld,
} from "../../../lib/tools/ping/echo_world.ts";
import { Pinger } from "../../../lib/tools/ping/pinger.ts";
import {
  buildPacket,
  type Family,
  type Host,
  icmpv4,
  ipv4,
  isMulticast,
  type MultipingOptions,
  type PingEvent,
  Run,
} from "../../../mod.ts";

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
/** Where all is sent from. */
const SOURCE = { 4: "10.0.0.100", 6: "2001:db8::100" } as const;

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
  const from = SOURCE[sent.family];
  const checksum = checksumOf({ ...sent, isBroadcast: false }, from)!;
  return echoReply(sent, {
    source,
    type,
    code,
    reply: undefined,
    quoted: NONE,
    quotedRequest: {
      destination,
      source: from,
      id,
      sequence,
      checksum,
      payload: NONE,
    },
  });
}

/** A network where every host answers after so many milliseconds. */
export function echoing(afterMs: number): Network {
  return (sent) => [{ afterMs, message: echoReply(sent) }];
}

/** Events in short: `reply 2`, with `!` if it is late, `+` if a duplicate. */
export function short(event: PingEvent): string {
  const late = "isLate" in event && event.isLate ? "!" : "";
  const duplicate = "isDuplicate" in event && event.isDuplicate ? "+" : "";
  const reason = event.type === "refused" ? ` ${event.reason}` : "";
  const sequence = "sequence" in event ? ` ${event.sequence}` : "";
  return event.type + reason + sequence + late + duplicate;
}

/** How many requests and replies a host had. */
export function figures(host: Host): Record<string, unknown> {
  const { packetsSent, packetsReceived, duplicates, lateReplies } = host;
  return { packetsSent, packetsReceived, duplicates, lateReplies };
}

/** An IPv4 reply as a socket shows it where it is. */
function inPlace({ message, receivedNs }: Arrival): PacketInPlace | undefined {
  const { source, ttl, reply, isChecksumRight } = message;
  if (reply === undefined || message.family === 6) return undefined;
  const { id: identifier, sequence, payload } = reply;
  const checksum = isChecksumRight ? undefined : 0x1234;
  const bytes = buildPacket(
    ipv4({ source, destination: SOURCE[4], ttl }),
    icmpv4({ kind: "echoReply", identifier, sequence, checksum }),
    payload,
  );
  const { buffer } = new Uint8Array([...bytes, 0, 0, 0]);
  return {
    bytes: new Uint8Array(buffer),
    words: new Int32Array(buffer, 0, buffer.byteLength >> 2),
    start: 20,
    end: bytes.length,
    source: 12,
    ttl: ttl!,
    seconds: Number(receivedNs / 1_000_000_000n),
    nanoseconds: Number(receivedNs % 1_000_000_000n),
  };
}

/** The network, the clock, and what happened. */
export class FakeWorld implements EchoWorld {
  /** Milliseconds by this world's clock; set it to stop the tool for a while. */
  nowMs = 0;
  readonly sent: Sent[] = [];
  readonly opened: EchoLinkOptions[] = [];
  /** Wires that were closed again. */
  closed = 0;
  /** Whether what arrives is found only by whoever looks for it. */
  isBusy = false;
  /** Whether answers after no time are there when `send` returns, as on loopback. */
  isNear = false;
  /** Arrivals that were taken as packets. */
  takenInPlace = 0;
  /** Arrivals that were unread at the same time, at most. */
  mostUnread = 0;
  readonly #network: Network;
  readonly #pending: { atMs: number; happen: () => void }[] = [];

  constructor(network: Network) {
    this.#network = network;
  }

  readonly clock = {
    now: () => this.nowMs,
    sleep: (ms: number, signal: AbortSignal) => this.#sleep(ms, signal),
  };

  destinationOf(address: string, family: Family) {
    return {
      address: canonicalAddress(address, family),
      source: SOURCE[family],
      isBroadcast: isMulticast(address),
    };
  }

  /** Lets something happen at a time. */
  at(atMs: number, happen: () => void): void {
    let place = this.#pending.length;
    while (place > 0 && this.#pending[place - 1].atMs > atMs) place--;
    this.#pending.splice(place, 0, { atMs, happen });
  }

  open(family: Family, options: EchoLinkOptions): EchoLink {
    this.opened.push(options);
    const { identifier } = options;
    let arrived: Arrival[] = [];
    let wake = () => {};
    let isClosed = false;
    const instant = () => {
      const ns = Math.round(this.nowMs * 1e6);
      return new Moment(ns, 1_700_000_000 + Math.floor(ns / 1e9), ns % 1e9);
    };
    return {
      identifier,
      destinationOf: (address) => this.destinationOf(address, family),
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
          const arrive = () => {
            const seen = instant();
            arrived.push({ message, receivedNs: seen.realtimeNs, seen });
            this.mostUnread = Math.max(this.mostUnread, arrived.length);
          };
          const tell = () => this.isBusy || wake();
          const isThere = this.isNear && afterMs === 0;
          if (isThere) arrive();
          this.at(this.nowMs + afterMs, () => {
            if (!isThere) arrive();
            tell();
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
      arrived: (most, take) => {
        const batch = arrived.splice(0, most);
        return batch.filter((arrival) => {
          const packet = take && inPlace(arrival);
          const isTaken = packet !== undefined && take!(packet);
          if (isTaken) this.takenInPlace++;
          return !isTaken;
        });
      },
      look: () => {
        wake();
        return nextTurn();
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
