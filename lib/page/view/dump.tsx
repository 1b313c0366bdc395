/**
 * A packet's octets in hexadecimal, in which a field is lit to the bit.
 *
 * @module
 */

import type { PlacedField } from "../../render/packet/placed_fields.ts";
import type { Words } from "../words.ts";

const PER_LINE = 16;

/** The dump; arrow keys light the field of the octet beside. */
export function Dump({ words, bytes, lit, onLight }: {
  readonly words: Words;
  readonly bytes: Uint8Array;
  readonly lit: PlacedField | undefined;
  onLight(bit: number): void;
}) {
  const lines = Array.from(
    { length: Math.ceil(bytes.length / PER_LINE) },
    (_, line) => line * PER_LINE,
  );
  const onKeyDown = (event: KeyboardEvent) => {
    const from = lit === undefined ? 0 : lit.start;
    const to = {
      ArrowRight: lit === undefined ? 0 : lit.end,
      ArrowLeft: from - 1,
      ArrowDown: from + PER_LINE * 8,
      ArrowUp: from - PER_LINE * 8,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to >= 0 && to < bytes.length * 8) onLight(to);
  };
  return (
    <div
      role="group"
      aria-label={words.octets}
      class="dump"
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      {lines.map((at) => (
        <div key={at} class="line">
          <span class="offset">{at.toString(16).padStart(4, "0")}</span>
          {[...bytes.subarray(at, at + PER_LINE)].map((octet, i) => (
            <span
              key={i}
              {...litPart(at + i, lit)}
              onMouseDown={({ offsetX, currentTarget }) => {
                const bit = Math.floor(offsetX * 8 / currentTarget.offsetWidth);
                onLight((at + i) * 8 + Math.max(0, Math.min(7, bit)));
              }}
            >
              {octet.toString(16).padStart(2, "0")}
            </span>
          ))}
          {Array.from(
            { length: Math.max(0, at + PER_LINE - bytes.length) },
            (_, i) => <span key={`no ${i}`} class="octet none" />,
          )}
          <span class="ascii">
            {[...bytes.subarray(at, at + PER_LINE)].map(letterOf).join("")}
          </span>
        </div>
      ))}
    </div>
  );
}

function letterOf(octet: number): string {
  return octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : ".";
}

/** How much of an octet is lit: all, or bits of it, each an eighth of it. */
function litPart(octet: number, lit: PlacedField | undefined) {
  const from = Math.max(0, (lit?.start ?? 0) - octet * 8);
  const to = Math.min(8, (lit?.end ?? 0) - octet * 8);
  if (from >= to) return { class: "octet" };
  if (from === 0 && to === 8) return { class: "octet lit" };
  const style = {
    "--from": `${from * 12.5}%`,
    "--to": `${to * 12.5}%`,
  };
  return { class: "octet lit bits", style };
}
