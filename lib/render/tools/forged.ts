/**
 * Forged packets, for whoever forges them.
 *
 * @module
 */

import { counted } from "../../wire/errors.ts";
import type { SpoofEvent } from "../../tools/spoof/spoof.ts";
import type { ComparedField } from "../../compare/comparison.ts";
import { dissect } from "../../wire/packet/dissect.ts";
import { packetToJSON } from "../../wire/json/packet_json.ts";
import { isAftermath, renderAftermath } from "./aftermath.ts";
import { lostInAll, lostToJSON, renderLost } from "./lost.ts";
import { renderExplanation } from "../packet/explain.ts";
import { jsonLine } from "../text.ts";
import { wrap } from "../wrap.ts";

/** A forged packet, beforehand. */
export interface Forged {
  /** As it is given to the kernel. */
  readonly bytes: Uint8Array;
  /** As the kernel will complete it, as far as that is known. */
  readonly completed: Uint8Array;
  /** What it will write, each with its rule. */
  readonly foretold: readonly ComparedField[];
}

const MARKS = { filled: "+", overwritten: "!", left: "=" } as const;

/** How events are to be shown. */
export interface ForgedStyle {
  /** One JSON object a line. */
  readonly json?: boolean;
}

/** What would go out: hexadecimal, what the kernel will write, the packet. */
export function renderForged(
  { bytes, completed, foretold }: Forged,
  { json }: ForgedStyle,
): string {
  if (json) {
    const kernel = Object.fromEntries(
      foretold.map(({ name, left, rules }) => [name, {
        value: left?.value ?? null,
        rule: rules[0],
      }]),
    );
    return jsonLine({
      type: "packet",
      bytes: bytes.toHex(),
      kernel,
      ...packetToJSON(completed, dissect(completed)),
    });
  }
  const isOpen = foretold.some(({ left }) => left === undefined);
  return [
    bytes.toHex(),
    "",
    "Linux writes its part of this header:",
    ...foretold.flatMap((field) =>
      wrap(
        "  ",
        `${MARKS[field.kernel ?? "left"]} ${field.label}: ` +
          `${field.sent?.text}, ${fate(field)}: ${field.rules[0]}`,
      )
    ),
    ...(isOpen
      ? wrap(
        "",
        "What it chooses only then is shown as 0 here, and the checksum " +
          "changes with it.",
      )
      : []),
    "",
    ...renderExplanation(completed),
  ].join("\n");
}

function fate({ kernel, left }: ComparedField): string {
  if (kernel === "left") return "kept";
  const word = kernel === "filled" ? "filled in" : "overwritten";
  return left === undefined
    ? `${word} when it leaves`
    : `${word} with ${left.text}`;
}

/** What happened, for people or for programs. */
export function renderSpoof(event: SpoofEvent, { json }: ForgedStyle): string {
  if (isAftermath(event)) return renderAftermath(event, { json });
  if (event.type === "failed") {
    return json
      ? jsonLine(lostToJSON(event))
      : renderLost("Packet", event).join("\n");
  }
  if (json) return jsonLine(event);
  if (event.type === "sent") return `sent packet ${event.number}`;
  const { sent, destination, octets, failed, durationMs } = event;
  return `--- ${sent} sent to ${destination}, ${counted(octets, "octet")}, ` +
    `${Math.round(durationMs)} ms${lostInAll(failed)}`;
}
