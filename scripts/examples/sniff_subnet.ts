#!/usr/bin/env -S deno run --allow-ffi
/**
 * Sniffs a subnet: prints each packet that comes from it or goes to it. Which
 * ones is said in the language of tcpdump, which needs libpcap.
 *
 *     deno run --allow-ffi scripts/examples/sniff_subnet.ts [interface subnet]
 */

import "../../lib/cli/example.ts";
import { dissect, headersOf, ipProtocolName, PacketSocket } from "../../mod.ts";

const [device = "eth0", subnet = "128.230.0.0/16"] = Deno.args;
const filter = `ip and net ${subnet}`;
using wire = PacketSocket.open({ device, promiscuous: true, filter });
console.error(`listening on ${device} for ${filter}`);
for await (const frame of wire) {
  const { ipv4 } = headersOf(dissect(frame.bytes, frame));
  if (ipv4 === undefined) continue;
  const { source, destination, protocol, totalLength } = ipv4;
  const name = ipProtocolName(protocol) ?? protocol;
  console.log(`${source} > ${destination}: ${name}, ${totalLength} octets`);
}
