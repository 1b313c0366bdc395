#!/usr/bin/env -S deno run --allow-ffi
/**
 * A traceroute by hand: echo requests under IP headers of our own, each with
 * one router more to live, until the target itself answers. Unlike
 * `traceroute.ts` it takes the first answer that comes for the one it wants.
 *
 *     deno run --allow-ffi scripts/examples/traceroute_by_hand.ts [destination]
 */

import "../../lib/cli/example.ts";
import { buildPacket, dissect, headersOf } from "../../mod.ts";
import { icmpv4, ipv4, RawSocket, TimeoutExceeded } from "../../mod.ts";

const [destination = "10.9.6.2"] = Deno.args;
const echo = icmpv4({ kind: "echoRequest", identifier: 1, sequence: 1 });
using socket = RawSocket.open({ protocol: 1, headerIncluded: true });
for (let ttl = 1, kind = ""; ttl < 256 && kind !== "echoReply"; ttl++) {
  const header = ipv4({ source: "0.0.0.0", destination, ttl });
  socket.send(buildPacket(header, echo), destination);
  try {
    const { bytes, source } = await socket.receive({ timeoutMs: 1000 });
    kind = headersOf(dissect(bytes)).icmpv4?.kind ?? "";
    const what = kind === "echoReply" ? "Reach time" : "time";
    console.log(`- ${what} to live ${ttl} from ${source}`);
  } catch (error) {
    if (!(error instanceof TimeoutExceeded)) throw error;
    console.log(`- time to live ${ttl}: no answer`);
  }
}
