#!/usr/bin/env -S deno run --allow-ffi
/** Receives raw IPv4 packets of one protocol: the pair's second half. */

import { EXIT, exitCodeOfListening, usageError } from "../lib/cli/exit.ts";
import { type CaptureFile, checkFile } from "../lib/cli/files/capture_file.ts";
import { ipv4Address } from "../lib/cli/options/options.ts";
import {
  FILES,
  ROTATE,
  rotationOf,
} from "../lib/cli/options/rotate_options.ts";
import { complain, print } from "../lib/cli/output.ts";
import { checkRotating, openRotating } from "../lib/cli/files/rotation.ts";
import { run, script } from "../lib/cli/script.ts";
import {
  checkStyle,
  COUNT,
  PROTOCOL,
  TIMEOUT,
  WRITE,
} from "../lib/cli/options/shared_options.ts";
import { renderReceived } from "../lib/render/tools/messages.ts";
import { silenceRemedy } from "../lib/socket/system/remedies.ts";
import { receiveMessages } from "../lib/tools/pair/receive_messages.ts";

const program = script({
  url: import.meta.url,
  description:
    "Receives raw IPv4 packets of one protocol and shows them, until one says QUIT.",
  examples: [
    ["", "everything of protocol 253 that reaches this host"],
    ["1.1.1.1 --explain", "what reaches 1.1.1.1, explained bit by bit"],
    [
      "-c 10 -w 5 --json",
      "ten packets as JSON, or what came before 5 s of silence",
    ],
    ["--write pair.pcap", "a file for Wireshark (add --allow-write=pair.pcap)"],
  ],
})
  .argument(
    "[address]",
    "receive only what is sent to this address",
    ipv4Address,
  )
  .option("-b, --bind <address>", "the same", ipv4Address)
  .addOption(PROTOCOL)
  .addOption(COUNT)
  .addOption(TIMEOUT)
  .option("--explain", "explain each packet instead of its hexadecimal")
  .option("--json", "one JSON object a line")
  .addOption(WRITE)
  .addOption(ROTATE)
  .addOption(FILES);

await run(program, async (signal) => {
  const [address] = program.processedArgs;
  const {
    bind = address,
    protocol,
    count = Infinity,
    timeout,
    write,
    rotate,
    files,
    ...style
  } = program
    .opts();
  checkStyle(style);
  if (bind !== (address ?? bind)) {
    throw usageError(`${address} and --bind ${bind} are two addresses`);
  }
  checkFile(write);
  const rotation = rotationOf({ write, rotate, files });
  if (write !== undefined) checkRotating(write, rotation);
  let capture: CaptureFile | undefined;
  if (!style.json) await print("Opening Socket..\n");
  const events = receiveMessages({
    protocol,
    bindAddress: bind,
    count,
    timeoutMs: timeout,
    signal,
  });
  let text = "";
  let silence: string | undefined;
  let exitCode: number = EXIT.DONE;
  for await (const event of events) {
    // Not before it can receive, or an old file would be lost for nothing.
    if (event.type === "opened" && write) {
      capture = await openRotating(write, {}, rotation);
    }
    text += `${renderReceived(event, style)}\n`;
    if (event.type === "packet") {
      await capture?.append(event.datagram, event.more, event.device);
      if (event.more) continue;
    }
    if (event.type === "summary") {
      exitCode = exitCodeOfListening(event.reason, event.received, count);
      silence = event.received === 0 ? silenceRemedy(protocol) : undefined;
    }
    await print(text);
    text = "";
  }
  if (silence !== undefined && !style.json) await complain(silence);
  return exitCode;
});
