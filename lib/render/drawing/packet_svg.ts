/**
 * A packet's headers as the bit diagrams that RFCs draw, for a handout.
 *
 * @module
 */

import { dissect, type DissectOptions } from "../../wire/packet/dissect.ts";
import { type Box, boxesOf, textsIn } from "../packet/boxes.ts";
import { BITS_PER_ROW } from "../packet/diagram_rows.ts";
import { type PlacedLayer, placeFields } from "../packet/placed_fields.ts";
import { renderSVG, svgText, xmlText } from "./svg.ts";

/** A bit's width, and a row's height. */
const BIT = 24;
const ROW = 46;
/** What stands above the rows: the layer's title, and the bits' numbers. */
const HEAD = 48;
/** Between two layers, and around all. */
const GAP = 16;
/** A letter's width, of names and of values. */
const LETTER = 7.9;

const STYLE = ".box{fill:none;stroke:#111}.title{font-weight:bold}" +
  ".scale{font-size:11px;fill:#555}.name,.value,.scale{text-anchor:middle}" +
  ".name{fill:#555}.value{font-family:monospace}";

/**
 * All layers one below another, a row for each 32 bits; of long data the first
 * rows.
 */
export function renderPacketSVG(
  bytes: Uint8Array,
  options: DissectOptions = {},
): string {
  const { layers } = placeFields(bytes, dissect(bytes, options));
  let y = GAP;
  const elements = layers.flatMap((layer) => {
    const { boxes, rows, isCut } = boxesOf(bytes, layer);
    const drawn = [
      `<g transform="translate(${GAP} ${y})">`,
      svgText(0, 16, "title", layer.title + (isCut ? ", its beginning" : "")),
      ...Array.from(
        { length: BITS_PER_ROW },
        (_, bit) => svgText((bit + 0.5) * BIT, HEAD - 6, "scale", `${bit}`),
      ),
      ...boxes.flatMap(boxElements),
      "</g>",
    ];
    y += HEAD + rows * ROW + GAP;
    return drawn;
  });
  const titles = layers.map(({ title }) => title).join("; ");
  return renderSVG({
    width: BITS_PER_ROW * BIT + 2 * GAP,
    height: y,
    title: `A packet bit by bit: ${titles}`,
    description: layers.map(inWords).join(" "),
    style: STYLE,
    elements,
  });
}

/** What the diagram of a layer shows, for who cannot see it. */
function inWords({ title, fields }: PlacedLayer): string {
  const told = fields.filter(({ depth }) => depth === 0)
    .map(({ field: { label, text } }) => `${label} ${text}`);
  return `${title}: ${told.join(", ")}.`;
}

function boxElements(box: Box): string[] {
  const { cell, row, column, isLabelled } = box;
  const { bitWidth, label } = cell;
  const [x, y] = [column * BIT, HEAD + row * ROW];
  const width = bitWidth * BIT;
  const { name, text: value, shown } = textsIn(
    box,
    Math.floor((width - 4) / LETTER),
  );
  return [
    `<rect class="box" x="${x}" y="${y}" width="${width}" height="${ROW}">` +
    `<title>${xmlText(`${label}: ${value}`)}</title></rect>`,
    ...isLabelled
      ? [
        svgText(x + width / 2, y + 18, "name", name),
        svgText(x + width / 2, y + 36, "value", shown),
      ]
      // Of a field of several boxes, the octets that stand in this one.
      : [svgText(x + width / 2, y + 36, "value", cell.text)],
  ];
}
