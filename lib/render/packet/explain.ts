/**
 * A packet explained to somebody who learns: the tree, and its IP header drawn
 * as in the RFC.
 *
 * @module
 */

import { describeLayer, dissect } from "../../wire/packet/dissect.ts";
import { LINK_TYPE_RAW } from "../../wire/link_types.ts";
import { renderDiagram } from "./diagram.ts";
import { renderTree } from "./tree.ts";

/**
 * The lines that explain a packet, at most 80 columns wide.
 *
 * @param linkType what it begins with; default an IP header
 */
export function renderExplanation(
  bytes: Uint8Array,
  linkType: number = LINK_TYPE_RAW,
): string[] {
  const dissection = dissect(bytes, { linkType });
  const lines = renderTree(bytes, dissection);
  const header = dissection.layers.find(({ protocol }) =>
    protocol === "ipv4" || protocol === "ipv6"
  );
  if (header === undefined) return lines;
  const octets = bytes.subarray(header.offset, header.offset + header.length);
  return [
    ...lines,
    "",
    ...renderDiagram(octets, describeLayer(bytes, header).fields),
  ];
}
