import { assert, assertEquals } from "@std/assert";
import { renderPacketSVG } from "../../../lib/render/drawing/packet_svg.ts";
import { buildPacket, ipv4, udp } from "../../../mod.ts";

const ENDS = { source: "1.1.1.100", destination: "1.1.1.1" } as const;

/** The boxes: where they are, their width and height, what each says. */
function boxesIn(svg: string) {
  return [...svg.matchAll(
    /<rect class="box" x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"><title>(.*?)<\/title>/g,
  )].map(([, ...found]) => ({
    place: found.slice(0, 4).map(Number),
    says: found[4],
  }));
}

Deno.test("a drawn packet has a box for each field, none over another", () => {
  const packet = buildPacket(
    ipv4({ ...ENDS, ttl: 7 }),
    udp({ sourcePort: 53, destinationPort: 4242 }),
    "Hi",
  );
  const boxes = boxesIn(renderPacketSVG(packet));
  // As wide as they have bits: 24 units each.
  const bits = boxes.reduce((sum, { place }) => sum + place[2] / 24, 0);
  assertEquals(bits, packet.length * 8);
  assert(boxes.every(({ place: [x, , width] }) => x + width <= 32 * 24));
  for (
    const said of [
      "Time to Live: 7",
      "Source Address: 1.1.1.100",
      "Source Port: 53",
      "Destination Port: 4242",
      "Data: 4869",
    ]
  ) {
    assert(boxes.some(({ says }) => says === said), said);
  }
});

Deno.test("a drawn packet harms no one, and is no longer than people read", () => {
  const evil = "</svg><script>alert(1)</script>&\x1b[2J";
  const svg = renderPacketSVG(
    buildPacket(ipv4({ ...ENDS, protocol: 253 }), evil.repeat(1000)),
  );
  assert(!svg.includes("<script") && !svg.includes("\x1b"));
  assertEquals(svg.match(/<\/svg>/g)?.length, 1);
  assert(svg.length < 40_000, `${svg.length}`);
  assert(svg.includes(", its beginning</text>"));
  // What is no packet is data.
  assertEquals(boxesIn(renderPacketSVG(Uint8Array.of(0xff))).length, 1);
  assertEquals(boxesIn(renderPacketSVG(new Uint8Array())).length, 0);
});
