/**
 * A packet's journey: each cable that it crossed, and what changed there.
 *
 * @module
 */

import { useMemo } from "preact/hooks";
import type { Model } from "../model.ts";
import { JOURNEY_REACH, journeyOf } from "../packet/journey.ts";
import type { Packet } from "../state/store.ts";

/** The journey; nothing for a packet that was seen once. */
export function Journey({ model, packet }: {
  readonly model: Model;
  readonly packet: Packet;
}) {
  const { words, store: { packets } } = model;
  const { stages, isCut } = useMemo(
    () => journeyOf(packet, packets),
    [packet, packets.length],
  );
  const limit = isCut && <p class="hint">{words.reach(JOURNEY_REACH)}</p>;
  if (stages.length < 2) return limit || null;
  const start = stages[0].packet.timestampNs!;
  return (
    <details class="journey" open>
      <summary>{words.journey(stages.length)}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.place}</th>
            <th scope="col">µs</th>
            <th scope="col">{words.changes}</th>
          </tr>
        </thead>
        <tbody>
          {stages.map(({ packet: one, fragments, changes }) => (
            <tr
              key={one.number}
              class={fragments.includes(packet) ? "here" : undefined}
            >
              <td>
                <button
                  type="button"
                  aria-current={fragments.includes(packet)}
                  onClick={() => model.change({ selected: one })}
                >
                  {one.point.name}
                </button>
              </td>
              <td>{`${(one.timestampNs! - start) / 1000n}`}</td>
              <td>
                {fragments.length > 1 && <b>{words.parts(fragments.length)}</b>}
                {changes.map(({ label, before, after }, i) => (
                  <span key={label} class="change">
                    {i > 0 && "; "}
                    {label} <del>{before}</del> → <ins>{after}</ins>
                  </span>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {limit}
    </details>
  );
}
