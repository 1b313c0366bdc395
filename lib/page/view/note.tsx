/**
 * What there is to say of the lit field.
 *
 * @module
 */

import { fieldMeaning } from "../../wire/meaning/field_meaning.ts";
import { bitsOf, type PlacedField } from "../../render/packet/placed_fields.ts";
import type { Words } from "../words.ts";

/** Bits that are shown one by one; of what is longer the dump tells. */
const MOST_BITS = 32;

/** The field's name, value, place and bits. */
export function FieldNote({ words, bytes, field }: {
  readonly words: Words;
  readonly bytes: Uint8Array;
  readonly field: PlacedField | undefined;
}) {
  // The element stays, or a screen reader would not hear it change.
  if (field === undefined) return <p class="note" aria-live="polite" />;
  const { start, end, protocol, path, field: { label, text } } = field;
  const known = fieldMeaning(protocol, path);
  return (
    <p class="note" aria-live="polite">
      <b>{label}</b>: {text}
      <span class="where">{words.bitsAt(start, end - 1, end - start)}</span>
      {end - start <= MOST_BITS && <code>{bitsOf(bytes, field)}</code>}
      {known !== undefined && (
        <span class="meaning">
          <span lang="en">{known.meaning} {known.reference}.</span>{" "}
          <i>{known.isDerived ? words.derived : words.given}</i>
        </span>
      )}
    </p>
  );
}
