/**
 * Lines broken between words.
 *
 * @module
 */

const COLUMNS = 80;
const INDENT = "    ";

/** Breaks a line at 80 columns; what follows is indented further. */
export function wrap(indent: string, text: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    const isFirst = line.trim() === "";
    if (!isFirst && line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = `${indent}${INDENT}${word}`;
    } else {
      line += isFirst ? word : ` ${word}`;
    }
  }
  return [...lines, line];
}
