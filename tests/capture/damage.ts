/**
 * Capture files with something wrong.
 *
 * @module
 */

import { type Random, randomBytes, randomInt, randomOf } from "../random.ts";

/** Numbers that lengths and counts go wrong with. */
const NUMBERS = [
  ...[0, 1, 3, 4, 8, 11, 12, 13, 16, 28, 32, 36, 0x7fff, 0xffff, 0x1_0000],
  ...[2 ** 20 - 16, 2 ** 20 - 4, 2 ** 20, 2 ** 20 + 4, 2 ** 24, 2 ** 28],
  ...[0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_fffc, 0xffff_ffff],
  ...[0x0a0d0d0a, 1, 2, 3, 6, 0x1a2b3c4d, 0xa1b2c3d4, 0xa1b23c4d],
];

/** A file that is no longer what it was. */
export interface Damaged {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The first octet that may differ. */
  readonly from: number;
}

/** A file with one to four things wrong. */
export function damage(
  random: Random,
  bytes: Uint8Array<ArrayBuffer>,
): Damaged {
  let damaged = bytes.slice();
  let from = damaged.length;
  for (let count = randomInt(random, 1, 4); count > 0; count--) {
    const at = randomInt(random, 0, damaged.length - 1);
    const word = Math.min(at & ~3, damaged.length - 4);
    const splice = (removed: number, added: Uint8Array) =>
      damaged = Uint8Array.from([
        ...damaged.subarray(0, at),
        ...added,
        ...damaged.subarray(at + removed),
      ]);
    randomOf<() => void>(random, [
      () => damaged[at] ^= 1 << randomInt(random, 0, 7),
      () => damaged[at] = randomInt(random, 0, 255),
      () =>
        new DataView(damaged.buffer).setUint32(
          word,
          randomOf(random, NUMBERS),
          random() < 0.5,
        ),
      () => {
        const view = new DataView(damaged.buffer);
        const littleEndian = random() < 0.5;
        const value = view.getUint32(word, littleEndian);
        const change = randomOf(random, [-8, -4, -1, 1, 4, 8]);
        view.setUint32(word, value + change, littleEndian);
      },
      () => splice(randomInt(random, 1, 8), new Uint8Array()),
      () => splice(0, randomBytes(random, randomInt(random, 1, 8))),
    ])();
    from = Math.min(from, word, at);
    if (damaged.length < 8) break;
  }
  return { bytes: damaged, from };
}
