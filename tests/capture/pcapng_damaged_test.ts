import { assertEquals } from "@std/assert";
import { type Octets, PcapngFile } from "./files.ts";
import { readAll } from "./read.ts";

const bytes = Uint8Array.of(0xaa, 0xbb, 0xcc);

/** A section with one Ethernet interface: 28 + 20 octets. */
const begun = () => new PcapngFile().section().interface(1);
const BEGUN = 48;

Deno.test("readCapture() of damaged pcapng files", async () => {
  const enhanced = (...numbers: number[]) => (body: Octets) => {
    body.u32(...numbers);
  };
  const cases: [file: PcapngFile, offset: number, reason: string][] = [
    [
      new PcapngFile().section({ version: [2, 0] }),
      12,
      "version 2.0 of pcapng, but only 1.0 is known",
    ],
    [
      new PcapngFile().section({ version: [1, 1] }),
      12,
      "version 1.1 of pcapng, but only 1.0 is known",
    ],
    [
      new PcapngFile().section().simple({ bytes }),
      36,
      "a packet of interface 0, but its section has described 0",
    ],
    [
      begun().section().simple({ bytes }),
      BEGUN + 36,
      "a packet of interface 0, but its section has described 0",
    ],
    [
      begun().block(6, enhanced(1, 0, 0, 0, 0)),
      BEGUN + 8,
      "a packet of interface 1, but its section has described 1",
    ],
    [
      begun().block(6, enhanced(0, 0, 0, 5, 5, 0)),
      BEGUN + 20,
      "a packet of 5 octets, but its block has room for 4",
    ],
    [
      begun().block(6, enhanced(0, 0, 0, 0xffff_ffff, 5)),
      BEGUN + 20,
      "a packet of 4294967295 octets, but its block has room for 0",
    ],
    [
      begun().block(2, enhanced(0, 0, 0, 1, 5)),
      BEGUN + 20,
      "a packet of 1 octets, but its block has room for 0",
    ],
    [
      begun().block(3, enhanced(9, 0, 0)),
      BEGUN + 8,
      "a packet of 9 octets, but its block has room for 8",
    ],
    [
      begun().block(6, enhanced(0, 0, 0, 0)),
      BEGUN + 4,
      "an enhanced packet block of 28 octets, but it must be 32 or more, and a multiple of 4",
    ],
    [
      begun().block(2, enhanced()),
      BEGUN + 4,
      "an obsolete packet block of 12 octets, but it must be 32 or more, and a multiple of 4",
    ],
    [
      begun().block(3, enhanced()),
      BEGUN + 4,
      "a simple packet block of 12 octets, but it must be 16 or more, and a multiple of 4",
    ],
    [
      begun().block(1, enhanced(0)),
      BEGUN + 4,
      "an interface description block of 16 octets, but it must be 20 or more, and a multiple of 4",
    ],
    [
      begun().interface(1, { options: [[9, []]] }),
      BEGUN + 16,
      "the timestamps' resolution has 0 octets, but must have 1",
    ],
    [
      begun().interface(1, { options: [[2, [1]], [14, [1, 2, 3, 4]]] }),
      BEGUN + 24,
      "the timestamps' offset has 4 octets, but must have 8",
    ],
    [
      begun().block(1, (body) => body.u16(1, 0).u32(0).u16(5, 9).u32(0, 0)),
      BEGUN + 16,
      "an option of 9 octets, but its block has 8 left",
    ],
    [
      Array.from({ length: 65_536 }).reduce(
        (file: PcapngFile) => file.interface(1),
        begun(),
      ),
      BEGUN + 65_535 * 20,
      "a section of more than 65536 interfaces makes no sense",
    ],
  ];
  for (const [file, offset, reason] of cases) {
    const { packets, error } = await readAll([file.build("").bytes]);
    assertEquals(packets, []);
    assertEquals([error?.offset, error?.reason], [offset, reason]);
  }
});

Deno.test("readCapture() of pcapng blocks with wrong lengths", async () => {
  const section = "0a0d0d0a" + "1c000000" + "4d3c2b1a" + "01000000" +
    "ffffffffffffffff" + "1c000000";
  const cases: [hex: string, offset: number, reason: string][] = [
    [
      "0a0d0d0a" + "1c000000" + "4d3c2b1b",
      8,
      "a section's byte order is 4d3c2b1b, but must be 1a2b3c4d or 4d3c2b1a",
    ],
    [
      "0a0d0d0a" + "1c000000",
      0,
      "the file ends after 8 of the 12 octets of the header of a block",
    ],
    [
      "0a0d0d0a" + "0000001c" + "1a2b3c4d" + "0001",
      0,
      "the file ends after 14 of the 28 octets of a section header block",
    ],
    [
      "0a0d0d0a" + "18000000" + "4d3c2b1a",
      4,
      "a section header block of 24 octets, but it must be 28 or more, and a multiple of 4",
    ],
    [
      "0a0d0d0a" + "1e000000" + "4d3c2b1a",
      4,
      "a section header block of 30 octets, but it must be 28 or more, and a multiple of 4",
    ],
    [
      "0a0d0d0a" + "04001000" + "4d3c2b1a",
      4,
      "a section header block of 1048580 octets, but more than 1048576 make no sense",
    ],
    [
      section.slice(0, -8) + "1c000001",
      24,
      "a block's length is 16777244 at its end, but 28 at its start",
    ],
    [
      section + "77777777" + "08000000" + "00000000",
      32,
      "a block of 8 octets, but it must be 12 or more, and a multiple of 4",
    ],
    [
      section + "77777777" + "0d000000" + "00000000",
      32,
      "a block of 13 octets, but it must be 12 or more, and a multiple of 4",
    ],
    [
      section + "77777777" + "0c000000" + "0d000000",
      36,
      "a block's length is 13 at its end, but 12 at its start",
    ],
    [
      section + "77777777" + "fcffffff" + "00000000",
      28,
      "the file ends after 12 of the 4294967292 octets of a block",
    ],
    [
      section + "06000000" + "fcffffff" + "00000000",
      32,
      "an enhanced packet block of 4294967292 octets, but more than 1048576 make no sense",
    ],
    [
      section + "06000000" + "24000000" + "00000000",
      28,
      "the file ends after 12 of the 36 octets of an enhanced packet block",
    ],
  ];
  for (const [hex, offset, reason] of cases) {
    const { packets, error } = await readAll([Uint8Array.fromHex(hex)]);
    assertEquals(packets, []);
    assertEquals([error?.offset, error?.reason], [offset, reason], hex);
  }
});
