/** Filters where no kernel runs them: the same verdict as Linux' kernel's. */

import { assert, assertEquals } from "@std/assert";
import { libc } from "../../../lib/ffi/libc.ts";
import { ICMP_FILTER, SOL_RAW } from "../../../lib/ffi/linux/numbers.ts";
import { isWanted } from "../../../lib/ffi/windows/messages.ts";
import {
  answersTo,
  answersToEcho,
  anyError,
  errorsAbout,
  REPLIES_AND_ERRORS,
} from "../../../lib/socket/filter/icmp_filter.ts";
import type { FilterInstruction } from "../../../lib/socket/filter/bpf.ts";
import {
  letsThrough,
  runFilter,
} from "../../../lib/socket/filter/run_filter.ts";
import type { RawSocket } from "../../../lib/socket/raw_socket.ts";
import { buildPacket, icmpv4, ipv4, udp } from "../../../mod.ts";
import {
  type Random,
  randomBytes,
  randomInt,
  randomOf,
  seededRandom,
} from "../../random.ts";
import { liveTest } from "../live.ts";
import {
  openIn,
  pair,
  RECEIVER,
  SENDER,
  SOON,
} from "../socket/socket_support.ts";

const MESSAGES = 500;
const IDENTIFIER = 0x4711;
/** Nothing random ends so. */
const END = "the end of all messages";

/** An ICMP message: an answer, an error about something, cut short or odd. */
function randomMessage(random: Random): Uint8Array {
  const identifier = randomInt(random, 0, 2) === 0 ? 1 : IDENTIFIER;
  const echo = { identifier, sequence: randomInt(random, 0, 9) };
  const about = randomInt(random, 0, 1) === 0
    ? icmpv4({ kind: "echoRequest", ...echo })
    : udp({ sourcePort: 7, destinationPort: 53 });
  const quoted = buildPacket(
    ipv4({
      source: RECEIVER,
      destination: randomInt(random, 0, 1) ? SENDER : "192.0.2.9",
    }),
    about,
  );
  const type = [0, 3, 4, 5, 8, 11, 12, 13, 14, 30, 42, 255][
    randomInt(random, 0, 11)
  ];
  const message = buildPacket(icmpv4({ kind: "echoReply", ...echo }), quoted);
  if (type !== 0) message.set(randomBytes(random, 4), 4);
  message[0] = type;
  const isCut = randomInt(random, 0, 4) === 0;
  return isCut ? message.subarray(0, randomInt(random, 8, 40)) : message;
}

/** What each socket received when all was sent, in hexadecimal. */
async function exchange(
  sender: RawSocket,
  all: RawSocket,
  chosen: RawSocket,
): Promise<[all: Uint8Array[], chosen: string[]]> {
  const random = seededRandom(4711);
  const end = new TextEncoder().encode(END);
  for (let i = 0; i < MESSAGES; i++) {
    sender.send(randomMessage(random), RECEIVER);
  }
  sender.send(buildPacket(icmpv4({ kind: "echoReply" }), end), RECEIVER);
  const seen: Uint8Array[] = [];
  for (;;) {
    for (const { bytes } of await all.receiveBatch(SOON)) seen.push(bytes);
    if (seen.at(-1)!.toHex().endsWith(end.toHex())) break;
  }
  // The kernel hands each packet to all of its sockets before the next.
  const taken: string[] = [];
  for (let batch; (batch = chosen.receiveNow()).length > 0;) {
    taken.push(...batch.map(({ bytes }) => bytes.toHex()));
  }
  return [seen, taken];
}

const ICMP = { protocol: 1, receiveBufferBytes: 2 ** 22 } as const;

await liveTest(
  "letsThrough() lets through what the kernel does, by each of our filters",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender", ICMP);
    for (
      const program of [
        answersTo(IDENTIFIER, 4),
        answersToEcho(IDENTIFIER, 4),
        anyError(4),
        errorsAbout(0xc000_0209),
      ]
    ) {
      using all = openIn(lab, "receiver", ICMP);
      using chosen = openIn(lab, "receiver", ICMP);
      chosen.attachFilter(program);
      const [seen, taken] = await exchange(sender, all, chosen);
      const own = seen.filter((packet) => letsThrough(program, packet));
      assertEquals(own.map((packet) => packet.toHex()), taken);
      assert(
        taken.length > 20 && taken.length < seen.length,
        `${taken.length}`,
      );
    }
  },
);

await liveTest(
  "isWanted() passes the ICMP types that the kernel does",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender", ICMP);
    using all = openIn(lab, "receiver", ICMP);
    using chosen = openIn(lab, "receiver", ICMP);
    const { fd } = chosen as unknown as { fd: number };
    const mask = Int32Array.of(REPLIES_AND_ERRORS);
    assertEquals(libc().setsockopt(fd, SOL_RAW, ICMP_FILTER, mask, 4), 0);
    const [seen, taken] = await exchange(sender, all, chosen);
    const socket = {
      ...{ type: 3, protocol: 1, blocks: true, hasHeader: false },
      ...{ packetInfo: false, icmpMask: mask[0], isBound: true },
    };
    const own = seen.filter((packet) => isWanted(socket, packet));
    assertEquals(own.map((packet) => packet.toHex()), taken);
    assert(taken.length > 100 && taken.length < seen.length);
  },
);

/** Loads, stores, calculations and jumps that the kernel takes, with any k. */
const CODES = [
  // ld and ldx: abs, ind, imm, len, mem, msh
  ...[0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0x00, 0x80, 0x60],
  ...[0x01, 0x81, 0x61, 0xb1],
  // st, stx, tax, txa
  ...[0x02, 0x03, 0x07, 0x87],
  // add, sub, mul, div, or, and, lsh, rsh, neg, mod, xor: by k, and by x, but
  // for shifts by more than a word has, which libpcap and the kernel differ on
  ...[0x04, 0x14, 0x24, 0x34, 0x44, 0x54, 0x64, 0x74, 0x84, 0x94, 0xa4],
  ...[0x0c, 0x1c, 0x2c, 0x3c, 0x4c, 0x5c, 0x9c, 0xac],
  // ja, jeq, jgt, jge, jset: by k, and by x
  ...[0x05, 0x15, 0x25, 0x35, 0x45, 0x1d, 0x2d, 0x3d, 0x4d],
];
const IN_MEMORY = [0x60, 0x61, 0x02, 0x03];
const BY_OCTETS = [0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0xb1];
const BY_X = [0x40, 0x48, 0x50];
const SHIFTS = [0x64, 0x74];
const LENGTH = 24;

/** A program that ends, and that may do anything before. */
function randomProgram(random: Random): FilterInstruction[] {
  const program: FilterInstruction[] = [
    // What is in memory is not to be read before it is written.
    ...[0, 1, 2, 3].map((k) => ({ code: 0x02, jt: 0, jf: 0, k })),
    // Something to calculate with.
    { code: 0x20, jt: 0, jf: 0, k: 20 },
    { code: 0xb1, jt: 0, jf: 0, k: 0 },
  ];
  for (let left = LENGTH; left > 0; left--) {
    const code = randomOf(random, CODES);
    const far = () => randomInt(random, 0, Math.min(left, 3) - 1);
    const k = IN_MEMORY.includes(code)
      ? randomInt(random, 0, 3)
      : BY_OCTETS.includes(code)
      ? randomInt(random, 0, 24)
      : SHIFTS.includes(code)
      ? randomInt(random, 0, 31)
      : code === 0x05
      ? far()
      : randomOf(random, [1, 2, 7, 0x45, 0xffff, 0x7fff_ffff, 0xffff_fffe]);
    if (BY_X.includes(code)) {
      // Beyond all packets libpcap and the kernel differ.
      program.push({ code: 0xb1, jt: 0, jf: 0, k: 0 });
    }
    program.push({ code, jt: far(), jf: far(), k });
  }
  // ret a, jgt or jge
  const end = randomOf(random, [0x16, 0x25, 0x35]);
  return [
    ...program,
    { code: 0x54, jt: 0, jf: 0, k: 7 }, // and #7
    { code: end, jt: 0, jf: 1, k: 4 },
    { code: 0x06, jt: 0, jf: 0, k: 0xffff_ffff },
    { code: 0x06, jt: 0, jf: 0, k: 0 },
  ];
}

await liveTest(
  "runFilter() keeps what the kernel keeps, by any program",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    const random = seededRandom(253);
    const verdicts = new Set<number>();
    for (let i = 0; i < 300; i++) {
      const program = randomProgram(random);
      using all = openIn(lab, "receiver");
      using chosen = openIn(lab, "receiver");
      chosen.attachFilter(program);
      for (let n = 0; n < 8; n++) {
        const length = randomInt(random, 0, 30);
        sender.send(randomBytes(random, length), RECEIVER);
      }
      sender.send(new TextEncoder().encode(END), RECEIVER);
      const seen: Uint8Array<ArrayBuffer>[] = [];
      while (seen.length < 9) {
        for (const { bytes } of await all.receiveBatch(SOON)) seen.push(bytes);
      }
      const kept = seen.flatMap((bytes) => {
        const originalLength = bytes.length;
        const packet = {
          bytes,
          originalLength,
          interfaceIndex: 0,
          packetType: 0,
        };
        const octets = runFilter(program, packet);
        verdicts.add(octets);
        return octets > 0 ? [bytes.subarray(0, octets).toHex()] : [];
      });
      const taken = chosen.receiveNow().map(({ bytes }) => bytes.toHex());
      assertEquals(kept, taken, JSON.stringify(program));
    }
    assertEquals(verdicts.size, 9, "of 0 to 7 octets, and of all");
  },
);
