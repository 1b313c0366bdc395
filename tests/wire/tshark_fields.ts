/**
 * What is compared with tshark, field by field: its names, and our values, of
 * every protocol.
 *
 * @module
 */

import {
  type ProtocolName,
  protocolOf,
} from "../../lib/wire/packet/registry.ts";
import type { Dissection, HeaderLayer } from "../../lib/wire/packet/dissect.ts";
import { FOUND, packetsOf } from "./found_packets.ts";
import type { Difference, Reader, Row } from "./protocol_packets.ts";

/** All that is compared. */
export const NAMES = [
  ...new Set(FOUND.flatMap(({ fields, checksumStatus }) => [
    ...Object.keys(fields),
    ...(checksumStatus === undefined ? [] : [checksumStatus]),
  ])),
];

/** Those of which a packet may have several. */
export const LISTS = FOUND.flatMap(({ lists = [] }) => lists);

/** What tshark is told. */
export const PREFERENCES = FOUND.flatMap(({ preferences = [] }) => preferences);

/** Where we say something else than tshark, on purpose. */
export const DIFFERENCES: readonly Difference[] = [
  ...FOUND.flatMap(({ differences = [] }) => differences),
  {
    reason: "Where an IP length goes past the end no checksum inside is " +
      "checked here; tshark takes what is there for all.",
    isOne: (name, ours) =>
      name.endsWith(".checksum.status") && /[23]/.test(ours[name]) &&
      ours.isCutShort === "1",
  },
];

/** The first of each protocol, as tshark's rows have it too. */
export function rowOf({ layers, problems }: Dissection): Row {
  const row: Record<string, string> = {};
  if (problems.some(({ reason }) => reason.endsWith("are missing"))) {
    row.isCutShort = "1";
  }
  const isContradictory = problems.some(({ field, reason }) =>
    field === "version" || reason.includes("less than the header's")
  );
  if (isContradictory) row.isNoIP = "1";
  for (const layer of layers) {
    if (layer.protocol === "data") continue;
    const packets = packetsOf(layer.protocol);
    const fields = packets?.fields as Reader<ProtocolName> | undefined;
    for (const [name, read] of Object.entries(fields ?? {})) {
      row[name] ??= textOf(read(layer.header, layer as never));
    }
    const status = packets?.checksumStatus;
    if (status === undefined) continue;
    row[status] ??= statusOf(
      layer,
      problems.filter((problem) => problem.layer === layer.protocol)
        .map(({ field }) => field),
    );
  }
  return row;
}

/** What tshark calls the verdict; `wrong` are the fields with a problem. */
function statusOf(layer: HeaderLayer, wrong: readonly string[]): string {
  const { checksum, carries } = protocolOf(layer.protocol);
  if (checksum?.at(layer.header) === undefined) return "";
  const isNone = checksum.zeroIsNone && "checksum" in layer.header &&
    layer.header.checksum === 0;
  if (isNone) return wrong.includes("checksum") ? "4" : "3";
  const isKnown = carries !== undefined ||
    layer.outside !== undefined && !wrong.includes("length");
  if (!isKnown) return "2";
  return wrong.includes("checksum") ? "0" : "1";
}

function textOf(value: unknown): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.join();
  return typeof value === "boolean" ? `${Number(value)}` : `${value}`;
}
