import { assert, assertEquals } from "@std/assert";
import { renderForged, renderSpoof } from "../../../lib/render/tools/forged.ts";
import { renderVerdict } from "../../../lib/render/tools/aftermath.ts";
import { renderWire } from "../../../lib/render/tools/comparison.ts";
import { encodeIPv4, forgedPacket } from "../../../mod.ts";
import { comparePackets } from "../../../lib/compare/sent_versus_wire.ts";
import { foretellPacket } from "../../../lib/compare/sent_versus_wire.ts";
import { completeForged } from "../../../lib/compare/forged_packet.ts";
import { readForged } from "../../../lib/compare/forged_packet.ts";
import { seen } from "../../compare/wire_sightings.ts";

const GIVEN = { source: "172.16.12.1", destination: "1.1.1.1" } as const;
const PACKET = forgedPacket({ ...GIVEN, totalLength: 99 });
const given = readForged(PACKET);
const wire = (ttl: number) =>
  encodeIPv4(
    { ...GIVEN, protocol: 1, ttl, identification: 0x64ec },
    given.payload,
  );

Deno.test("renderWire() shows a packet in all places, side by side", () => {
  const comparison = comparePackets({
    given,
    left: seen(wire(255)),
    arrived: seen(wire(254), {
      source: "02:00:00:00:00:03",
      destination: "02:00:00:00:00:04",
    }),
    there: "receiver",
  });
  assertEquals(renderWire(comparison), [
    "  Field               sent               left eth0          arrived receiver",
    "  MAC Destination     -                 +02:00:00:00:00:02 ~02:00:00:00:00:04",
    "  MAC Source          -                 +02:00:00:00:00:01 ~02:00:00:00:00:03",
    "  Version             4                  4                  4",
    "  Header Length       20                 20                 20",
    "  DS Field (TOS)      0x00               0x00               0x00",
    "  Total Length        99                !28                 28",
    "  Identification      0x0000            +0x64ec             0x64ec",
    "  Flags               0x0                0x0                0x0",
    "  Fragment Offset     0                  0                  0",
    "  Time to Live        255                255               ~254",
    "  Protocol            1                  1                  1",
    "  Header Checksum     0x0000            +0x9ce1            ~0x9de1",
    "  Source              172.16.12.1        172.16.12.1        172.16.12.1",
    "  Destination         1.1.1.1            1.1.1.1            1.1.1.1",
    "  Payload             8 octets           8 octets           8 octets",
    "",
    "+ the kernel filled in   ! the kernel overwrote   ~ changed on the way",
    "All else was left as it was.",
    "  MAC Destination: the next hop's, which the kernel knows by ARP (RFC 826)",
    "  MAC Destination: each link has its own",
    "  MAC Source: the interface's own",
    "  MAC Source: each link has its own",
    "  Total Length: always written by the kernel: the length that it was given to",
    "      send (raw(7))",
    "  Identification: 0 lets the kernel choose one (raw(7))",
    "  Time to Live: a router on the way took one (RFC 791 §3.2)",
    "  Header Checksum: always computed by the kernel (raw(7))",
    "  Header Checksum: updated wherever the header was changed (RFC 1624)",
  ]);
});

Deno.test("renderWire() says what it means that a packet was not seen", () => {
  const text = (sighting: Parameters<typeof comparePackets>[0]) =>
    renderWire(comparePackets(sighting)).join("\n");
  const left = seen(wire(255));
  assert(
    text({ given, device: "eth0" }).includes(
      "It was not seen leaving by eth0: it waits for an ARP answer",
    ),
  );
  assert(
    text({ given, left, there: "receiver" }).includes(
      "It was not seen arriving at receiver: it was lost on the way.",
    ),
  );
  assert(text({ given, left }).includes("can be seen in a lab"));
  const lo = { ...left, device: "lo" };
  assert(!text({ given, left: lo }).includes("can be seen in a lab"));
});

Deno.test("the screens of forged packets keep to 80 columns, names from outside are escaped", () => {
  const packet = forgedPacket({
    ...GIVEN,
    options: new Uint8Array(40).fill(1),
    payload: new Uint8Array(99),
  });
  const evil = { ...seen(wire(255)), device: "\x1b[2J" };
  const screens = [
    renderForged({
      bytes: PACKET,
      completed: completeForged(PACKET),
      foretold: foretellPacket(PACKET),
    }, {}).split("\n").slice(1),
    renderWire(comparePackets({ given: readForged(packet), left: evil })),
    renderVerdict({
      cause: "silent",
      text: "It arrived. ".repeat(20).trim(),
      remedy: "Do something. ".repeat(20).trim(),
    }),
  ];
  for (const line of screens.flat()) {
    assert(line.length <= 80, line);
    assert(!/\p{Cc}/u.test(line), line);
  }
});

Deno.test("renderSpoof() tells events, and all of them as JSON", () => {
  const summary = {
    type: "summary",
    destination: "1.1.1.1",
    sent: 2,
    failed: 0,
    octets: 56,
    durationMs: 1.4,
  } as const;
  const verdict = { cause: "answered", text: "There is a reply." } as const;
  assertEquals(renderSpoof({ type: "sent", number: 2 }, {}), "sent packet 2");
  assertEquals(
    renderSpoof(summary, {}),
    "--- 2 sent to 1.1.1.1, 56 octets, 1 ms",
  );
  assertEquals(
    renderSpoof({ type: "explained", verdict }, {}),
    "Why: There is a reply.",
  );
  const json = { json: true };
  assertEquals(JSON.parse(renderSpoof(summary, json)), summary);
  assertEquals(
    JSON.parse(renderSpoof({ type: "explained", verdict }, json)),
    { type: "explained", ...verdict },
  );
  const comparison = comparePackets({ given, left: seen(wire(255)) });
  const compared = JSON.parse(
    renderSpoof({ type: "compared", comparison }, json),
  );
  const length = compared.fields.find(({ name }: { name: string }) =>
    name === "totalLength"
  );
  assertEquals([length.sent.value, length.left.value, length.kernel], [
    ...[99, 28, "overwritten"],
  ]);
});

Deno.test("renderVerdict() leaves what is to be copied in one line", () => {
  const command = "`ip neighbour show dev eth0`";
  const lines = renderVerdict({
    cause: "silent",
    text: "Nobody answers.",
    remedy: `${"See whether it is up at all. ".repeat(2)}${command} tells.`,
  });
  assertEquals(lines.filter((line) => line.includes(command)).length, 1);
});
