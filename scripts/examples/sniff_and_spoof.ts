#!/usr/bin/env -S deno run --allow-ffi
/**
 * Sniffs, and then spoofs: answers every echo request on the LAN, and every ARP
 * request, so that whatever is pinged seems to be there. For a lab alone.
 *
 *     deno run --allow-ffi scripts/examples/sniff_and_spoof.ts [interface]
 */

import "../../lib/cli/example.ts";
import { answerARP, arp, buildPacket, dissect, ethernet } from "../../mod.ts";
import { headersOf, icmpv4, ipv4, PacketSocket } from "../../mod.ts";

const [device = "eth0", mac = "02:00:00:00:00:99"] = Deno.args;
using wire = PacketSocket.open({ device, promiscuous: true });
console.error(`answering for everybody on ${device}`);
for await (const frame of wire) {
  const seen = headersOf(dissect(frame.bytes, frame));
  const { ethernet: link, arp: ask, ipv4: ip, icmpv4: echo } = seen;
  if (ask?.kind === "ethernetIPv4" && ask.operation === 1) {
    const to = { source: mac, destination: ask.senderHardwareAddress };
    wire.send(buildPacket(ethernet(to), arp(answerARP(ask, mac))));
  } else if (link && ip && echo?.kind === "echoRequest") {
    const { identifier, sequence, payload } = echo;
    wire.send(buildPacket(
      ethernet({ source: link.destination, destination: link.source }),
      ipv4({ source: ip.destination, destination: ip.source }),
      icmpv4({ kind: "echoReply", identifier, sequence }),
      payload,
    ));
    console.log(`${ip.source} > ${ip.destination}: echo request answered`);
  }
}
