/**
 * What holds for everything that may answer a packet of ours, however bad: it
 * is read, held against what was sent, and shown, without harm.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  buildPacket,
  encodeICMPExtensions,
  encodeTCP,
  encodeUDP,
  type Family,
  forgedPacket,
  type Frame,
  icmpv4,
  icmpv6,
  internetChecksum,
  ipv4,
  ipv6,
  tcp,
  udp,
} from "../../mod.ts";
import { comparePackets } from "../../lib/compare/sent_versus_wire.ts";
import { readForged } from "../../lib/compare/forged_packet.ts";
import { TraceRenderer } from "../../lib/render/tools/trace.ts";
import { renderWire } from "../../lib/render/tools/comparison.ts";
import { Datagram } from "../../lib/socket/datagram.ts";
import { Hop, HopRecord } from "../../lib/tools/trace/hop.ts";
import { readICMPError, SentPackets } from "../../lib/tools/matching.ts";
import {
  hasArrived,
  isSame,
  packetsSeen,
} from "../../lib/compare/seen_packets.ts";
import {
  questionsFor,
  replyTo as isReplyTo,
} from "../../lib/tools/why/reply_sightings.ts";
import { ICMPMethod } from "../../lib/tools/trace/trace_icmp.ts";
import {
  AnswerReader,
  type SentPacket,
} from "../../lib/tools/trace/trace_probe.ts";
import { readTraced } from "../../lib/tools/trace/trace_quote.ts";
import { RawMethod } from "../../lib/tools/trace/trace_method.ts";
import { TCPMethod } from "../../lib/tools/trace/trace_tcp.ts";
import { UDPMethod } from "../../lib/tools/trace/trace_udp.ts";
import { get16, get32, put16 } from "../../lib/wire/octets.ts";
import { type Random, randomInt, randomOf } from "../random.ts";
import type { TestPacket } from "../wire/protocol_packets.ts";

const ADDRESSES = {
  4: { source: "10.9.1.1", destination: "10.9.9.2" },
  6: { source: "2001:db8:9:1::1", destination: "2001:db8:9:9::2" },
} as const;
const ICMP = { 4: 1, 6: 58 } as const;
const TCP = 6;
const UDP = 17;
const ERRORS = { 4: [3, 11, 12], 6: [1, 2, 3, 4] } as const;
const PAYLOAD = Uint8Array.from({ length: 32 }, (_, i) => i * 37);
const EXTENSIONS = encodeICMPExtensions({
  objects: [
    {
      kind: "mplsLabelStack",
      labels: [{ label: 16, trafficClass: 0, bottomOfStack: true, ttl: 1 }],
    },
    { kind: "unknown", classNumber: 5, classType: 1, data: PAYLOAD },
  ],
});
const PORT = { number: 61_000, [Symbol.dispose]() {} };
const INSTANT = { monotonicNs: 0n, realtimeNs: 1_700_000_000n * 10n ** 9n };

/** A trace on its way: one probe, and who reads the answers to it. */
interface OnItsWay {
  readonly family: Family;
  readonly reader: AnswerReader;
  readonly sent: SentPacket;
}

const TRACES: readonly OnItsWay[] = ([4, 6] as const).flatMap(tracesOf);

function tracesOf(family: Family): OnItsWay[] {
  const flow = { family, ...ADDRESSES[family], port: 33_434, isClassic: false };
  const echo = { kind: "echoRequest", identifier: 7, sequence: 5 } as const;
  const ports = { sourcePort: PORT.number, destinationPort: flow.port };
  const syn = { ...ports, sequence: 0xdeadbeef, syn: true };
  const icmp = new ICMPMethod(flow);
  icmp.close();
  const probes = [
    [icmp, (family === 4 ? icmpv4 : icmpv6)(echo), PAYLOAD],
    [new UDPMethod(flow, PORT), udp(ports), PAYLOAD],
    [new TCPMethod(flow), tcp(syn), ""],
    [new RawMethod(253), PAYLOAD, ""],
  ] as const;
  return probes.map(([method, layer, payload]) => {
    const { protocol } = method;
    const shared = { ...ADDRESSES[family], protocol };
    const ip = family === 4
      ? ipv4({ ...shared, ttl: 9, identification: 0x1234 })
      : ipv6({ ...shared, hopLimit: 9 });
    const bytes = buildPacket(ip, layer, payload);
    const traced = readTraced(bytes, family)!;
    const reader = new AnswerReader(flow, method);
    return { family, reader, sent: { bytes, traced, at: INSTANT } };
  });
}

/**
 * Asserts all of it.
 *
 * @returns what was new to see in it
 */
export function checkAnswers(random: Random, packet: TestPacket): string {
  const trace = randomOf(random, TRACES);
  const error = errorAbout(random, trace, packet.bytes);
  return [
    checkTrace(trace, packet.bytes, replyProtocol(trace)),
    checkTrace(trace, error, ICMP[trace.family]),
    checkTrace(trace, replyTo(random, trace), replyProtocol(trace)),
    checkWire(packet),
    checkWhy(trace.family === 4 ? error : packet.bytes),
  ].join(" ");
}

/** From the target, as a raw socket gives it. */
function fromTarget(
  { family }: OnItsWay,
  protocol: number,
  segment: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  if (family === 6) return segment;
  return buildPacket(ipv4({ ...reversed(family), protocol }), segment);
}

const reversed = (family: Family) => ({
  source: ADDRESSES[family].destination,
  destination: ADDRESSES[family].source,
});

/** An ICMP error with the right checksum, of which all else may be wrong. */
function errorAbout(
  random: Random,
  trace: OnItsWay,
  noise: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const { family, sent } = trace;
  const about = randomOf(random, [sent.bytes, noise]);
  const end = randomOf(random, [about.length, 0xffff]);
  const quoted = damaged(random, about.slice(0, randomInt(random, 0, end)));
  const tail = damaged(random, randomOf(random, [EXTENSIONS, noise]).slice());
  const hasTail = randomInt(random, 0, 1) === 1;
  const padding = hasTail ? Math.max(0, 128 - quoted.length) : 0;
  const words = hasTail ? Math.min(255, (quoted.length + padding) >> 2) : 0;
  const error = Uint8Array.of(
    ...[randomOf(random, ERRORS[family]), randomInt(random, 0, 15), 0, 0],
    ...(family === 4 ? [0, words] : [words >> 1, 0]),
    ...[randomInt(random, 0, 6), randomInt(random, 0, 255)],
    ...[...quoted, ...new Uint8Array(padding)],
    ...(hasTail ? tail : []),
  );
  put16(error, 2, internetChecksum(error));
  return fromTarget(trace, ICMP[family], error);
}

/** That of the target's own replies. */
function replyProtocol({ family, sent }: OnItsWay): number {
  const { protocol } = sent.traced;
  return protocol === TCP || protocol === UDP ? protocol : ICMP[family];
}

/** What the target says to the probe, damaged. */
function replyTo(random: Random, trace: OnItsWay): Uint8Array<ArrayBuffer> {
  const { family, sent: { traced: { protocol, segment } } } = trace;
  if (protocol === TCP) {
    const reset = encodeTCP({
      sourcePort: get16(segment, 2),
      destinationPort: get16(segment, 0),
      acknowledgment: get32(segment, 4) + 1,
      ...{ ack: true, rst: true },
    });
    return fromTarget(trace, protocol, damaged(random, reset));
  }
  if (protocol === UDP) {
    const ports = {
      sourcePort: get16(segment, 2),
      destinationPort: get16(segment, 0),
    };
    const datagram = encodeUDP(ports, PAYLOAD, reversed(family));
    return fromTarget(trace, protocol, damaged(random, datagram));
  }
  const reply = segment.slice();
  reply[0] = family === 4 ? 0 : 129;
  put16(damaged(random, reply), 2, 0);
  put16(reply, 2, internetChecksum(reply));
  return fromTarget(trace, protocol, reply);
}

/** A few octets of it are others; often none. */
function damaged(
  random: Random,
  octets: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  if (octets.length === 0) return octets;
  for (let times = randomInt(random, -2, 2); times > 0; times--) {
    octets[randomInt(random, 0, octets.length - 1)] = randomInt(random, 0, 255);
  }
  return octets;
}

/** Reads it as an answer to a probe, and shows what was read. */
function checkTrace(
  { family, reader, sent }: OnItsWay,
  bytes: Uint8Array<ArrayBuffer>,
  protocol: number,
): string {
  const { source, destination } = reversed(family);
  const datagram = new Datagram(bytes, {
    ...{ source, destination, seconds: 1, nanoseconds: 0 },
    ...{ truncated: false, interfaceIndex: 1, hopLimit: 64, error: undefined },
  });
  const arrival = { protocol, datagram, seen: INSTANT };
  const reading = reader.read(arrival, [sent]);
  if (reading === undefined) return "ignored";
  assertEquals(reading.sent, sent, "it answers what was sent");
  const { sent: _, isCertain: __, isTooLong: ___, ...facts } = reading;
  const record = new HopRecord(9, 1);
  record.addAnswer(0, { ...facts, roundTripMs: 1, time: 0 }, sent.bytes.length);
  record.fates.push("answered");
  const event = { type: "hop" as const, hop: new Hop(record) };
  for (const format of ["traceroute", "seed", "json"] as const) {
    const lines = new TraceRenderer({ format }).lines(event);
    for (const line of lines) assertHarmless(line);
  }
  const { type, changes, extensions } = reading;
  return `answer-${protocol}-${type}-${changes.length}-${extensions.length}`;
}

const GIVEN = readForged(forgedPacket({
  ...ADDRESSES[4],
  icmpIdentifier: 7,
  icmpSequence: 5,
}));

const START = { realtimeNs: 0n, monotonicNs: 0n };
const NOW = { receivedNs: 0n, seen: START };
const SENT = new SentPackets();
SENT.add({ ...GIVEN, header: { ...GIVEN.header, ...ADDRESSES[4] } }, START);

/** Takes it for a packet that left, and for one that arrived. */
function checkWire({ bytes, linkType }: TestPacket): string {
  const frame: Frame = {
    ...{ bytes, originalLength: bytes.length, truncated: false, linkType },
    ...{ timestampNs: 0n, interfaceIndex: 2, direction: "outgoing" },
    ...{ protocol: 0x800, source: "02:00:00:00:00:01" },
  };
  const post = { frames: [{ frame, device: "eth0" }] };
  questionsFor(ADDRESSES[4].destination, post);
  const [seen] = packetsSeen(post, "out");
  if (seen === undefined) return "unseen";
  // Translated on the way, it is known again by all but what that changes.
  const header = { ...seen.header, source: "192.0.2.99" };
  assert(hasArrived({ ...seen, header }, seen), "not known behind a NAT");
  for (const given of [GIVEN, forgedOf(seen.bytes) ?? GIVEN]) {
    const route = { type: "unicast" } as const;
    isReplyTo(given, ADDRESSES[4].source, route)(seen);
    const comparison = comparePackets({
      given,
      left: isSame(seen, given) ? seen : undefined,
      arrived: hasArrived(seen, seen) ? seen : undefined,
      there: "receiver",
    });
    for (const line of renderWire(comparison)) {
      assert(line.length <= 80, `too wide: ${line}`);
      assertHarmless(line);
    }
  }
  return "seen";
}

/** Octets as a packet to be sent, if they can be. */
function forgedOf(bytes: Uint8Array) {
  try {
    return readForged(bytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Reads it as an error about a packet that `--why` asks about. */
function checkWhy(packet: Uint8Array): string {
  const error = readICMPError(packet);
  if (error === undefined) return "nothing";
  return SENT.isAbout(error, NOW) ? "about" : "stray";
}

function assertHarmless(line: string): void {
  assert(!/[\p{Cc}\p{Cf}]/u.test(line), `prints ${JSON.stringify(line)}`);
}
