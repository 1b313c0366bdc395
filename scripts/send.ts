#!/usr/bin/env -S deno run --allow-ffi
/** Sends raw IPv4 packets of one protocol: the pair's first half. */

import { conversation } from "../lib/cli/conversation.ts";
import { payloadFrom, repeated } from "../lib/cli/messages.ts";
import { usageError } from "../lib/cli/exit.ts";
import { Outbox } from "../lib/cli/output.ts";
import { run, script } from "../lib/cli/script.ts";
import { sendingOf, sendOptions } from "../lib/cli/options/send_options.ts";
import { tellSent } from "../lib/cli/options/wire_options.ts";
import { renderSent } from "../lib/render/tools/messages.ts";
import { remoteAddress } from "../lib/socket/destination.ts";
import { resolve } from "../lib/socket/kernel/resolve.ts";
import { checkFlood } from "../lib/socket/public_guard.ts";
import { sendFast } from "../lib/tools/pair/send_fast.ts";
import {
  fragmentCount,
  sendMessages,
} from "../lib/tools/pair/send_messages.ts";

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
      "1.1.1.1 --size 1000 -c 10 -i 0.1 --json",
      "ten packets of 1000 octets, 100 ms apart",
    ],
    ["1.1.1.1 Hello -c 1000000 --fast", "a million, as fast as the cable"],
  ],
}))
  .argument("<destination>", "IPv4 address or name of the receiver")
  .argument("[message...]", "the message; its words are joined by blanks");

await run(program, async (signal) => {
  const [host, words] = program.processedArgs;
  const flags = program.opts();
  const payload = payloadFrom({ words, ...flags });
  const [found] = await resolve(host, { family: 4 });
  const destination = remoteAddress(found, 4, { source: flags.source });
  const perSecond = Math.min(flags.count, 1000 / flags.interval) *
    fragmentCount(payload?.length ?? 0, flags.mtu);
  checkFlood([[destination, destination]], perSecond, flags);
  if (flags.fast && payload === undefined) {
    throw usageError("--fast wants a message");
  }
  if (flags.count > 1 && payload === undefined) {
    throw usageError("--count wants a message");
  }
  const output = new Outbox();
  if (!flags.json) await output.add("Opening Socket..\n");
  const sending = { ...sendingOf(flags), destination, signal };
  const { mtu, broadcast, diff, why, interval: intervalMs } = flags;
  const events = flags.fast && payload !== undefined
    ? sendFast({ ...sending, payload, count: flags.count })
    : sendMessages({
      ...{ ...sending, mtu, broadcast, diff, why, intervalMs },
      payloads: payload === undefined
        ? conversation(signal, output, !flags.json)
        : repeated(payload, flags.count),
    });
  return await tellSent(events, (event) => renderSent(event, flags), output);
});
