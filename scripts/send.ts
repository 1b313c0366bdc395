#!/usr/bin/env -S deno run --allow-ffi
/** Sends raw IPv4 packets of one protocol: the pair's first half. */

import { payloadFrom, repeated } from "../lib/cli/messages.ts";
import { print, run, script } from "../lib/cli/script.ts";
import { sendingOf, sendOptions } from "../lib/cli/send_options.ts";
import { tellSent } from "../lib/cli/wire_options.ts";
import { renderSent } from "../lib/render/messages.ts";
import { resolve } from "../lib/socket/resolve.ts";
import { checkFlood } from "../lib/tools/public_guard.ts";
import { sendMessages } from "../lib/tools/send_messages.ts";

const program = sendOptions(script({
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
}))
  .argument("<destination>", "IPv4 address or name of the receiver")
  .argument("[message...]", "the message; its words are joined by blanks");

await run(program, async (signal) => {
  const [host, words] = program.processedArgs;
  const flags = program.opts();
  const payload = payloadFrom({ words, ...flags });
  const [destination] = await resolve(host, { family: 4 });
  const perSecond = Math.min(flags.count, 1000 / flags.interval);
  checkFlood([[destination, destination]], perSecond, flags);
  if (!flags.json) print("Opening Socket..\n");
  const events = sendMessages({
    ...sendingOf(flags),
    destination,
    payloads: payload === undefined
      ? await typed(signal, !flags.json)
      : repeated(payload, flags.count),
    signal,
  });
  return await tellSent(events, (event) => renderSent(event, flags));
});

/** Loads what is needed to type, which takes a while, only where it is needed. */
async function typed(signal: AbortSignal, transcript: boolean) {
  const { conversation } = await import("../lib/cli/conversation.ts");
  return conversation(signal, transcript);
}
