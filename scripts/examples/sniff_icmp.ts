#!/usr/bin/env -S deno run --allow-ffi
/**
 * Sniffs ICMP: prints each message that crosses an interface, whoever it is
 * for.
 *
 *     deno run --allow-ffi scripts/examples/sniff_icmp.ts [interface]
 */

import "../../lib/cli/example.ts";
import { dissect, headersOf, PacketSocket } from "../../mod.ts";

const [device = "eth0"] = Deno.args;
const filter = { protocol: 1 };
using wire = PacketSocket.open({ device, promiscuous: true, filter });
console.error(`listening on ${device} for ICMP`);
for await (const frame of wire) {
  const { ipv4, icmpv4 } = headersOf(dissect(frame.bytes, frame));
  console.log(`${ipv4?.source} > ${ipv4?.destination}: ${icmpv4?.kind}`);
}
