/**
 * Lines broken between words.
 *
 * @module
 */

/** As wide as a terminal is, if nobody has made it wider. */
const COLUMNS = 80;
const INDENT = "    ";

/** What is to be copied whole, in backquotes or quotes, or goes to the next blank. */
const WORD = /(?:`[^`]*`|"(?:\\.|[^"\\])*"|(?<=^|[\s(])'[^']*'|\S)+/g;

/** The words of a text; what stands in backquotes or in quotes is one. */
export function wordsOf(text: string): string[] {
  return text.match(WORD) ?? [];
}

/** Sentences broken at 80 columns; lines that are indented stay as they are. */
export function wrapSentences(text: string): string[] {
  return text.split("\n").flatMap((line) =>
    line.length <= COLUMNS || line.startsWith(" ")
      ? [line]
      : wrapWords(wordsOf(line))
  );
}

/**
 * Words as lines; one that is longer than a line has a line of its own.
 *
 * @param first what the first line begins with
 * @param rest what the lines after it begin with
 * @param columns how wide a line may be
 */
export function wrapWords(
  words: readonly string[],
  first = "",
  rest = first,
  columns = COLUMNS,
): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of words) {
    if (!isEmpty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}

/**
 * A command as a shell continues it; what stands in quotes stays whole.
 *
 * @param indent stands before the first line, and what follows is indented
 * further
 */
export function wrapCommand(text: string, indent = ""): string[] {
  if (indent.length + text.length <= COLUMNS) return [indent + text];
  const words = text.match(/(?:'[^']*'|"[^"]*"|\S)+/g) ?? [];
  const lines = wrapWords(words, indent, `${indent}  `, COLUMNS - 2);
  return lines.map((line, i) => i < lines.length - 1 ? `${line} \\` : line);
}

/**
 * A line broken at 80 columns, also within words that are longer; what follows
 * is indented further.
 *
 * @param gutter stands before the first line, and blanks before the others
 */
export function wrap(indent: string, text: string, gutter = ""): string[] {
  const longest = COLUMNS - gutter.length - indent.length - INDENT.length;
  if (text.length <= longest) return [gutter + indent + text];
  const rest = " ".repeat(gutter.length) + indent + INDENT;
  const words = text.split(" ").flatMap((word) => cut(word, longest));
  return wrapWords(words, gutter + indent, rest);
}

function cut(word: string, longest: number): string[] {
  const pieces = [word.slice(0, longest)];
  for (let at = longest; at < word.length; at += longest) {
    pieces.push(word.slice(at, at + longest));
  }
  return pieces;
}
