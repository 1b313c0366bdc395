#!/usr/bin/env -S deno run --allow-ffi
/** What crosses an interface: lines as tcpdump's, explanations, capture files. */

import { type CaptureFile, openCapture } from "../lib/cli/capture_file.ts";
import { EXIT, exitCodeOfListening, ScriptError } from "../lib/cli/exit.ts";
import { integer, ipAddress, ipProtocol } from "../lib/cli/options.ts";
import { print, run, script } from "../lib/cli/script.ts";
import { renderSniff } from "../lib/render/sniff.ts";
import { sniff } from "../lib/tools/sniffer.ts";

const program = script({
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
})
  .option("-I, --interface <name>", "interface; all if none is given")
  .option("-f, --filter <expression>", "as tcpdump's; needs libpcap")
  .option("--protocol <name>", "IP protocol, name or number", ipProtocol)
  .option("--host <address>", "sender or receiver", ipAddress)
  .option("--port <number>", "of sender or receiver", integer(0, 0xffff))
  .option("-c, --count <packets>", "end after so many", integer(1, 1e15))
  .option(
    "-w, --timeout <ms>",
    "end when none came for so long",
    integer(0, 2 ** 31 - 1),
  )
  .option("--promiscuous", "see what is meant for other hosts, too")
  .option("--namespace <name>", "listen inside this network namespace")
  .option("--explain", "explain each packet, field by field")
  .option("--json", "one JSON object a line")
  .option("--write <file>", "write a capture file (pcap) instead; - is a pipe");

await run(program, async (signal) => {
  const { interface: device, count = Infinity, timeout, write, ...options } =
    program.opts();
  const { filter: expression, protocol, host, port } = options;
  const { explain, json, promiscuous, namespace } = options;
  const isFiltered = [expression, protocol, host, port]
    .some((given) => given !== undefined);
  if (write === "-" && (explain || json)) {
    throw new ScriptError(
      "--write - needs standard output for the packets alone",
      EXIT.USAGE,
    );
  }
  // As with tcpdump, a capture file is instead of lines, unless they are asked for.
  const isShown = write === undefined || explain || json;
  const say = json
    ? (text: string) => print(`${text}\n`)
    : (text: string) => console.error(text);
  const style = { explain, json, allDevices: device === undefined };
  let capture: CaptureFile | undefined;
  let text = "";
  let exitCode: number = EXIT.DONE;
  const events = sniff({
    device,
    filter: isFiltered ? { expression, protocol, host, port } : undefined,
    promiscuous,
    namespace,
    count,
    timeoutMs: timeout,
    signal,
  });
  for await (const event of events) {
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
      exitCode = exitCodeOfListening(event.reason, event.captured, count);
    }
    say(renderSniff(event, style));
  }
  return exitCode;
});
