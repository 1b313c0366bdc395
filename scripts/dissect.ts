#!/usr/bin/env -S deno run --allow-read
/** Takes packets apart: those of a capture file, or one in hexadecimal. */

import { CaptureFileError } from "../lib/capture/format_reader.ts";
import type { CaptureFilePacket } from "../lib/capture/packet.ts";
import { EXIT, ScriptError } from "../lib/cli/exit.ts";
import { dissectOptions } from "../lib/cli/options/dissect_options.ts";
import { openPackets } from "../lib/cli/packet_input.ts";
import { writeText } from "../lib/cli/file_failure.ts";
import { checkWritable } from "../lib/cli/files/growing_file.ts";
import { OutputThread } from "../lib/cli/files/output_thread.ts";
import { complain, print } from "../lib/cli/output.ts";
import { run, script } from "../lib/cli/script.ts";
import { renderPacketSVG } from "../lib/render/drawing/packet_svg.ts";
import { renderDissected } from "../lib/render/packet/dissected.ts";
import {
  renderReassembly,
  renderUnfinished,
} from "../lib/render/tools/reassembly.ts";
import {
  FrameReassembler,
  type ReassemblyEvent,
} from "../lib/tools/frame_reassembler.ts";
import { LINK_TYPE_RAW, linkTypeName } from "../lib/wire/link_types.ts";
import { dissect } from "../lib/wire/packet/dissect.ts";

const program = dissectOptions(script({
  url: import.meta.url,
  flags: "--allow-read",
  description:
    "Takes packets apart: those of a capture file, or one in hexadecimal.",
  examples: [
    ["pair.pcap", "every packet of a file as Wireshark shows it"],
    ["pair.pcap --lines", "one line a packet, as sniff and tcpdump show it"],
    ["pair.pcap --json", "the same for programs, one JSON object a line"],
    [
      "--offsets 4500001636dd000080fdfea701010164010101014869",
      "octets, also as hexdump, xxd and Wireshark print them, and where each is",
    ],
    ["- <pair.pcap", "standard input, a capture or hexadecimal"],
    ["pair.pcap --reassemble", "and the packets that fragments make"],
    [
      "--svg bits.svg 4500001636dd000080fdfea701010164010101014869",
      "its bits as a drawing (add --allow-write=bits.svg)",
    ],
  ],
}));

await run(program, async (signal) => {
  const [words] = program.processedArgs;
  const { linkType = LINK_TYPE_RAW, reassemble, svg, ...style } = program
    .opts();
  if (svg !== undefined) checkWritable(svg);
  const below = style.json || style.lines ? "\n" : "\n\n";
  const reassembler = reassemble ? new FrameReassembler() : undefined;
  const output = new OutputThread();
  let text = "";
  let written = Promise.resolve();
  // What comes next is dissected while this is written.
  const flush = async () => {
    const finished = text;
    text = "";
    await written;
    written = output.print(finished);
    written.catch(() => {});
  };
  const tell = (events: readonly ReassemblyEvent[] = []) => {
    for (const event of events) {
      text += event.type === "reassembled"
        ? renderDissected(event, style)
        : renderUnfinished(event, style, style.lines ? "  " : "") + below;
    }
  };
  const options = { linkType, signal, beforeRead: flush };
  let damage: CaptureFileError | undefined;
  let first: CaptureFilePacket | undefined;
  let hasPackets = false;
  try {
    for await (const packets of await openPackets(words, options)) {
      for (const packet of packets) {
        // It is valid until the next are read.
        first ??= { ...packet, bytes: packet.bytes.slice() };
        hasPackets ||= isPacket(packet);
        text += renderDissected(packet, style);
        tell(reassembler?.add(packet));
      }
    }
  } catch (error) {
    if (!(error instanceof CaptureFileError)) {
      await written;
      throw error;
    }
    damage = error;
  }
  tell(reassembler?.end());
  await flush();
  await written;
  if (reassembler !== undefined) {
    const line = renderReassembly(reassembler.summary, style);
    if (style.json) await print(`${line}\n`);
    else await complain(line);
  }
  if (svg !== undefined && first !== undefined) {
    await writeText(svg, renderPacketSVG(first.bytes, first));
  }
  // What Ctrl-C has ended is cut short, and nobody wonders.
  if (signal.aborted) return EXIT.DONE;
  if (damage !== undefined) throw new ScriptError(damage.message, EXIT.NO);
  if (first === undefined || hasPackets) return EXIT.DONE;
  const { linkType: type, timestampNs } = first;
  throw new ScriptError(
    `that is no packet of link type ${linkTypeName(type) ?? type}`,
    EXIT.NO,
    // A file's own link type goes.
    timestampNs === undefined
      ? "If it begins with another header, name that: --link-type ethernet"
      : undefined,
  );
}, { usesSockets: false });

/** Whether anything is known of it but that it should be something else. */
function isPacket({ bytes, linkType }: CaptureFilePacket): boolean {
  const { layers, problems } = dissect(bytes, { linkType });
  return problems.length === 0 ||
    layers.some(({ protocol }) => protocol !== "data");
}
