#!/usr/bin/env -S deno run --allow-ffi
/**
 * Sniffs TCP from one host to one port: prints each segment. Which ones is said
 * in the language of tcpdump, which needs libpcap.
 *
 *     deno run --allow-ffi scripts/examples/sniff_tcp.ts [interface host port]
 */

import "../../lib/cli/example.ts";
import { dissect, headersOf, PacketSocket } from "../../mod.ts";

const [device = "eth0", host = "10.9.0.5", port = "23"] = Deno.args;
const filter = `tcp and src host ${host} and dst port ${port}`;
using wire = PacketSocket.open({ device, promiscuous: true, filter });
console.error(`listening on ${device} for ${filter}`);
for await (const frame of wire) {
  const { ipv4, tcp } = headersOf(dissect(frame.bytes, frame));
  const flags = (["syn", "ack", "psh", "rst", "fin"] as const)
    .filter((flag) => tcp?.[flag]).join(" ");
  const from = `${ipv4?.source}:${tcp?.sourcePort}`;
  console.log(
    `${from} > ${ipv4?.destination}:${tcp?.destinationPort} ${flags}`,
  );
}
