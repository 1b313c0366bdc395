/**
 * One packet: bits, fields and octets, in which the same field is lit.
 *
 * @module
 */

import { useMemo } from "preact/hooks";
import type { Model } from "../model.ts";
import { draftOf } from "../packet/draft.ts";
import { fieldAtBit, placeFields } from "../../render/packet/placed_fields.ts";
import { dissect } from "../../wire/packet/dissect.ts";
import type { Packet } from "../state/store.ts";
import { Checksums } from "./checksums.tsx";
import { Diagram } from "./diagram.tsx";
import { Dump } from "./dump.tsx";
import { Journey } from "./journey.tsx";
import { FieldNote } from "./note.tsx";
import { FieldTree } from "./tree.tsx";

/** A packet in its three views. */
export function PacketView({ model, packet }: {
  readonly model: Model;
  readonly packet: Packet;
}) {
  const { words, lit } = model;
  const { bytes, linkType } = packet;
  const [placed, dissection] = useMemo(() => {
    const dissection = dissect(bytes, { linkType });
    return [placeFields(bytes, dissection), dissection];
  }, [packet]);
  const { problems } = dissection;
  const draft = useMemo(() => draftOf(packet), [packet]);
  const lightBit = (bit: number) => light(fieldAtBit(placed, bit)?.index);
  const field = lit === undefined ? undefined : placed.fields[lit];
  const light = (index: number | undefined) => model.change({ lit: index });
  const shown = field === undefined
    // What most lessons are about, and not the frame around it.
    ? placed.layers.findIndex(({ protocol }) => /^ip|arp/.test(protocol))
    : placed.layers.findIndex(({ fields }) => fields.includes(field));
  const index = Math.max(0, shown);
  const layer = placed.layers[index];
  const turn = (to: number) => light(placed.layers[to].fields[0]?.index);
  return (
    <>
      <div>
        <div class="bar">
          <div role="tablist" aria-label={words.layers} class="tabs">
            {placed.layers.map(({ protocol }, i) => (
              <button
                key={i}
                type="button"
                role="tab"
                aria-selected={i === index}
                tabIndex={i === index ? 0 : -1}
                onClick={() => turn(i)}
                onKeyDown={({ key, currentTarget }) => {
                  const to = i + ({ ArrowRight: 1, ArrowLeft: -1 }[key] ?? 0);
                  if (to === i || placed.layers[to] === undefined) return;
                  turn(to);
                  (currentTarget.parentElement!.children[to] as HTMLElement)
                    .focus();
                }}
              >
                {protocol}
              </button>
            ))}
          </div>
          <label class="blanks">
            <input
              type="checkbox"
              checked={model.hasBlanks}
              onChange={({ currentTarget: { checked } }) =>
                model.change({ hasBlanks: checked })}
            />{" "}
            {words.blanks}
          </label>
          {model.draft === undefined && model.source.isLive && (
            <button
              type="button"
              class="edit"
              disabled={draft === undefined}
              title={draft === undefined ? words.noEdit : undefined}
              onClick={() => model.change({ draft })}
            >
              {words.edit}
            </button>
          )}
        </div>
        {layer !== undefined && (
          <Diagram
            words={words}
            bytes={bytes}
            layer={layer}
            lit={field}
            onLight={light}
          />
        )}
        <FieldNote words={words} bytes={bytes} field={field} />
        <Journey model={model} packet={packet} />
        <Checksums
          words={words}
          bytes={bytes}
          dissection={dissection}
          layer={index}
          onLight={lightBit}
        />
        {problems.length > 0 && (
          <ul class="problems">
            {problems.map(({ layer, field, reason }, i) => (
              <li key={i}>{layer} {field}: {reason}</li>
            ))}
          </ul>
        )}
      </div>
      <div class="sides">
        <FieldTree words={words} placed={placed} lit={field} onLight={light} />
        <Dump
          words={words}
          bytes={bytes}
          lit={field}
          onLight={lightBit}
        />
      </div>
    </>
  );
}
