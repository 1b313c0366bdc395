/** Packets that are made by hand, field by field. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  changeable,
  changed,
  draftOf,
  KINDS,
  newDraft,
} from "../../lib/page/packet/draft.ts";
import { placeFields } from "../../lib/render/packet/placed_fields.ts";
import type { Packet } from "../../lib/page/state/store.ts";
import { LINK_TYPE_ETHERNET } from "../../lib/wire/link_types.ts";
import { buildPacket } from "../../lib/wire/packet/build.ts";
import { dissect, headersOf } from "../../lib/wire/packet/dissect.ts";
import { igmp, ipv4, ipv6, sctp, udp } from "../../lib/wire/packet/layers.ts";

/** Changes the field of a label, as a person does. */
function change(draft: Packet, label: string, text: string, isHeld = false) {
  const placed = placeFields(draft.bytes, dissect(draft.bytes));
  const field = placed.fields.find(({ field }) => field.label === label)!;
  const known = changeable(draft, placed, field);
  assert(known !== undefined, `${label} cannot be changed`);
  return changed(draft, known, text, isHeld);
}

const problems = ({ bytes }: Packet) =>
  dissect(bytes).problems.map(({ layer, field }) => `${layer} ${field}`);

Deno.test("every new packet is whole and right", () => {
  for (const kind of KINDS) {
    const draft = kind === "echo6"
      ? newDraft(kind, "2001:db8::100", "2001:db8::1")
      : newDraft(kind, "1.1.1.100", "1.1.1.1");
    assertEquals(problems(draft), [], kind);
  }
  const { bytes } = newDraft("hello", "1.1.1.100", "1.1.1.1");
  assertEquals(bytes[9], 253);
  assertEquals(new TextDecoder().decode(bytes.subarray(20)), "Hello World!");
});

Deno.test("what is derived follows a change, or is held", () => {
  const draft = newDraft("udp", "1.1.1.100", "1.1.1.1");
  for (const [label, text] of [["Time to Live", "1"], ["Source Port", "7"]]) {
    assertEquals(problems(change(draft, label, text)), []);
  }
  assertEquals(problems(change(draft, "Time to Live", "1", true)), [
    "ipv4 checksum",
  ]);
  const moved = change(draft, "Source Address", "10.0.0.1", true);
  assertEquals(problems(moved), ["ipv4 checksum", "udp checksum"]);
  const data = change(draft, "Data", "414243");
  assertEquals(data.bytes.length, draft.bytes.length - 1);
  assertEquals(problems(data), []);
});

Deno.test("bits and numbers are typed as people write them", () => {
  const draft = newDraft("echo", "1.1.1.100", "1.1.1.1");
  assertEquals(change(draft, "Don't fragment", "1").bytes[6], 0x40);
  assertEquals(change(draft, "Time to Live", "0x10").bytes[8], 16);
  const FAULTS = [
    ["Don't fragment", "2"],
    ["Time to Live", "x"],
    ["Time to Live", ""],
    ["Time to Live", "256"],
    ["Time to Live", "1.5"],
    ["Source Address", "1.1.1"],
  ];
  for (const [label, text] of FAULTS) {
    assertThrows(() => change(draft, label, text), Error, undefined, text);
  }
});

Deno.test("a seen packet is taken from its IPv4 header on, without padding", () => {
  const { bytes } = newDraft("echo", "1.1.1.100", "1.1.1.1");
  const frame = new Uint8Array(60);
  frame.set([8, 0], 12);
  frame.set(bytes, 14);
  const seen = { ...newDraft("echo", "1.1.1.1", "1.1.1.1"), bytes: frame };
  const draft = draftOf({ ...seen, linkType: LINK_TYPE_ETHERNET });
  assertEquals(draft?.bytes, bytes);
  const other = new Uint8Array(60);
  assertEquals(
    draftOf({ ...seen, bytes: other, linkType: LINK_TYPE_ETHERNET }),
    undefined,
  );
});

Deno.test("what stands in lists can be changed, and its lengths follow", () => {
  const six = raw(buildPacket(
    ipv6({
      source: "2001:db8::100",
      destination: "2001:db8::1",
      extensionHeaders: [{ kind: "destinationOptions" }, {
        kind: "fragment",
        identification: 5,
      }],
    }),
    udp({ destinationPort: 9 }),
  ));
  const other = change(six, "Identification", "0x10");
  const { ipv6: header } = headersOf(dissect(other.bytes));
  assertEquals(header?.extensionHeaders[1], {
    ...{ kind: "fragment", nextHeader: 17, reserved: 0, fragmentOffset: 0 },
    ...{ reservedBits: 0, moreFragments: false, identification: 16 },
  });
  const chunks = [
    { type: 10, value: Uint8Array.of(1, 2, 3, 4) },
    { type: 0, value: Uint8Array.of(5) },
  ];
  const association = raw(buildPacket(
    ipv4({ destination: "10.9.0.6" }),
    sctp({ sourcePort: 5000, destinationPort: 7, chunks }),
  ));
  const longer = change(association, "Chunk Value", "0102030405");
  assertEquals(problems(longer), []);
  assertEquals(
    headersOf(dissect(longer.bytes)).sctp?.chunks.map(({ length }) => length),
    [9, 5],
  );
  const report = raw(buildPacket(
    ipv4({ destination: "224.0.0.22" }),
    igmp({
      kind: "reportV3",
      records: ["239.0.0.1", "239.0.0.2"].map((group) => ({
        ...{ type: 4, group, sources: [], auxiliaryData: new Uint8Array() },
      })),
    }),
  ));
  const joined = change(report, "Multicast Address", "239.0.0.9");
  assertEquals(problems(joined), []);
  assert(
    JSON.stringify(headersOf(dissect(joined.bytes))).includes("239.0.0.9"),
  );
});

/** A packet that begins with its IP header. */
function raw(bytes: Uint8Array<ArrayBuffer>): Packet {
  return {
    ...newDraft("echo", "1.1.1.100", "1.1.1.1"),
    ...{ bytes, originalLength: bytes.length },
  };
}
