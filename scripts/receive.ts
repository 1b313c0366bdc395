#!/usr/bin/env -S deno run --allow-ffi
/** Receives raw IPv4 packets of one protocol: the pair's second half. */

import { EXIT, exitCodeOfListening } from "../lib/cli/exit.ts";
import {
  type CaptureFile,
  checkFile,
  checkWritable,
  openCapture,
} from "../lib/cli/capture_file.ts";
import { ipv4Address } from "../lib/cli/options.ts";
import { print, run, script } from "../lib/cli/script.ts";
import { COUNT, PROTOCOL, TIMEOUT } from "../lib/cli/shared_options.ts";
import { renderReceived } from "../lib/render/messages.ts";
import { receiveMessages } from "../lib/tools/receive_messages.ts";

const program = script({
  url: import.meta.url,
  description:
    "Receives raw IPv4 packets of one protocol and shows them, until one says QUIT.",
  examples: [
    ["", "everything of protocol 253 that reaches this host"],
    ["-b 1.1.1.1 --explain", "what reaches 1.1.1.1, explained bit by bit"],
    [
      "-c 10 -w 5000 --json",
      "ten packets as JSON, or what came before 5 s of silence",
    ],
    ["--write pair.pcap", "a file for Wireshark (add --allow-write=pair.pcap)"],
  ],
})
  .option(
    "-b, --bind <address>",
    "receive only what is sent to this address",
    ipv4Address,
  )
  .addOption(PROTOCOL)
  .addOption(COUNT)
  .addOption(TIMEOUT)
  .option("--explain", "explain each packet instead of its hexadecimal")
  .option("--json", "one JSON object a line")
  .option("--write <file>", "write the packets into a capture file (pcap)");

await run(program, async (signal) => {
  const { bind, protocol, count = Infinity, timeout, write, ...style } = program
    .opts();
  checkFile(write);
  if (write !== undefined) checkWritable(write);
  let capture: CaptureFile | undefined;
  if (!style.json) print("Opening Socket..\n");
  const events = receiveMessages({
    protocol,
    bindAddress: bind,
    count,
    timeoutMs: timeout,
    signal,
  });
  let exitCode: number = EXIT.DONE;
  for await (const event of events) {
    // Not before it can receive, or an old file would be lost for nothing.
    if (event.type === "opened" && write) capture = openCapture(write);
    if (event.type === "packet") capture?.append(event.datagram);
    if (event.type === "summary") {
      exitCode = exitCodeOfListening(event.reason, event.received, count);
    }
    print(`${renderReceived(event, style)}\n`);
  }
  return exitCode;
});
