/**
 * A header as the bit diagram that RFCs draw, with its values.
 *
 * @module
 */

import { BITS_PER_ROW } from "../../render/packet/diagram_rows.ts";
import { type Box, boxesOf, textsIn } from "../../render/packet/boxes.ts";
import type {
  PlacedField,
  PlacedLayer,
} from "../../render/packet/placed_fields.ts";
import type { Words } from "../words.ts";

/** Units of the drawing: of a bit's width, and a row's height. */
const BIT = 30;
const ROW = 58;
const SCALE = 22;
/** A letter's width as the drawing has them, for names and for values. */
const LETTER = 9.4;

/** The diagram of one layer; arrow keys light the next field. */
export function Diagram({ words, bytes, layer, lit, onLight }: {
  readonly words: Words;
  readonly bytes: Uint8Array;
  readonly layer: PlacedLayer;
  readonly lit: PlacedField | undefined;
  onLight(index: number | undefined): void;
}) {
  const { boxes, rows, isCut } = boxesOf(bytes, layer);
  const onKeyDown = (event: KeyboardEvent) => {
    const order = [
      ...new Set(boxes.flatMap(({ field }) => field?.index ?? [])),
    ];
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[
      event.key
    ];
    if (step === undefined || order.length === 0) return;
    event.preventDefault();
    const here = order.indexOf(lit?.index ?? -1);
    const to = here < 0 ? 0 : here + step;
    onLight(order[Math.max(0, Math.min(order.length - 1, to))]);
  };
  return (
    <figure class="diagram">
      <figcaption>{layer.title}</figcaption>
      <svg
        viewBox={`0 0 ${BITS_PER_ROW * BIT + 2} ${rows * ROW + SCALE + 2}`}
        tabindex={0}
        role="group"
        aria-label={words.layerOf(layer.title)}
        onKeyDown={onKeyDown}
      >
        {Array.from({ length: BITS_PER_ROW }, (_, bit) => (
          <text
            key={bit}
            class={bit % 8 === 0 ? "scale octet" : "scale"}
            x={bit * BIT + BIT / 2}
            y={SCALE - 7}
          >
            {bit}
          </text>
        ))}
        {boxes.map((box) => (
          <Cell
            key={box.cell.bitOffset}
            box={box}
            isLit={isWithin(box.field, lit)}
            onLight={() => onLight(box.field?.index)}
          />
        ))}
      </svg>
      {isCut && <p class="hint">{words.cut}</p>}
    </figure>
  );
}

/** Whether a field is lit, or the lit one has it as a part, or is a part. */
function isWithin(
  field: PlacedField | undefined,
  lit: PlacedField | undefined,
): boolean {
  return lit !== undefined && field !== undefined &&
    lit.start < field.end && field.start < lit.end;
}

function Cell({ box, isLit, onLight }: {
  readonly box: Box;
  readonly isLit: boolean;
  onLight(): void;
}) {
  const { cell, column, row, isLabelled } = box;
  const { bitWidth, label } = cell;
  const [x, y] = [column * BIT + 1, row * ROW + SCALE];
  const middle = x + bitWidth * BIT / 2;
  const room = Math.floor((bitWidth * BIT - 4) / LETTER);
  const { name, text, shown } = textsIn(box, room);
  return (
    <g class={isLit ? "cell lit" : "cell"} onMouseDown={onLight}>
      <title>{`${label}: ${text}`}</title>
      <rect x={x} y={y} width={bitWidth * BIT} height={ROW} />
      {isLabelled && (
        <>
          <text class="label" x={middle} y={y + 23}>{name}</text>
          <text class="value" x={middle} y={y + 44}>{shown}</text>
        </>
      )}
    </g>
  );
}
