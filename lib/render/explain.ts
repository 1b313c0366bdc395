/**
 * A packet explained to somebody who learns: the tree, and its IP header drawn
 * as in the RFC.
 *
 * @module
 */

import { describeLayer, dissect } from "../wire/dissect.ts";
import { renderDiagram } from "./diagram.ts";
import { renderTree } from "./tree.ts";

/** The lines that explain a packet, at most 80 columns wide. */
export function renderExplanation(bytes: Uint8Array): string[] {
  const dissection = dissect(bytes);
  const lines = renderTree(bytes, dissection);
  const header = dissection.layers.at(0);
  if (header === undefined || header.protocol === "data") return lines;
  const octets = bytes.subarray(header.offset, header.offset + header.length);
  return [
    ...lines,
    "",
    ...renderDiagram(octets, describeLayer(bytes, header).fields),
  ];
}
