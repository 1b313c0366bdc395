/**
 * What tracing shows: the lines of traceroute, which eyes and scripts know, and
 * below a hop's what traceroute does not tell; the lines of the seed; objects
 * for `--json`.
 *
 * @module
 */

import type { Family } from "../wire/address.ts";
import type { MPLSLabel } from "../wire/mpls.ts";
import type { Hop } from "../tools/hop.ts";
import type {
  HopAnswer,
  ProbeChange,
  Trace,
  TraceEvent,
  TraceMTU,
} from "../tools/trace_types.ts";
import { escapeText, jsonLine } from "./text.ts";

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
  readonly #mtus: TraceMTU[] = [];
  /** Octets of the probes, as last told. */
  #size = 0;
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
        return [
          `traceroute to ${escapeText(event.name)} (${event.address}), ` +
          `${event.maxHops} hops max, ${event.packetSize} byte packets`,
        ];
      case "mtu":
        this.#mtus.push(event);
        return [];
      case "hop":
        return [this.#hopLine(event.hop), ...this.#notes(event.hop)];
      default:
        return [];
    }
  }

  /** What comes last. */
  end(trace: Trace): string[] {
    const { pathMTU, hops } = trace;
    if (this.#style.format === "json") return [endToJSON(trace)];
    if (pathMTU === undefined || this.#style.format === "seed") return [];
    const steps = this.#mtus.map(({ mtu, from, distance }) => {
      const hop = hops.find(({ addresses }) => addresses.includes(from));
      return `${mtu} behind hop ${hop?.distance ?? distance} (${from})`;
    });
    return [`path MTU ${pathMTU}${steps.map((step) => `, ${step}`).join("")}`];
  }

  #hopLine(hop: Hop): string {
    let from: string | undefined;
    const parts = hop.answers.map((answer) => {
      if (answer === undefined) return " *";
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
        notes.push(`probes arrive ${changes || "as they were sent"} from here`);
      }
      this.#changes = changes;
      if (!answer.isFinal && answer.quotedTTL! > 1) {
        notes.push(`dropped with a TTL of ${answer.quotedTTL} left`);
      }
    }
    return notes.map((note) => `    [${note}]`);
  }
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

function traceToJSON(
  event: TraceEvent,
  nameOf: TraceStyle["nameOf"],
): string {
  const { type } = event;
  if (type === "hop") {
    return jsonLine({ type, ...hopToJSON(event.hop, nameOf) });
  }
  return jsonLine(
    type === "answer"
      ? { ...event, answer: answerToJSON(event.answer) }
      : event,
  );
}

function endToJSON({ hops, ...trace }: Trace): string {
  const { pathMTU = null } = trace;
  return jsonLine({ type: "trace", ...trace, pathMTU, hops: hops.length });
}

function hopToJSON(
  hop: Hop,
  nameOf: TraceStyle["nameOf"],
): Record<string, unknown> {
  return {
    distance: hop.distance,
    addresses: hop.addresses,
    names: hop.addresses.map((address) => nameOf?.(address) ?? null),
    isReached: hop.isReached,
    packetsSent: hop.packetsSent,
    packetsReceived: hop.packetsReceived,
    packetLoss: hop.packetLoss,
    duplicates: hop.duplicates,
    lateReplies: hop.lateReplies,
    minRttMs: hop.minRttMs,
    avgRttMs: hop.avgRttMs,
    maxRttMs: hop.maxRttMs,
    packetSize: hop.packetSize,
    answers: hop.answers.map((answer) => answer ? answerToJSON(answer) : null),
  };
}

function answerToJSON(answer: HopAnswer): Record<string, unknown> {
  const { type = null, code = null, replyTTL = null, quotedTTL = null } =
    answer;
  const extensions = answer.extensions.map((object) =>
    object.kind === "unknown"
      ? { ...object, data: object.data.toHex() }
      : object
  );
  return { ...answer, type, code, replyTTL, quotedTTL, extensions };
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
  trafficClass: "TOS",
  source: "source",
  destination: "destination",
  identifier: "identifier",
  sourcePort: "source port",
  destinationPort: "destination port",
};

function changeNote({ field, quoted }: ProbeChange): string {
  const value = field === "trafficClass"
    ? `0x${quoted.toString(16).padStart(2, "0")}`
    : quoted;
  return `with ${FIELD_NAMES[field]} ${value}`;
}
