#!/usr/bin/env -S deno run --allow-ffi
/** Sends raw IPv4 packets of one protocol: the pair's first half. */

import { EXIT } from "../lib/cli/exit.ts";
import { MAX_PAYLOAD, payloadFrom, repeated } from "../lib/cli/messages.ts";
import {
  hexOctets,
  integer,
  ipProtocol,
  ipv4Address,
} from "../lib/cli/options.ts";
import { DIFF, isNo, WHY } from "../lib/cli/wire_options.ts";
import { print, run, script } from "../lib/cli/script.ts";
import { renderSent } from "../lib/render/messages.ts";
import { resolve } from "../lib/socket/resolve.ts";
import { sendMessages } from "../lib/tools/send_messages.ts";

const program = script({
  url: import.meta.url,
  description:
    "Sends raw IPv4 packets of one protocol. Without a message it asks for them, until QUIT.",
  examples: [
    ["1.1.1.1 Hello World!", "one message to the receiver at 1.1.1.1"],
    ["1.1.1.1", "a conversation, ended by QUIT"],
    [
      "1.1.1.1 Hi -t 1 -Q 0xb8 --explain",
      "TTL and TOS set, and the packet explained",
    ],
    [
      "1.1.1.1 --size 1000 -c 10 -i 100 --json",
      "ten packets of 1000 octets, 100 ms apart",
    ],
  ],
})
  .argument("<destination>", "IPv4 address or name of the receiver")
  .argument("[message...]", "the message; its words are joined by blanks")
  .option(
    "-p, --protocol <name>",
    "IP protocol, name or number",
    ipProtocol,
    253,
  )
  .option(
    "-s, --source <address>",
    "send from this address of this host",
    ipv4Address,
  )
  .option("-t, --ttl <hops>", "time to live", integer(1, 255))
  .option("-Q, --tos <octet>", "type of service: DSCP and ECN", integer(0, 255))
  .option(
    "-c, --count <packets>",
    "send the message so many times",
    integer(1, 1e15),
    1,
  )
  .option(
    "-i, --interval <ms>",
    "time between packets",
    integer(0, 2 ** 31 - 1),
    0,
  )
  .option(
    "--size <octets>",
    "fill the payload up to so many octets",
    integer(0, MAX_PAYLOAD),
  )
  .option(
    "--hex <digits>",
    "the payload in hexadecimal, instead of a message",
    hexOctets,
  )
  .option("--broadcast", "allow a broadcast address as destination")
  .addOption(DIFF)
  .addOption(WHY)
  .option("--explain", "explain each packet, bit by bit")
  .option("--json", "one JSON object a line");

await run(program, async (signal) => {
  const [host, words] = program.processedArgs;
  const { explain, json, ...options } = program.opts();
  const payload = payloadFrom({ words, ...options });
  const [destination] = await resolve(host, { family: 4 });
  if (!json) print("Opening Socket..\n");
  const events = sendMessages({
    destination,
    protocol: options.protocol,
    bindAddress: options.source,
    ttl: options.ttl,
    trafficClass: options.tos,
    broadcast: options.broadcast,
    intervalMs: options.interval,
    diff: options.diff,
    why: options.why,
    payloads: payload === undefined
      ? await typed(signal, !json)
      : repeated(payload, options.count),
    signal,
  });
  let exitCode: number = EXIT.DONE;
  for await (const event of events) {
    if (event.type === "refused" || isNo(event)) exitCode = EXIT.NO;
    print(`${renderSent(event, { explain, json })}\n`);
  }
  return exitCode;
});

/** Loads what is needed to type, which takes a while, only where it is needed. */
async function typed(signal: AbortSignal, transcript: boolean) {
  const { conversation } = await import("../lib/cli/conversation.ts");
  return conversation(signal, transcript);
}
