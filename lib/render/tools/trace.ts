/**
 * What tracing shows: the lines of traceroute, which eyes and scripts know, and
 * below a hop's what traceroute does not tell; the lines of the seed; objects
 * for `--json`.
 *
 * @module
 */

import type { Family } from "../../wire/address.ts";
import type { MPLSLabel } from "../../wire/icmp/mpls.ts";
import type { Hop } from "../../tools/trace/hop.ts";
import type { HopAnswer, ProbeChange } from "../../tools/trace/hop.ts";
import type {
  Trace,
  TraceEvent,
  TraceMTU,
} from "../../tools/trace/trace_types.ts";
import { escapeText } from "../text.ts";
import { wrap } from "../wrap.ts";
import { traceEndToJSON, traceToJSON } from "./trace_json.ts";

/** How a trace is to be shown. */
export interface TraceStyle {
  /**
   * `traceroute` (default): its lines, and notes below them; `seed`: those of
   * the traceroute that this grew from; `json`: one object a line.
   */
  readonly format?: "traceroute" | "seed" | "json";
  /** The name of an address, as far as it is known; default none is shown. */
  readonly nameOf?: (address: string) => string | undefined;
}

/** Makes the lines of a trace, one hop after the other. */
export class TraceRenderer {
  readonly #style: TraceStyle;
  /** By router what it said last. */
  readonly #mtus = new Map<string, TraceMTU>();
  #isMTUSought = false;
  /** Octets of the probes, as last told. */
  #size: number | undefined;
  /** What had become of the probes, as last told. */
  #changes = "";

  constructor(style: TraceStyle = {}) {
    this.#style = style;
  }

  /** An event in lines; none if there is nothing to say. */
  lines(event: TraceEvent): string[] {
    const { format, nameOf } = this.#style;
    if (format === "json") return [traceToJSON(event, nameOf)];
    if (format === "seed") return seedLines(event);
    switch (event.type) {
      case "start":
        this.#size = event.packetSize;
        this.#isMTUSought = event.discoverMTU;
        return [
          `traceroute to ${escapeText(event.name)} (${event.address}), ` +
          `${event.maxHops} hops max, ${event.packetSize} byte packets`,
        ];
      case "mtu":
        this.#mtus.set(event.from, event);
        return [];
      case "hop":
        return [this.#hopLine(event.hop), ...this.#notes(event.hop)];
      default:
        return [];
    }
  }

  /** What comes last. */
  end(trace: Trace): string[] {
    if (this.#style.format === "json") return [traceEndToJSON(trace)];
    if (this.#style.format === "seed") return [];
    return [
      ...(this.#isMTUSought ? this.#mtuLines(trace) : []),
      ...pendingNote(trace.hops),
    ];
  }

  #mtuLines(trace: Trace): string[] {
    const steps = Array.from(this.#mtus.values(), (step) => {
      const { mtu, claimedMTU, from, distance } = step;
      const hop = trace.hops.find(({ addresses }) => addresses.includes(from));
      const place = `hop ${hop?.distance ?? distance} (${from})`;
      if (mtu === claimedMTU) return `${mtu} behind ${place}`;
      return `${mtu} behind ${place}, which says ${claimedMTU || "nothing"}`;
    });
    const { pathMTU } = trace;
    const isGuess = this.#mtus.values().some(({ mtu, claimedMTU }) =>
      mtu === pathMTU && mtu !== claimedMTU
    );
    const result = pathMTU === undefined
      ? `path MTU not known: ${whyUnknown(trace)}`
      : `path MTU ${isGuess ? "at least " : ""}${pathMTU}`;
    return wrap("", [result, ...steps].join(", "));
  }

  #hopLine(hop: Hop): string {
    let from: string | undefined;
    const parts = hop.fates.map((fate, i) => {
      const answer = hop.answers[i];
      if (answer === undefined) return fate === "pending" ? " ?" : " *";
      const who = answer.from === from ? "" : ` ${this.#address(answer.from)}`;
      from = answer.from;
      const marks = [this.#sizeMark(hop), answerMark(answer)].filter(Boolean);
      return [`${who}  ${answer.roundTripMs.toFixed(3)} ms`, ...marks].join(
        " ",
      );
    });
    return `${`${hop.distance}`.padStart(2)} ${parts.join("")}`;
  }

  /** The probes' size, where it is not as last told. */
  #sizeMark({ packetSize }: Hop): string {
    if (packetSize === this.#size) return "";
    this.#size = packetSize;
    return `F=${packetSize}`;
  }

  #address(address: string): string {
    const { nameOf } = this.#style;
    if (nameOf === undefined) return address;
    return `${escapeText(nameOf(address) ?? address)} (${address})`;
  }

  /** What a hop says beyond that it is there. */
  #notes(hop: Hop): string[] {
    const notes = hop.labels.length > 0 ? [mplsNote(hop.labels)] : [];
    const answer = hop.answers.find((answer) =>
      answer?.quotedTTL !== undefined
    );
    if (answer !== undefined) {
      const changes = answer.changes.map(changeNote).join(", ");
      // Once, where it begins.
      if (changes !== this.#changes) {
        notes.push(
          changes === ""
            ? "not changed on the way here"
            : `changed on the way here: ${changes}`,
        );
      }
      this.#changes = changes;
      if (!answer.isFinal && answer.quotedTTL! > 1) {
        notes.push(`dropped with a TTL of ${answer.quotedTTL} left`);
      }
    }
    return notes.flatMap((note) => wrap("    ", `[${note}]`));
  }
}

/** Why there is no path MTU. */
function whyUnknown({ hops, isReached }: Trace): string {
  if (isReached) return "a router lets be fragmented what should not be";
  const passed = hops.findLast(({ answers }) =>
    answers.some((answer) => answer?.isFinal === false)
  );
  if (passed === undefined) return "nobody on the way has answered";
  const { packetSize, distance, address } = passed;
  return `the target has not answered; ${packetSize} octets came as far as ` +
    `hop ${distance} (${address})`;
}

/** What Ctrl-C has left. */
function pendingNote(hops: readonly Hop[]): string[] {
  const count = hops.flatMap(({ fates }) => fates)
    .filter((fate) => fate === "pending").length;
  if (count === 0) return [];
  const probes = count === 1 ? "1 probe was" : `${count} probes were`;
  return [`ended while ${probes} still on the way (?)`];
}

/** The seed is silent about silent hops. */
function seedLines(event: TraceEvent): string[] {
  if (event.type === "start") return [`Scanning to ${event.address} ...`];
  if (event.type !== "hop" || event.hop.address === "") return [];
  const { distance, isReached, answers } = event.hop;
  const { from } = answers.find((answer) => answer?.isReached === isReached)!;
  const reach = isReached ? "Reach time" : "time";
  return [`- ${reach} to live ${distance} from ${from}`];
}

/** What traceroute writes behind a time: `!H` and its like. */
function answerMark(
  { type, code, isFinal, from, nextHopMTU }: HopAnswer,
): string {
  if (!isFinal || type === undefined || code === undefined) return "";
  const family: Family = from.includes(":") ? 6 : 4;
  if (type === ECHO_REPLY[family]) return "";
  const [unreachable, parameterProblem] = family === 4 ? [3, 12] : [1, 4];
  if (family === 4 ? type === 3 && code === 4 : type === 2) {
    return `!F-${nextHopMTU}`;
  }
  if (type === parameterProblem && family === 6 && code === 1) return "!P";
  if (type !== unreachable) return `!<${type}-${code}>`;
  return MARKS[family][code] ?? `!<${code}>`;
}

const ECHO_REPLY = { 4: 0, 6: 129 } as const;
/** By the code of an unreachable destination; a port's is where to get to. */
const MARKS: Readonly<Record<Family, Readonly<Record<number, string>>>> = {
  4: {
    0: "!N",
    1: "!H",
    2: "!P",
    3: "",
    5: "!S",
    6: "!N",
    7: "!H",
    8: "!N",
    9: "!X",
    10: "!X",
    11: "!N",
    12: "!H",
    13: "!X",
    14: "!V",
    15: "!C",
  },
  6: { 0: "!N", 1: "!X", 2: "!H", 3: "!H", 4: "" },
};

function mplsNote(labels: readonly MPLSLabel[]): string {
  const stack = labels.map(({ label, trafficClass, ttl }) =>
    `label ${label}, TC ${trafficClass}, TTL ${ttl}`
  );
  return `MPLS: ${stack.join("; ")}`;
}

const FIELD_NAMES: Readonly<Record<ProbeChange["field"], string>> = {
  source: "source",
  destination: "destination",
  sourcePort: "source port",
  destinationPort: "destination port",
  identifier: "identifier",
  trafficClass: "TOS",
  totalLength: "total length",
  identification: "identification",
  dontFragment: "don't fragment",
  options: "options",
  flowLabel: "flow label",
};

function changeNote({ field, sent, quoted }: ProbeChange): string {
  const name = FIELD_NAMES[field];
  switch (field) {
    case "trafficClass":
      return `${name} 0x${quoted.toString(16).padStart(2, "0")}`;
    case "dontFragment":
      return `${name} ${quoted ? "set" : "unset"}`;
    case "options":
      return `${name} ${quoted || "removed"}`;
    case "flowLabel":
      return `${name} 0x${quoted.toString(16).padStart(5, "0")}`;
    case "totalLength":
    case "identification":
      if (isSwapped(sent, quoted)) return `${name} with its octets swapped`;
      // Each probe has its own, and none says more than another.
      return field === "identification"
        ? `another ${name}`
        : `${name} ${quoted}`;
    default:
      return `${name} ${quoted}`;
  }
}

/** Whether one is the other in the order of a little-endian machine. */
function isSwapped(
  sent: ProbeChange["sent"],
  quoted: ProbeChange["quoted"],
): boolean {
  return typeof sent === "number" &&
    quoted === (sent >>> 8 | (sent & 0xff) << 8);
}
