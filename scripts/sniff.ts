#!/usr/bin/env -S deno run --allow-ffi
/** What crosses an interface: lines as tcpdump's, explanations, capture files. */

import { type CaptureFile, openCapture } from "../lib/cli/capture_file.ts";
import { EXIT, exitCodeOfListening } from "../lib/cli/exit.ts";
import { print, run, script } from "../lib/cli/script.ts";
import { sniffingOf, sniffOptions } from "../lib/cli/sniff_options.ts";
import { renderSniff } from "../lib/render/sniff.ts";
import { sniff } from "../lib/tools/sniffer.ts";

const program = sniffOptions(script({
  url: import.meta.url,
  description: "Shows what crosses an interface, in both directions.",
  examples: [
    ["", "everything, on all interfaces, until Ctrl-C"],
    ["-f 'icmp and host 10.9.0.5' --explain", "explained bit by bit"],
    ["-I eth0 --protocol udp --port 53", "the same without libpcap"],
    ["-I eth0 --write - | wireshark -k -i -", "live into Wireshark"],
    ["-I eth0 -c 1 --json >seen.json", "for programs; craft builds it again"],
    ["-c 9 --write lab.pcap", "nine into a file (add --allow-write=lab.pcap)"],
  ],
}));

await run(program, async (signal) => {
  const flags = program.opts();
  const { write, explain, json } = flags;
  const options = sniffingOf(flags);
  // As with tcpdump, a capture file is instead of lines, unless they are asked for.
  const isShown = write === undefined || explain || json;
  const say = json
    ? (text: string) => print(`${text}\n`)
    : (text: string) => console.error(text);
  const style = { explain, json, allDevices: options.device === undefined };
  let capture: CaptureFile | undefined;
  let text = "";
  let exitCode: number = EXIT.DONE;
  for await (const event of sniff({ ...options, signal })) {
    if (event.type === "packet") {
      capture?.append(event.frame, event.more);
      if (isShown) text += `${renderSniff(event, style)}\n`;
      if (event.more) continue;
      print(text);
      text = "";
      continue;
    }
    if (event.type === "opened" && write !== undefined) {
      capture = openCapture(write, event.linkType);
    }
    if (event.type === "summary") {
      const { reason, captured } = event;
      exitCode = exitCodeOfListening(reason, captured, options.count);
    }
    say(renderSniff(event, style));
  }
  return exitCode;
});
