/**
 * Fragments of some hundred packets, in any order and some of them twice or
 * not at all, put together by tshark and by us. Nothing is sent.
 *
 * @module
 */

import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { udp } from "../../../lib/wire/transport/udp.ts";
import { assert, assertEquals } from "@std/assert";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { fragmentIPv4 } from "../../../lib/wire/packet/fragment.ts";
import { decodeIPv4 } from "../../../lib/wire/ipv4/ipv4.ts";
import { encodeIPv4Options } from "../../../lib/wire/ipv4/ipv4_options.ts";
import { LINK_TYPE_RAW } from "../../../lib/wire/link_types.ts";
import { Reassembler } from "../../../lib/wire/packet/reassembler.ts";
import { liveTest } from "../../live/live.ts";
import {
  type Random,
  randomBytes,
  randomInt,
  randomOf,
  seededRandom,
} from "../../random.ts";
import { readWithTshark } from "../tshark.ts";

const PACKETS = 400;
const FIELDS = ["ip.reassembled.data", "udp.checksum.status"];

await liveTest(
  "Reassembler puts together what tshark does, at the same fragment",
  ["tshark"],
  async () => {
    const random = seededRandom(791);
    const fragments = shuffled(random);
    const theirs = await readWithTshark(fragments, LINK_TYPE_RAW, FIELDS, [
      "ip.defragment:TRUE",
      "udp.check_checksum:TRUE",
    ]);
    const reassembler = new Reassembler();
    const whole = new Set<number>();
    for (const [i, fragment] of fragments.entries()) {
      const result = reassembler.add(fragment, 0);
      const [data] = theirs[i]["ip.reassembled.data"] ?? [];
      const { header } = decodeIPv4(fragment);
      if (result.kind !== "complete") {
        // To one that comes again tshark shows what became of the others.
        const isLate = whole.has(header.identification);
        if (!isLate) assertEquals(data, undefined, `fragment ${i}`);
        continue;
      }
      // What fits is no fragment, and there is nothing to put together.
      if (!header.moreFragments && header.fragmentOffset === 0) continue;
      whole.add(header.identification);
      assertEquals(decodeIPv4(result.packet).payload.toHex(), data);
      assertEquals(theirs[i]["udp.checksum.status"], ["1"]);
    }
    assert(whole.size > PACKETS / 3 && whole.size < PACKETS, `${whole.size}`);
  },
);

/** Neighbours are mixed; what is far apart is not. */
function shuffled(random: Random): Uint8Array<ArrayBuffer>[] {
  const all: { at: number; fragment: Uint8Array<ArrayBuffer> }[] = [];
  for (let i = 0; i < PACKETS; i++) {
    for (const fragment of fragmentsOf(random, i)) {
      const chance = random();
      if (chance < 0.05) continue;
      // Those of one packet are near, but not next to each other.
      all.push({ at: i + 5 * random(), fragment });
      if (chance > 0.95) all.push({ at: i + 0.1, fragment });
    }
  }
  return all.sort((a, b) => a.at - b.at).map(({ fragment }) => fragment);
}

function fragmentsOf(
  random: Random,
  identification: number,
): Uint8Array<ArrayBuffer>[] {
  const options = encodeIPv4Options([
    { kind: "unknown", type: 0x9e, data: randomBytes(random, 2) },
    { kind: "recordRoute", pointer: 4, addresses: ["0.0.0.0"] },
  ]);
  const packet = buildPacket(
    ipv4({
      source: `192.0.2.${randomInt(random, 1, 3)}`,
      destination: "192.0.2.9",
      identification,
      ...(random() < 0.3 ? { options } : {}),
    }),
    udp({ sourcePort: 61_000, destinationPort: 61_001 }),
    randomBytes(random, randomInt(random, 100, 1500)),
  );
  const once = fragmentIPv4(packet, randomOf(random, [84, 200, 576]));
  // Some pass a second router, whose link carries less.
  return random() < 0.3
    ? once.flatMap((fragment) => fragmentIPv4(fragment, 68))
    : once;
}
