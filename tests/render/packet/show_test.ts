import { assertEquals } from "@std/assert";
import { LINK_TYPE_ETHERNET } from "../../../lib/wire/link_types.ts";
import { diagram, hexdump, show } from "../../../lib/render/packet/show.ts";
import { renderExplanation } from "../../../lib/render/packet/explain.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { ethernet, ipv4, ipv6, udp } from "../../../lib/wire/packet/layers.ts";
import { SEED } from "../packets.ts";

const seed = Uint8Array.fromHex(SEED[0][0]);

Deno.test("show() and diagram() are what --explain prints", () => {
  const explained = renderExplanation(seed).join("\n");
  const [title, ...drawn] = diagram(seed).split("\n");
  assertEquals(`${show(seed)}\n\n${drawn.join("\n")}`, explained);
  assertEquals(title, show(seed).split("\n")[0]);
});

Deno.test("what is received or read is shown by what it begins with", () => {
  const frame = {
    linkType: LINK_TYPE_ETHERNET,
    bytes: buildPacket(
      ethernet({ destination: "02:00:00:00:00:01", typeOrLength: 0x0800 }),
      seed,
    ),
  };
  const [first] = show(frame).split("\n");
  assertEquals(
    first,
    "Ethernet II, Src: 00:00:00:00:00:00, Dst: 02:00:00:00:00:01",
  );
  assertEquals(hexdump(frame).split("\n")[0].slice(6, 23), "02 00 00 00 00 01");
  assertEquals(show({ bytes: seed }), show(seed));
});

Deno.test("diagram() draws each header, and no data", () => {
  const packet = buildPacket(
    ipv4({ source: "1.1.1.100", destination: "1.1.1.1" }),
    ipv6({ source: "::1", destination: "::2" }),
    udp({ sourcePort: 1, destinationPort: 2 }),
    "Hi",
  );
  const titles = diagram(packet).split("\n\n").map((text) =>
    text.split("\n")[0].split(",")[0]
  );
  assertEquals(titles, [
    "Internet Protocol Version 4",
    "Internet Protocol Version 6",
    "User Datagram Protocol",
  ]);
  assertEquals(diagram(new Uint8Array()), "");
});
