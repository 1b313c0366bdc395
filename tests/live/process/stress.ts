/**
 * Packets each way between two hosts, every octet of each checked,
 * while the garbage collector runs as often as it can: what the kernel is
 * pointed to must stay where it is.
 *
 * Usage: deno run --allow-ffi --v8-flags=--expose-gc stress.ts HOST HOST COUNT
 *
 * @module
 */

import { type OutgoingDatagram, RawSocket } from "../../../mod.ts";

/** Packets on their way at most, for which the receive buffer has room. */
const CHUNK = 512;
/** The octets of an IPv4 header without options. */
const HEADER = 20;

const [firstHost, secondHost, countText] = Deno.args;
const COUNT = Number(countText);
const gc = (globalThis as { gc?: () => void }).gc;
if (gc === undefined) throw new Error("run it with --v8-flags=--expose-gc");

/** Garbage of many sizes, to take the place of whatever is freed too early. */
const garbage: Uint8Array[] = [];
const PIECES = 128;
let collections = 0;

function collectGarbage(number: number): void {
  // Somebody who writes to memory that is freed writes to these.
  for (const piece of garbage) {
    for (let i = 0; i < piece.length; i++) {
      if (piece[i] !== 0xee) throw new Error("somebody wrote to our memory");
    }
  }
  gc!();
  collections++;
  for (let i = 0; i < PIECES; i++) {
    const length = 64 << (i + number / CHUNK) % 8;
    garbage[i] = new Uint8Array(length + i % 64).fill(0xee);
  }
}

/** Mostly short, now and then as long as the MTU allows. */
function lengthOf(number: number): number {
  return number % 61 === 0 ? 4 + number % 1477 : 4 + number % 149;
}

/** The octet at `i` of packet `number`, but for the first four. */
function octetOf(number: number, i: number): number {
  return (number * 167 + (number >>> 8) * 59 + i * 13) & 255;
}

function makePacket(number: number): Uint8Array {
  const bytes = new Uint8Array(lengthOf(number));
  new DataView(bytes.buffer).setUint32(0, number);
  for (let i = 4; i < bytes.length; i++) bytes[i] = octetOf(number, i);
  return bytes;
}

function checkPacket(packet: Uint8Array, number: number): void {
  const { buffer, byteOffset, length } = packet;
  const found = new DataView(buffer, byteOffset).getUint32(HEADER);
  if (found !== number) throw new Error(`packet ${found}, not ${number}`);
  if (length !== HEADER + lengthOf(number)) {
    throw new Error(`packet ${number} has ${length} octets`);
  }
  for (let i = 4; i < length - HEADER; i++) {
    if (packet[HEADER + i] !== octetOf(number, i)) {
      throw new Error(`packet ${number} differs at octet ${i}`);
    }
  }
}

function* chunkFrom(
  number: number,
  destination: string,
): Generator<OutgoingDatagram> {
  for (const end = Math.min(number + CHUNK, COUNT); number < end; number++) {
    yield { bytes: makePacket(number), destination };
  }
}

async function receiveChunk(
  socket: RawSocket,
  number: number,
  source: string,
): Promise<void> {
  const end = Math.min(number + CHUNK, COUNT);
  while (number < end) {
    const batch = await socket.receiveBatch({ timeoutMs: 20_000 });
    for (const datagram of batch) {
      checkPacket(datagram.bytes, number++);
      if (datagram.source !== source) throw new Error(datagram.source);
    }
  }
}

/** Sends all one way. */
async function stream(
  protocol: number,
  from: [namespace: string, address: string],
  to: [namespace: string, address: string],
): Promise<number> {
  using sender = RawSocket.open({ protocol, namespace: from[0] });
  using receiver = RawSocket.open({
    protocol,
    namespace: to[0],
    receiveBufferBytes: 2 ** 24,
  });
  for (let number = 0; number < COUNT; number += CHUNK) {
    await Promise.all([
      sender.sendMany(chunkFrom(number, to[1])),
      receiveChunk(receiver, number, from[1]),
    ]);
    collectGarbage(number);
  }
  return receiver.dropped!;
}

const first: [string, string] = [firstHost, "1.1.1.100"];
const second: [string, string] = [secondHost, "1.1.1.1"];
const dropped = await Promise.all([
  stream(253, first, second),
  stream(254, second, first),
]);
console.log(JSON.stringify({ count: COUNT, dropped, collections }));
