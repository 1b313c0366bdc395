/**
 * A made-up path in made-up time, for tracing: what each hop does to a probe
 * that comes by or ends there is data. Nothing of the code that reads answers
 * makes them here.
 *
 * @module
 */

import { Datagram } from "../../../lib/socket/datagram.ts";
import { socketError } from "../../../lib/socket/errors.ts";
import type {
  TraceArrival,
  TraceLinkOptions,
  TraceWorld,
} from "../../../lib/tools/trace/trace_world.ts";
import { get16, put16 } from "../../../lib/wire/octets.ts";
import {
  decodeTCP,
  decodeUDP,
  encodeICMPExtensions,
  encodeICMPv4,
  encodeICMPv6,
  encodeIPv4,
  encodeTCP,
  encodeUDP,
  type Family,
  type ICMPExtensionObject,
  internetChecksum,
  type MPLSLabel,
  onesComplementSum,
  parseIPv4,
} from "../../../mod.ts";

/** What is changed in a quote, so that it is none of a probe. */
export type Forgery =
  | "first"
  | "token"
  | "checksum"
  | "payload"
  | "protocol"
  | "outer checksum";

/**
 * How a hop writes the IPv4 header that it quotes: as a machine of the other
 * order, with the length of the payload alone, or with an option.
 */
export type Manner = "swapped" | "payload length" | "option";

/** A message that a hop sends about a probe. */
export interface Message {
  readonly from: string;
  readonly afterMs: number;
  /** Default time exceeded; of the target its own reply. */
  readonly type?: number;
  /** Without a type, of the target: a server listens at the port. */
  readonly code?: number;
  /** TTL that it arrives with; default 64. */
  readonly ttl?: number;
  /** Octets that it quotes behind the IP header; default all. */
  readonly quotes?: number;
  /** TTL in the quote; default what the probe has there. */
  readonly quotedTTL?: number;
  readonly manner?: Manner;
  readonly labels?: readonly MPLSLabel[];
  readonly nextHopMTU?: number;
  /** Whether it does not tell the truth, and how. */
  readonly forged?: Forgery;
}

/** To one probe: nothing, a message, or several. */
type Answer = null | Message | readonly Message[];

/** A hop of the path. */
export interface PathHop {
  /** To the probes that end here, in their order; the last for all more. */
  readonly answers: readonly Answer[];
  /** It rewrites that in all that goes on. */
  readonly trafficClass?: number;
  /** It gives all that goes on in IPv4 this identification. */
  readonly identification?: number;
  /** It lets all that goes on in IPv4 be fragmented. */
  readonly allowsFragments?: boolean;
  /** It translates the source of all that goes on, and its UDP source port. */
  readonly source?: string;
  /** The link behind it takes no more octets; what is longer it complains of. */
  readonly mtu?: number;
  /** What it says that these are; default the truth. */
  readonly claims?: number;
}

/** The path, the last hop being the destination, or a router before silence. */
export interface Path {
  readonly hops: readonly PathHop[];
  /** Whether the last hop is where probes end that could go on. */
  readonly hasTarget: boolean;
}

/** What went out. */
export interface SentProbe {
  readonly atMs: number;
  readonly ttl: number;
  readonly bytes: Uint8Array;
}

const PROTOCOL = { 4: 1, 6: 58 } as const;
const TIME_EXCEEDED = { 4: 11, 6: 3 } as const;
const UNREACHABLE = { 4: 3, 6: 1 } as const;
const HEADER = { 4: 20, 6: 40 } as const;
const SOURCE = { 4: "10.9.1.1", 6: "2001:db8:9:1::1" } as const;

/** What the system says where a firewall of this host drops a probe. */
export const REFUSAL = socketError({
  syscall: "sendto",
  errno: 1,
  action: "send 60 octets to 10.9.9.2",
});

/** The path, the clock, and what happened. */
export class FakeTraceWorld implements TraceWorld {
  nowMs = 0;
  readonly sent: SentProbe[] = [];
  readonly opened: TraceLinkOptions[] = [];
  closed = 0;
  /** Ports that are taken. */
  ports = 0;
  /** Something that happens at some moment. */
  alarm = { atMs: Infinity, ring: () => {} };
  /** Which probes the system refuses to send. */
  refuses: (ttl: number) => boolean = () => false;
  /** How long another packet has to wait. */
  roomMs: () => number = () => 0;
  readonly #path: Path;
  readonly #mtu: number;
  readonly #pending: { atMs: number; arrival: TraceArrival }[] = [];
  readonly #asked = new Map<PathHop, number>();

  constructor(path: Path, mtu = 1500) {
    this.#path = path;
    this.#mtu = mtu;
  }

  now = () => this.nowMs;

  linkMTU = () => this.#mtu;

  routeTo(destination: string) {
    const family = destination.includes(":") ? 6 : 4;
    return {
      source: SOURCE[family],
      mtu: 1500,
      ttl: 64,
      discoversMTU: true,
      isBroadcast: false,
    };
  }

  takePort() {
    this.ports++;
    return { number: 61_234, [Symbol.dispose]: () => void this.ports-- };
  }

  open(options: TraceLinkOptions) {
    this.opened.push(options);
    const roomMs = () => this.roomMs();
    return {
      get roomMs() {
        return roomMs();
      },
      send: (bytes: Uint8Array) => {
        const ttl = bytes[options.family === 4 ? 8 : 7];
        if (this.refuses(ttl)) throw REFUSAL;
        this.sent.push({ atMs: this.nowMs, ttl, bytes: bytes.slice() });
        this.#travel(bytes.slice(), options.family);
        return this.#instant(this.nowMs);
      },
      receiveNow: () => this.#arrived(),
      receive: (ms: number, signal: AbortSignal) => {
        if (signal.aborted) return Promise.resolve([]);
        const times = this.#pending.map(({ atMs }) => atMs);
        const { atMs, ring } = this.alarm;
        const next = Math.min(this.nowMs + ms, atMs, ...times);
        this.nowMs = Math.max(this.nowMs, next);
        if (this.nowMs >= atMs) ring();
        if (signal.aborted) return Promise.resolve([]);
        return Promise.resolve(this.#arrived());
      },
      [Symbol.dispose]: () => void this.closed++,
    };
  }

  #instant(ms: number) {
    const ns = BigInt(Math.round(ms * 1e6));
    return { monotonicNs: ns, realtimeNs: 1_700_000_000n * 10n ** 9n + ns };
  }

  #arrived(): TraceArrival[] {
    this.#pending.sort((a, b) => a.atMs - b.atMs);
    const count = this.#pending.filter(({ atMs }) => atMs <= this.nowMs).length;
    const seen = this.#instant(this.nowMs);
    return this.#pending.splice(0, count)
      .map(({ arrival }) => ({ ...arrival, seen }));
  }

  /** Sends a packet along the path, until it ends. */
  #travel(packet: Uint8Array<ArrayBuffer>, family: Family): void {
    const at = family === 4 ? 8 : 7;
    const { hops, hasTarget } = this.#path;
    for (const [i, hop] of hops.entries()) {
      const isTarget = hasTarget && i === hops.length - 1;
      if (packet[at] === 1 || isTarget) {
        return this.#end(hop, packet, family, isTarget);
      }
      if (hop.mtu !== undefined && packet.length > hop.mtu) {
        const { from, afterMs } = [hop.answers[0]].flat()[0]!;
        const tooLong = family === 4 ? { type: 3, code: 4 } : { type: 2 };
        return this.#say(
          {
            from,
            afterMs,
            ...tooLong,
            nextHopMTU: hop.claims ?? hop.mtu,
          },
          packet,
          family,
        );
      }
      packet[at]--;
      if (hop.trafficClass !== undefined) {
        if (family === 4) packet[1] = hop.trafficClass;
        else {
          packet[0] = 0x60 | hop.trafficClass >> 4;
          packet[1] = (hop.trafficClass & 15) << 4 | packet[1] & 15;
        }
      }
      if (hop.identification !== undefined) {
        put16(packet, 4, hop.identification);
      }
      if (hop.allowsFragments) packet[6] &= ~0x40;
      if (hop.source !== undefined) translate(packet, hop.source);
    }
  }

  #end(
    hop: PathHop,
    packet: Uint8Array<ArrayBuffer>,
    family: Family,
    isTarget: boolean,
  ): void {
    const count = this.#asked.get(hop) ?? 0;
    this.#asked.set(hop, count + 1);
    const answer = hop.answers[Math.min(count, hop.answers.length - 1)];
    for (const message of [answer].flat()) {
      if (message === null) continue;
      if (isTarget && message.type === undefined) {
        this.#reply(message, packet, family);
      } else this.#say(message, packet, family);
    }
  }

  /** What a host says to a probe that reaches it. */
  #reply(
    message: Message,
    packet: Uint8Array<ArrayBuffer>,
    family: Family,
  ): void {
    const protocol = packet[family === 4 ? 9 : 6];
    const segment = packet.slice(HEADER[family]);
    if (protocol === PROTOCOL[family]) {
      segment[0] = family === 4 ? 0 : 129;
      put16(segment, 2, 0);
      put16(segment, 2, internetChecksum(segment));
      return this.#arrive(message, protocol, segment, family);
    }
    if (protocol === 6) {
      const { header } = decodeTCP(segment);
      const reset = encodeTCP({
        sourcePort: header.destinationPort,
        destinationPort: header.sourcePort,
        acknowledgment: (header.sequence + 1) >>> 0,
        ack: true,
        rst: message.code === undefined,
        syn: message.code !== undefined,
      });
      return this.#arrive(message, protocol, reset, family);
    }
    const isUDP = protocol === 17;
    if (isUDP && message.code !== undefined) {
      const { header } = decodeUDP(segment);
      const ports = {
        sourcePort: header.destinationPort,
        destinationPort: header.sourcePort,
      };
      const addresses = { source: message.from, destination: SOURCE[family] };
      const datagram = encodeUDP(ports, new Uint8Array(9), addresses);
      return this.#arrive(message, protocol, datagram, family);
    }
    this.#say(
      {
        ...message,
        ...(family === 4 || isUDP
          ? {
            type: UNREACHABLE[family],
            code: isUDP ? family === 4 ? 3 : 4 : 2,
          }
          : { type: 4, code: 1 }),
      },
      packet,
      family,
    );
  }

  /** An ICMP error about a packet. */
  #say(
    message: Message,
    packet: Uint8Array<ArrayBuffer>,
    family: Family,
  ): void {
    const { labels, quotes, quotedTTL, forged, manner } = message;
    const { nextHopMTU = 0 } = message;
    const { type = TIME_EXCEEDED[family], code = 0 } = message;
    const end = quotes === undefined ? packet.length : HEADER[family] + quotes;
    const quoted = inManner(packet.slice(0, end), manner);
    if (quotedTTL !== undefined) quoted[family === 4 ? 8 : 7] = quotedTTL;
    if (forged !== undefined) forge(quoted, forged, family);
    const objects: ICMPExtensionObject[] = labels === undefined
      ? []
      : [{ kind: "mplsLabelStack", labels }];
    const extensions = objects.length === 0
      ? undefined
      : encodeICMPExtensions({ objects });
    const fields = { code, quoted, extensions };
    const octets = family === 4
      ? encodeICMPv4(
        type === 11
          ? { kind: "timeExceeded", ...fields }
          : type === 3
          ? { kind: "destinationUnreachable", ...fields, nextHopMTU }
          : { kind: "parameterProblem", ...fields },
      )
      : encodeICMPv6(
        type === 3
          ? { kind: "timeExceeded", ...fields }
          : type === 1
          ? { kind: "destinationUnreachable", ...fields }
          : type === 2
          ? { kind: "packetTooBig", mtu: nextHopMTU, quoted }
          : { kind: "parameterProblem", code, quoted },
        { source: message.from, destination: SOURCE[6] },
      );
    if (forged === "outer checksum") octets[2] ^= 1;
    this.#arrive(message, PROTOCOL[family], octets, family);
  }

  #arrive(
    { from, afterMs, ttl = 64 }: Message,
    protocol: number,
    octets: Uint8Array<ArrayBuffer>,
    family: Family,
  ): void {
    const atMs = this.nowMs + afterMs;
    const ns = this.#instant(atMs).realtimeNs;
    const packet = family === 4
      ? encodeIPv4(
        { source: from, destination: SOURCE[4], protocol, ttl },
        octets,
      )
      : octets;
    const datagram = new Datagram(packet, {
      source: from,
      destination: SOURCE[family],
      seconds: Number(ns / 10n ** 9n),
      nanoseconds: Number(ns % 10n ** 9n),
      truncated: false,
      interfaceIndex: 1,
      hopLimit: family === 6 ? ttl : undefined,
      error: undefined,
    });
    const seen = this.#instant(atMs);
    this.#pending.push({ atMs, arrival: { protocol, datagram, seen } });
  }
}

/** As a translator does to UDP over IPv4: address, port, and checksum. */
function translate(packet: Uint8Array, source: string): void {
  const covered = () =>
    onesComplementSum(packet.subarray(12, 20)) +
    onesComplementSum(packet.subarray(20, 26));
  const before = covered();
  const value = parseIPv4(source);
  put16(packet, 12, value >>> 16);
  put16(packet, 14, value & 0xffff);
  put16(packet, 20, 1024);
  // RFC 1624: HC' = ~(~HC + ~m + m')
  let sum = (~get16(packet, 26) & 0xffff) + covered() + 0xffff * 4 - before;
  while (sum > 0xffff) sum = (sum >>> 16) + (sum & 0xffff);
  put16(packet, 26, ~sum & 0xffff);
}

/** A quote as a hop writes it. */
function inManner(
  quoted: Uint8Array<ArrayBuffer>,
  manner: Manner | undefined,
): Uint8Array<ArrayBuffer> {
  const swap = (at: number) => quoted.subarray(at, at + 2).reverse();
  switch (manner) {
    case "swapped":
      for (const at of [2, 4, 6]) swap(at);
      return quoted;
    case "payload length":
      put16(quoted, 2, get16(quoted, 2) - HEADER[4]);
      return quoted;
    case "option": {
      const header = quoted.slice(0, HEADER[4]);
      header[0]++;
      const option = [0x94, 4, 0, 0]; // Router alert (RFC 2113).
      return Uint8Array.of(...header, ...option, ...quoted.slice(HEADER[4]));
    }
    case undefined:
      return quoted;
  }
}

/** Makes a quote one that only somebody sends who has not seen the probe. */
function forge(quoted: Uint8Array, what: Forgery, family: Family): void {
  const segment = quoted.subarray(HEADER[family]);
  switch (what) {
    case "protocol":
      quoted[family === 4 ? 9 : 6] ^= 1;
      break;
    case "first":
      segment[1] ^= 1;
      break;
    case "token":
      segment[7] ^= 1;
      break;
    case "checksum":
      segment[3] ^= 1;
      break;
    case "payload":
      segment[9] ^= 1;
  }
}
