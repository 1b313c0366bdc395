#!/usr/bin/env -S deno run --allow-ffi
/** What crosses an interface: lines as tcpdump's, explanations, capture files. */

import type { CaptureFile } from "../lib/cli/files/capture_file.ts";
import { EXIT, exitCodeOfListening } from "../lib/cli/exit.ts";
import { complain, print } from "../lib/cli/output.ts";
import { checkRotating, openRotating } from "../lib/cli/files/rotation.ts";
import { run, script } from "../lib/cli/script.ts";
import { rotationOf } from "../lib/cli/options/rotate_options.ts";
import { sniffingOf, sniffOptions } from "../lib/cli/options/sniff_options.ts";
import { renderSniff } from "../lib/render/tools/sniff.ts";
import { sniff } from "../lib/tools/sniffer.ts";

const program = sniffOptions(script({
  url: import.meta.url,
  description: "Shows what crosses an interface, in both directions.",
  examples: [
    ["", "everything, on all interfaces, until Ctrl-C"],
    ["-f 'icmp and host 10.9.0.5' --explain", "explained bit by bit"],
    ["-I eth0 --protocol udp --port 53", "the same without libpcap"],
    ["-I eth0 --write - | wireshark -k -i -", "live into Wireshark"],
    ["-I eth0 -I lo --not-port 22", "two interfaces, without what ssh says"],
    ["-I eth0 -c 1 --json >seen.json", "for programs; craft builds it again"],
    ["-c 9 --write lab.pcap", "nine into a file (add --allow-write=lab.pcap)"],
  ],
}));

await run(program, async (signal) => {
  const flags = program.opts();
  const { write, explain, json } = flags;
  const options = sniffingOf(flags, program.processedArgs[0]);
  const rotation = rotationOf(flags);
  if (write !== undefined) checkRotating(write, rotation);
  // As with tcpdump, a capture file is instead of lines, unless they are asked for.
  const isShown = write === undefined || explain || json;
  const say = json ? (text: string) => print(`${text}\n`) : complain;
  const style = { explain, json, allDevices: options.device === undefined };
  let capture: CaptureFile | undefined;
  let text = "";
  let exitCode: number = EXIT.DONE;
  for await (const event of sniff({ ...options, signal })) {
    if (
      event.type === "opened" || event.type === "summary" ||
      event.type === "dropped"
    ) {
      if (event.type === "opened" && write !== undefined) {
        const { linkType } = event;
        capture = await openRotating(write, { linkType }, rotation);
      } else if (event.type === "summary") {
        const { reason, captured } = event;
        exitCode = exitCodeOfListening(reason, captured, options.count);
      }
      await say(renderSniff(event, style));
      continue;
    }
    const isFrame = event.type === "packet";
    if (isFrame) {
      await capture?.append(event.frame, event.more, event.device);
    }
    if (isShown) text += `${renderSniff(event, style)}\n`;
    if (isFrame && event.more) continue;
    await print(text);
    text = "";
  }
  return exitCode;
});
