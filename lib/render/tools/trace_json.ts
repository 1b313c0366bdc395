/**
 * What tracing shows, as JSON: an object a line.
 *
 * @module
 */

import type { Hop, HopAnswer } from "../../tools/trace/hop.ts";
import type { Trace, TraceEvent } from "../../tools/trace/trace_types.ts";
import type { CSVTable } from "../csv.ts";
import { formatSeconds, timedLine } from "../timestamp.ts";

/** A row for each hop. */
export const TRACE_TABLE: CSVTable = {
  rows: ["hop"],
  columns: [
    ...["distance", "addresses", "names", "isReached", "packetsSent"],
    ...["packetsReceived", "packetLoss", "duplicates", "lateReplies"],
    ...["minRttMs", "avgRttMs", "maxRttMs", "packetSize"],
    ...["icmpType", "icmpCode", "description"],
  ],
};

type NameOf = ((address: string) => string | undefined) | undefined;

/**
 * An event of a trace.
 *
 * @param nameOf the name of an address, as far as it is known
 */
export function traceToJSON(
  event: TraceEvent,
  nameOf: NameOf,
): string {
  const { type } = event;
  switch (type) {
    case "hop":
      return timedLine({ type, ...hopToJSON(event.hop, nameOf) });
    case "answer":
      return timedLine(
        { ...event, answer: answerToJSON(event.answer) },
        event.answer.time,
      );
    case "failed": {
      const { error, ...facts } = event;
      return timedLine({ ...facts, reason: error.message });
    }
    case "start": {
      const { time, ...facts } = event;
      return timedLine(facts, time);
    }
    default:
      return timedLine(event);
  }
}

/** What comes last. */
export function traceEndToJSON({ hops, ...trace }: Trace): string {
  const { pathMTU = null } = trace;
  return timedLine({ type: "trace", ...trace, pathMTU, hops: hops.length });
}

function hopToJSON(
  hop: Hop,
  nameOf: NameOf,
) {
  const answers = hop.answers.filter((answer) => answer !== undefined);
  const told = answers.find(({ isFinal }) => isFinal) ?? answers.at(0);
  return {
    distance: hop.distance,
    addresses: hop.addresses,
    names: hop.addresses.map((address) => nameOf?.(address) ?? null),
    isReached: hop.isReached,
    packetsSent: hop.packetsSent,
    packetsReceived: hop.packetsReceived,
    packetLoss: hop.packetLoss ?? null,
    duplicates: hop.duplicates,
    lateReplies: hop.lateReplies,
    minRttMs: hop.minRttMs ?? null,
    avgRttMs: hop.avgRttMs ?? null,
    maxRttMs: hop.maxRttMs ?? null,
    packetSize: hop.packetSize ?? null,
    /** Of the first answer beyond which no probe went, or else of the first. */
    icmpType: told?.type ?? null,
    /** Of the same answer. */
    icmpCode: told?.code ?? null,
    /** What that answer says, such as `destination unreachable: host unreachable`. */
    description: told?.description ?? null,
    fates: hop.fates,
    answers: hop.answers.map((answer) => answer ? answerToJSON(answer) : null),
  };
}

function answerToJSON({ time, ...answer }: HopAnswer) {
  const { type = null, code = null, replyTTL = null, quotedTTL = null } =
    answer;
  const extensions = answer.extensions.map((object) =>
    object.kind === "unknown"
      ? { ...object, data: object.data.toHex() }
      : object
  );
  const timestamp = formatSeconds(time);
  return { ...answer, type, code, replyTTL, quotedTTL, extensions, timestamp };
}
