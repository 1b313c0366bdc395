/**
 * The packet that is being made: its fields, who sends it, what came of it.
 *
 * @module
 */

import { useMemo, useState } from "preact/hooks";
import type { Model } from "../model.ts";
import { changeable, changed, isIPv6 } from "../packet/draft.ts";
import { placeFields } from "../../render/packet/placed_fields.ts";
import { dissect } from "../../wire/packet/dissect.ts";
import type { Packet } from "../state/store.ts";
import { PacketView } from "./packet.tsx";

/** The draft, which stands where a chosen packet would. */
export function Editor({ model, draft }: {
  readonly model: Model;
  readonly draft: Packet;
}) {
  const { words, source, outcome, isSending } = model;
  const hosts = source.lab?.map.hosts ?? [];
  return (
    <div class="editor">
      <div class="bar">
        <h2>{words.draft}</h2>
        <FieldEditor model={model} draft={draft} />
        {hosts.length > 0 && (
          <label>
            {words.from}{" "}
            <select
              value={model.sender ?? hosts[0].name}
              onChange={({ currentTarget: { value } }) =>
                model.change({ sender: value })}
            >
              {hosts.filter(({ role }) => role !== "switch").map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        )}
        <button
          type="button"
          class="primary"
          disabled={isSending || !source.isLive}
          onClick={() => model.send()}
        >
          {isSending ? words.sending : words.send}
        </button>
        <button
          type="button"
          onClick={() => model.change({ draft: undefined, outcome: undefined })}
        >
          {words.close}
        </button>
      </div>
      {isIPv6(draft) && <p class="hint">{words.sixIsSent}</p>}
      {outcome !== undefined && (
        <pre
          class="outcome"
          role="status"
          lang="en"
          tabIndex={0}
        >{outcome}</pre>
      )}
      <PacketView model={model} packet={draft} />
    </div>
  );
}

/** The value of the lit field, to be typed over. */
function FieldEditor({ model, draft }: {
  readonly model: Model;
  readonly draft: Packet;
}) {
  const { words, lit } = model;
  const [isHeld, setHeld] = useState(false);
  const [fault, setFault] = useState<string>();
  const placed = useMemo(
    () => placeFields(draft.bytes, dissect(draft.bytes)),
    [draft],
  );
  const field = lit === undefined ? undefined : placed.fields[lit];
  const known = field && changeable(draft, placed, field);
  const change = (text: string) => {
    try {
      model.change({ draft: changed(draft, known!, text, isHeld) });
      setFault(undefined);
    } catch (error) {
      setFault((error as Error).message);
    }
  };
  return (
    <>
      {known === undefined
        ? <span class="hint">{words.chooseField}</span>
        : (
          <label>
            {field!.field.label}{" "}
            <input
              key={`${known.path} ${known.value}`}
              class="value"
              defaultValue={`${known.value}`}
              spellcheck={false}
              aria-invalid={fault !== undefined}
              onChange={({ currentTarget: { value } }) => change(value)}
            />
          </label>
        )}
      <label>
        <input
          type="checkbox"
          checked={isHeld}
          onChange={({ currentTarget: { checked } }) => setHeld(checked)}
        />{" "}
        {words.hold}
      </label>
      {fault !== undefined && <span class="fault" role="alert">{fault}</span>}
    </>
  );
}
