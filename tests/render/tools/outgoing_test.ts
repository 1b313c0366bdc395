import { assertEquals } from "@std/assert";
import { renderExplanation } from "../../../lib/render/packet/explain.ts";
import { renderSent } from "../../../lib/render/tools/messages.ts";
import { renderOutgoing } from "../../../lib/render/tools/outgoing.ts";
import { encodeIPv4 } from "../../../lib/wire/ipv4/ipv4.ts";
import { OUTGOING } from "../packets.ts";

const KERNEL = [
  "The kernel writes this header. It chooses the identification, shown as 0",
  "here, and the checksum changes with it.",
];

/** The packet that `OUTGOING` tells of. */
function packet(dontFragment: boolean, payload: Uint8Array): Uint8Array {
  return encodeIPv4({
    source: "1.1.1.100",
    destination: "1.1.1.1",
    protocol: 253,
    ttl: 7,
    dscp: 46,
    ecn: 1,
    dontFragment,
  }, payload);
}

Deno.test("renderOutgoing() explains the packet that the kernel will make", () => {
  const payload = new TextEncoder().encode("Hi");
  assertEquals(renderOutgoing(OUTGOING, payload), [
    ...KERNEL,
    "",
    ...renderExplanation(packet(true, payload)),
  ]);
  const event = { type: "sent", ...OUTGOING, payload } as const;
  assertEquals(renderSent(event, { explain: true }).split("\n"), [
    "Sent 2 octets to 1.1.1.1",
    ...renderOutgoing(OUTGOING, payload),
  ]);
});

Deno.test("renderOutgoing() shows no flag where the kernel sets none", () => {
  const payload = new TextEncoder().encode("Hi");
  const outgoing = { ...OUTGOING, discoversMTU: false };
  assertEquals(renderOutgoing(outgoing, payload), [
    ...KERNEL,
    "",
    ...renderExplanation(packet(false, payload)),
  ]);
});

Deno.test("renderOutgoing() says when a packet leaves in fragments", () => {
  const longest = new Uint8Array(1480);
  assertEquals(renderOutgoing(OUTGOING, longest), [
    ...KERNEL,
    "",
    ...renderExplanation(packet(true, longest)),
  ]);
  const longer = new Uint8Array(1481);
  assertEquals(renderOutgoing(OUTGOING, longer), [
    ...KERNEL,
    "The MTU is 1500 octets: it leaves in fragments, not in one piece.",
    "",
    ...renderExplanation(packet(false, longer)),
  ]);
});
