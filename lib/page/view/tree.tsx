/**
 * A packet's layers and fields as a tree.
 *
 * @module
 */

import type {
  PlacedField,
  PlacedPacket,
} from "../../render/packet/placed_fields.ts";
import { useEffect, useRef } from "preact/hooks";
import type { Words } from "../words.ts";

/** The tree; arrow keys light the next field. */
export function FieldTree({ words, placed, lit, onLight }: {
  readonly words: Words;
  readonly placed: PlacedPacket;
  readonly lit: PlacedField | undefined;
  onLight(index: number | undefined): void;
}) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.querySelector('[aria-selected="true"]')
      ?.scrollIntoView({ block: "nearest" });
  }, [lit]);
  const { fields, layers } = placed;
  const onKeyDown = (event: KeyboardEvent) => {
    const last = fields.length - 1;
    const to = {
      ArrowDown: lit === undefined ? 0 : Math.min(last, lit.index + 1),
      ArrowUp: Math.max(0, (lit?.index ?? 1) - 1),
      ArrowLeft: lit?.parent,
      ArrowRight: fields.find(({ parent }) => parent === lit?.index)?.index,
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined || fields.length === 0) return;
    event.preventDefault();
    onLight(to);
  };
  return (
    <div
      ref={box}
      role="tree"
      aria-label={words.tree}
      aria-activedescendant={lit && `field-${lit.index}`}
      class="tree"
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      {layers.map(({ title, fields }, i) => (
        // One below the other: what belongs to what is told by their levels.
        <div key={i} role="none">
          <div
            role="treeitem"
            aria-level={1}
            aria-selected={false}
            class="title"
          >
            {title}
          </div>
          {fields.map((field) => (
            <FieldLine
              key={field.index}
              placed={field}
              isLit={field === lit}
              onLight={() => onLight(field.index)}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

function FieldLine({ placed, isLit, onLight }: {
  readonly placed: PlacedField;
  readonly isLit: boolean;
  onLight(): void;
}) {
  const { index, depth, field: { label, text } } = placed;
  return (
    <div
      role="treeitem"
      id={`field-${index}`}
      aria-level={depth + 2}
      aria-selected={isLit}
      class="field"
      style={{ paddingLeft: `${depth + 1.2}em` }}
      onMouseDown={onLight}
    >
      <span class="label">{label}</span>: {text}
    </div>
  );
}
