/**
 * Drawings as SVG, that stand alone: plain, on white, with words for who cannot
 * see them.
 *
 * @module
 */

import { escapeText } from "../text.ts";

/** Text as XML takes it. */
export function xmlText(text: string): string {
  return escapeText(text).replace(
    /[&<>"]/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

/** Words in a drawing, whose look goes by their kind. */
export function svgText(
  x: number,
  y: number,
  kind: string,
  words: string,
): string {
  return `<text class="${kind}" x="${x}" y="${y}">${xmlText(words)}</text>`;
}

/** A drawing, and what it shows. */
export interface Drawing {
  /** In units of which a page has 800 across. */
  readonly width: number;
  readonly height: number;
  /** What it is, and what is to be seen in it. */
  readonly title: string;
  readonly description: string;
  /** How its elements look. */
  readonly style: string;
  /** Its elements. */
  readonly elements: readonly string[];
}

/** The file's content. */
export function renderSVG(
  { width, height, title, description, style, elements }: Drawing,
): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">
<title id="title">${xmlText(title)}</title>
<desc id="description">${xmlText(description)}</desc>
<style>text{font:13px sans-serif;fill:#111}${style}</style>
<rect width="${width}" height="${height}" fill="#fff"/>
${elements.join("\n")}
</svg>
`;
}
