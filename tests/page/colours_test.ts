/** Protocols are told apart by who sees no green, too: by colour and letter. */

import { assert, assertEquals } from "@std/assert";
import { letterOf } from "../../lib/page/packet/row.ts";
import { PROTOCOLS } from "../../lib/wire/packet/registry.ts";
import css from "../../lib/page/page.css" with { type: "text" };

type Triple = readonly [number, number, number];

/** Of linear RGB, what deuteranopes see (Machado et al. 2009, severity 1). */
const DEUTERANOPIA: readonly Triple[] = [
  [0.367322, 0.860646, -0.227968],
  [0.280085, 0.672501, 0.047413],
  [-0.01182, 0.04294, 0.968881],
];
/** IEC 61966-2-1, to XYZ as the white point of D65 has it. */
const XYZ: readonly Triple[] = [
  [0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505],
  [0.2126, 0.7152, 0.0722],
  [0.0193 / 1.089, 0.1192 / 1.089, 0.9505 / 1.089],
];

function times(matrix: readonly Triple[], [a, b, c]: Triple): Triple {
  const [x, y, z] = matrix.map(([p, q, r]) => p * a + q * b + r * c);
  return [x, y, z];
}

function linear(colour: string): Triple {
  const [r, g, b] = Uint8Array.fromHex(colour);
  const of = (octet: number) =>
    octet <= 10 ? octet / 255 / 12.92 : ((octet / 255 + 0.055) / 1.055) ** 2.4;
  return [of(r), of(g), of(b)];
}

/** CIE 1976 L*a*b*, in which a distance of 2.3 is just noticeable. */
function lab(rgb: Triple): Triple {
  const [x, y, z] = times(XYZ, rgb).map((value) => Math.cbrt(value));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function distance(a: Triple, b: Triple): number {
  return Math.hypot(...a.map((value, i) => value - b[i]));
}

const INKS = [...css.matchAll(/\.letter-(.) \{\s*--ink: #([0-9a-f]{6});/g)]
  .map(([, letter, colour]) => ({ letter, colour: linear(colour) }));

Deno.test("every letter but that of others has a colour of its own", () => {
  const letters = new Set(Object.keys(PROTOCOLS).map(letterOf));
  letters.delete("·");
  assertEquals(
    INKS.map(({ letter }) => letter).toSorted(),
    [...letters].toSorted(),
  );
});

Deno.test("deuteranopes tell the colours apart, and read what is on them", () => {
  const seen = (colour: Triple) =>
    times(DEUTERANOPIA, colour).map((value) =>
      Math.max(0, Math.min(1, value))
    ) as unknown as Triple;
  for (const [i, one] of INKS.entries()) {
    for (const other of INKS.slice(i + 1)) {
      for (const eye of [(colour: Triple) => colour, seen]) {
        const apart = distance(lab(eye(one.colour)), lab(eye(other.colour)));
        assert(apart > 20, `${one.letter} and ${other.letter}: ${apart}`);
      }
    }
    // White on it, by WCAG 2.2 §1.4.3.
    for (const colour of [one.colour, seen(one.colour)]) {
      const [, luminance] = times(XYZ, colour);
      const contrast = 1.05 / (luminance + 0.05);
      assert(contrast > 4.5, `${one.letter}: ${contrast}`);
    }
  }
});
