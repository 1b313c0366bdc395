/**
 * The strings in a bundle, and not what looks like one in a comment, a regular
 * expression or a template.
 *
 * @module
 */

/** A comment, a string, a regular expression, or what is in a template. */
const TOKEN =
  /\/\/.*|\/\*[^]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|(?<=[(,=:[!&|?{;]\s*|=>\s*|\breturn )\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/|[`{}]/g;
/** A template's text, up to what it has in it, or to its end. */
const TEXT = /(?:[^`\\$]|\\[^]|\$(?!\{))*(?:`|\$\{)/y;

/** A string, with its quotes, and where it begins. */
export interface Literal {
  readonly text: string;
  readonly index: number;
}

/** Finds them, in code that is not minified. */
export function* stringsIn(code: string): Generator<Literal> {
  /** Braces that are open within what each template has in it. */
  const open: number[] = [];
  for (let at = 0;;) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(code);
    if (match === null) return;
    const [text] = match;
    const { index } = match;
    at = TOKEN.lastIndex;
    if (text === "{" && open.length > 0) open[open.length - 1]++;
    const isBack = text === "}" && open.length > 0 &&
      open[open.length - 1]-- === 0;
    if (isBack) open.pop();
    if (isBack || text === "`") {
      TEXT.lastIndex = at;
      if (TEXT.exec(code)?.[0].endsWith("${")) open.push(0);
      at = TEXT.lastIndex;
    } else if (/^["']/.test(text)) yield { text, index };
  }
}
