/**
 * A packet's checksums as one would calculate them on paper.
 *
 * @module
 */

import {
  explainChecksums,
  type InternetChecksumSteps,
} from "../../wire/packet/checksum_steps.ts";
import type { Dissection } from "../../wire/packet/dissect.ts";
import { hex } from "../../wire/field.ts";
import type { Words } from "../words.ts";

/** Those of one layer, word by word; nothing where it has none. */
export function Checksums({ words, bytes, dissection, layer, onLight }: {
  readonly words: Words;
  readonly bytes: Uint8Array;
  readonly dissection: Dissection;
  /** Which layer, from 0. */
  readonly layer: number;
  /** Lights the field of a bit. */
  onLight(bit: number): void;
}) {
  const steps = explainChecksums(bytes, dissection)
    .find((one) => one.layer === layer && one.kind === "internet");
  if (steps?.kind !== "internet") return null;
  return (
    <details class="checksum">
      <summary>{words.checksum}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.octet}</th>
            <th scope="col">{words.word}</th>
            <th scope="col">{words.sum}</th>
          </tr>
        </thead>
        <tbody>
          {steps.words.map(({ offset, pseudo, word, sum, isOwn }, i) => (
            <tr
              key={i}
              class={pseudo === undefined ? undefined : "pseudo"}
              onMouseDown={() => offset !== undefined && onLight(offset * 8)}
            >
              <td>{offset ?? `${words.pseudo}: ${pseudo}`}</td>
              <td>{hex(word, 4)}{isOwn && ` (${words.own})`}</td>
              <td>{hex(sum, 5)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>{endOf(words, steps)}</tfoot>
      </table>
    </details>
  );
}

function endOf(
  words: Words,
  { folds, sum, checksum, wanted, held, verdict }: InternetChecksumSteps,
) {
  const lines = [
    ...folds.map(({ carry, low, sum }): [string, string] => [
      words.fold,
      `${hex(carry, 1)} + ${hex(low, 4)} = ${hex(sum, 4)}`,
    ]),
    [words.complement, `~${hex(sum, 4)} = ${hex(checksum, 4)}`],
    [words.held, `${hex(held, 4)}, ${words.verdict(verdict, hex(wanted, 4))}`],
  ];
  return lines.map(([name, text], i) => (
    <tr key={i}>
      <th scope="row">{name}</th>
      <td colSpan={2}>{text}</td>
    </tr>
  ));
}
