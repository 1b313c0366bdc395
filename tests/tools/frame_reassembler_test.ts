import { assert, assertEquals } from "@std/assert";
import {
  buildPacket,
  ethernet,
  type FragmentFrame,
  fragmentIPv4,
  FrameReassembler,
  gre,
  ipv4,
  LINK_TYPE_ETHERNET,
  LINK_TYPE_RAW,
  type ReassemblyEvent,
  udp,
} from "../../mod.ts";

/** A datagram of 2,000 octets. */
function datagram(identification = 7): Uint8Array {
  return buildPacket(
    ipv4({ source: "10.0.0.1", destination: "10.0.0.2", identification }),
    udp({ sourcePort: 9, destinationPort: 4000 }),
    Uint8Array.from({ length: 2000 }, (_, i) => i * 7),
  );
}

const [FIRST, SECOND] = fragmentIPv4(datagram(), 1500);

/** A frame's octets, and what else there is of it. */
type Given = [bytes: Uint8Array, frame?: Partial<FragmentFrame>];

/** Takes frames in, numbered from 1, and ends. */
function reassemble(given: readonly Given[]) {
  const reassembler = new FrameReassembler();
  const told: ReassemblyEvent[] = given.flatMap(([bytes, frame], i) =>
    reassembler.add({
      number: i + 1,
      bytes,
      linkType: LINK_TYPE_RAW,
      interfaceIndex: 1,
      ...frame,
    })
  );
  told.push(...reassembler.end());
  return { told, summary: reassembler.summary };
}

/** In words. */
function words(given: readonly Given[]): string[] {
  return reassemble(given).told.map((event) => {
    switch (event.type) {
      case "reassembled":
        return `whole ${event.numbers}`;
      case "incomplete":
        return `${event.cause} ${event.numbers}`;
      case "discarded":
        return `discarded ${event.number}`;
    }
  });
}

const inVLAN = (vid: number, packet: Uint8Array): Given => [
  buildPacket(ethernet({ vlanTags: [{ vid }], typeOrLength: 0x800 }), packet),
  { linkType: LINK_TYPE_ETHERNET },
];
const seconds = (count: number) => ({ timestampNs: BigInt(count) * 10n ** 9n });

const CASES: [name: string, frames: Given[], told: string[]][] = [
  ["no fragment", [[datagram()]], []],
  ["two fragments", [[SECOND], [FIRST]], ["whole 2,1"]],
  ["one is missing", [[FIRST]], ["ended 1"]],
  ["one comes twice", [[FIRST], [FIRST], [SECOND]], ["whole 1,3"]],
  [
    "one was cut short by the capture",
    [[FIRST.subarray(0, 96)], [SECOND]],
    ["discarded 1", "ended 2"],
  ],
  [
    "padding behind one is none of it",
    [[FIRST], [Uint8Array.of(...SECOND, 0, 0)]],
    ["whole 1,2"],
  ],
  [
    "what crosses two interfaces is two packets",
    [
      [FIRST, { interfaceIndex: 1 }],
      [FIRST, { interfaceIndex: 2 }],
      [SECOND, { interfaceIndex: 1 }],
      [SECOND, { interfaceIndex: 2 }],
    ],
    ["whole 1,3", "whole 2,4"],
  ],
  [
    "and so is what comes in and goes out by the same",
    [
      [FIRST, { direction: "host" }],
      [FIRST, { direction: "outgoing" }],
      [SECOND, { direction: "host" }],
      [SECOND, { direction: "outgoing" }],
    ],
    ["whole 1,3", "whole 2,4"],
  ],
  [
    "and what is in two VLANs",
    [inVLAN(1, FIRST), inVLAN(2, FIRST), inVLAN(1, SECOND), inVLAN(2, SECOND)],
    ["whole 1,3", "whole 2,4"],
  ],
  [
    "half a minute",
    [[FIRST, seconds(100)], [SECOND, seconds(129)]],
    ["whole 1,2"],
  ],
  [
    "more than half a minute",
    [[FIRST, seconds(100)], [SECOND, seconds(131)]],
    ["timedOut 1", "ended 2"],
  ],
  [
    "a file that goes back in time, or knows none",
    [[FIRST, seconds(1000)], [datagram(), seconds(10)], [SECOND]],
    ["whole 1,3"],
  ],
  [
    "nothing takes too long in what is past",
    [[datagram(9), seconds(1000)], [FIRST, seconds(10)], [SECOND, seconds(45)]],
    ["whole 2,3"],
  ],
  [
    "times before 1970",
    [[FIRST, seconds(-100)], [SECOND, seconds(-60)]],
    ["timedOut 1", "ended 2"],
  ],
];

Deno.test("FrameReassembler tells what became of fragments", () => {
  for (const [name, frames, wanted] of CASES) {
    assertEquals(words(frames), wanted, name);
  }
});

Deno.test("FrameReassembler tells the packet, and counts", () => {
  const [event] = reassemble([[FIRST], [SECOND, seconds(5)]]).told;
  assert(event.type === "reassembled");
  assertEquals(event.bytes, datagram());
  assertEquals(event.timestampNs, 5_000_000_000n);
  assertEquals([event.linkType, event.originalLength], [LINK_TYPE_RAW, 2028]);

  const bad = FIRST.slice();
  bad[100] ^= 1;
  const [other] = fragmentIPv4(datagram(8), 1500);
  const { told, summary } = reassemble([[FIRST], [bad], [SECOND], [other]]);
  assertEquals(summary, { reassembled: 0, incomplete: 1, discarded: 2 });
  assertEquals(told.at(-1), {
    type: "incomplete",
    layer: "ipv4",
    source: "10.0.0.1",
    destination: "10.0.0.2",
    protocol: 17,
    identification: 8,
    cause: "ended",
    octets: 1480,
    length: null,
    numbers: [4],
  });
});

Deno.test("FrameReassembler finds fragments in a tunnel, and in its fragments", () => {
  const outer = (identification: number, inner: Uint8Array) =>
    buildPacket(
      ipv4({ source: "1.1.1.1", destination: "1.1.1.2", identification }),
      gre({ protocol: 0x800 }),
      inner,
    );
  assertEquals(
    words([[outer(1, FIRST)], [outer(2, SECOND)]]),
    ["whole 1,2"],
  );
  const frames = [outer(1, FIRST), outer(2, SECOND)]
    .flatMap((packet): Given[] =>
      fragmentIPv4(packet, 1000).map((fragment) => [fragment])
    );
  assertEquals(frames.length, 3);
  assertEquals(words(frames), ["whole 1,2", "whole 2,3"]);
  const framed = frames.map(([packet]) => inVLAN(1, packet));
  assertEquals(words(framed), ["whole 1,2", "whole 2,3"]);
});

Deno.test("FrameReassembler takes no more memory from a flood of fragments", () => {
  const reassembler = new FrameReassembler();
  let told = 0;
  const [fragment] = fragmentIPv4(datagram(), 68);
  for (let number = 1; number <= 20_000; number++) {
    fragment[4] = number >> 8;
    fragment[5] = number;
    told += reassembler.add({
      number,
      bytes: fragment,
      linkType: LINK_TYPE_RAW,
      interfaceIndex: 1,
    }).length;
  }
  // As many are waited for as the limit says, and all others told.
  assertEquals(told, 20_000 - 1024);
  assertEquals(reassembler.end().length, 1024);
});
