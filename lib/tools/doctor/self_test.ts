/**
 * Each kind of socket, tried on loopback: one packet sent, and received.
 *
 * @module
 */

import type { Family } from "../../wire/address.ts";
import { LINK_TYPE_RAW } from "../../wire/link_types.ts";
import { ethernet } from "../../wire/link/ethernet_protocol.ts";
import { ipv4 } from "../../wire/ipv4/ipv4_protocol.ts";
import { buildPacket } from "../../wire/packet/build.ts";
import type { Datagram } from "../../socket/datagram.ts";
import { SocketError, TimeoutExceeded } from "../../socket/errors.ts";
import { compileFilter } from "../../socket/filter/capture_filter.ts";
import { AsyncSocket } from "../../socket/icmp/async_socket.ts";
import { ICMPRequest } from "../../socket/icmp/icmp_request.ts";
import {
  type ICMPSocket,
  ICMPv4Socket,
  ICMPv6Socket,
} from "../../socket/icmp/icmp_socket.ts";
import { PacketSocket } from "../../socket/packet_socket.ts";
import { RawSocket } from "../../socket/raw_socket.ts";
import type { Frame } from "../../socket/ring/frame.ts";
import type { ReceivingSocket } from "../../socket/receiving_socket.ts";
import type { SocketKind, SocketTest } from "./machine_facts.ts";

/** The pair's protocol, for experiments (RFC 3692). */
const PROTOCOL = 253;
/** For frames of one's own (IEEE 802). */
const EXPERIMENTAL_ETHER_TYPE = 0x88b5;
const LOOPBACK = { 4: "127.0.0.1", 6: "::1" } as const;
/** Another address of this host's. */
const OTHER = "127.0.0.2";
/** What is on its way on loopback for longer than this was dropped. */
const PATIENCE_MS = 1000;
/** A clock that is set meanwhile is no fault of the time stamps. */
const TOLERANCE_MS = 60_000;

const TESTS: Readonly<Record<SocketKind, () => Promise<void>>> = {
  raw: () => sendRaw(4),
  ownHeader: sendOwnHeader,
  rawIPv6: () => sendRaw(6),
  icmp: () => echo(ICMPv4Socket, 4, true),
  icmpv6: () => echo(ICMPv6Socket, 6, true),
  ping: () => echo(ICMPv4Socket, 4, false),
  pingIPv6: () => echo(ICMPv6Socket, 6, false),
  packet: sendFrame,
  filter: filterPackets,
  timeStamps: stampPacket,
};

/**
 * Tries kinds of sockets, one after the other, so that on a slow machine none
 * waits for another. Packets go to 127.0.0.1 and ::1 alone.
 */
export async function testSockets(
  kinds: readonly SocketKind[],
): Promise<SocketTest[]> {
  const tests: SocketTest[] = [];
  for (const kind of kinds) tests.push(await testSocket(kind));
  return tests;
}

async function testSocket(kind: SocketKind): Promise<SocketTest> {
  try {
    await TESTS[kind]();
    return { kind, outcome: "works" };
  } catch (error) {
    if (error instanceof TimeoutExceeded) return { kind, outcome: "silent" };
    if (!(error instanceof Error)) throw error;
    const { remedy, code } = error instanceof SocketError
      ? error
      : { remedy: undefined, code: undefined };
    return { kind, outcome: "refused", reason: error.message, code, remedy };
  }
}

/** Octets that nobody else sends. */
function token(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(16));
}

/** The first of what arrives that ends in some octets. */
async function receiveEnding<Received extends Datagram | Frame>(
  socket: ReceivingSocket<Received>,
  ending: Uint8Array,
): Promise<Received> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const leftMs = Math.ceil(deadline - performance.now());
    const timeoutMs = Math.max(0, leftMs);
    const received = await socket.receive({ timeoutMs });
    const last = received.bytes.subarray(-ending.length);
    if (last.every((octet, i) => octet === ending[i])) return received;
    if (leftMs <= 0) throw new TimeoutExceeded(PATIENCE_MS);
  }
}

async function sendRaw(family: Family): Promise<void> {
  const address = LOOPBACK[family];
  const options = { protocol: PROTOCOL, family, bindAddress: address };
  using receiver = RawSocket.open(options);
  using sender = RawSocket.open(options);
  const payload = token();
  sender.send(payload, address);
  await receiveEnding(receiver, payload);
}

async function sendOwnHeader(): Promise<void> {
  using receiver = RawSocket.open({ protocol: PROTOCOL });
  using sender = RawSocket.open({ protocol: 255, headerIncluded: true });
  const payload = token();
  const address = LOOPBACK[4];
  const header = ipv4({
    source: address,
    destination: address,
    protocol: PROTOCOL,
  });
  sender.send(buildPacket(header, payload), address);
  await receiveEnding(receiver, payload);
}

async function echo(
  Socket: typeof ICMPv4Socket | typeof ICMPv6Socket,
  family: Family,
  privileged: boolean,
): Promise<void> {
  using socket = new AsyncSocket<ICMPSocket>(new Socket({ privileged }));
  const [id] = crypto.getRandomValues(new Uint16Array(1));
  const request = new ICMPRequest(LOOPBACK[family], { id, sequence: 1 });
  socket.send(request);
  const reply = await socket.receive(request, { timeoutMs: PATIENCE_MS });
  reply.raiseForStatus();
}

async function sendFrame(): Promise<void> {
  using socket = PacketSocket.open({
    device: "lo",
    protocol: EXPERIMENTAL_ETHER_TYPE,
  });
  const payload = token();
  const header = ethernet({ typeOrLength: EXPERIMENTAL_ETHER_TYPE });
  socket.send(buildPacket(header, payload));
  await receiveEnding(socket, payload);
}

/** The kernel keeps back what a filter does not let through. */
async function filterPackets(): Promise<void> {
  const criteria = { protocol: PROTOCOL, host: OTHER };
  const open = (bindAddress: string) =>
    RawSocket.open({ protocol: PROTOCOL, bindAddress });
  using receiver = open(LOOPBACK[4]);
  using first = open(LOOPBACK[4]);
  using second = open(OTHER);
  receiver.attachFilter(compileFilter(criteria, { linkType: LINK_TYPE_RAW }));
  const payload = token();
  for (const sender of [first, second]) sender.send(payload, LOOPBACK[4]);
  const { source } = await receiveEnding(receiver, payload);
  if (source === OTHER) return;
  throw new Error(`the kernel let a packet of ${source} through its filter`);
}

async function stampPacket(): Promise<void> {
  const options = { protocol: PROTOCOL, bindAddress: LOOPBACK[4] };
  using socket = RawSocket.open(options);
  const payload = token();
  socket.send(payload, LOOPBACK[4]);
  const { timestampNs } = await receiveEnding(socket, payload);
  const stampMs = Number(timestampNs / 1_000_000n);
  if (Math.abs(Date.now() - stampMs) < TOLERANCE_MS) return;
  throw new Error("the kernel's time stamps are not of now");
}
