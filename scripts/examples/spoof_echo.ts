#!/usr/bin/env -S deno run --allow-ffi
/**
 * Spoofs: sends an echo request from an address that is not ours. Whoever gets
 * it answers to that address, not to us.
 *
 *     deno run --allow-ffi scripts/examples/spoof_echo.ts [source destination]
 */

import "../../lib/cli/example.ts";
import {
  addressScope,
  buildPacket,
  icmpv4,
  ipv4,
  RawSocket,
} from "../../mod.ts";

const [source = "1.2.3.4", destination = "10.9.0.5"] = Deno.args;
if (addressScope(destination) === "public") {
  throw new RangeError(`${destination} is public: this is for a lab alone`);
}
const packet = buildPacket(
  ipv4({ source, destination }),
  icmpv4({ kind: "echoRequest", identifier: 1, sequence: 1 }),
  "Hello World!",
);
using socket = RawSocket.open({ protocol: 255, headerIncluded: true });
socket.send(packet, destination);
console.log(`${source} > ${destination}: echo request sent`);
