/**
 * The page as a whole.
 *
 * @module
 */

import { useEffect, useReducer } from "preact/hooks";
import type { Model } from "../model.ts";
import { Editor } from "./editor.tsx";
import { LessonView } from "./lesson.tsx";
import { MapView } from "./map.tsx";
import { PacketList } from "./list.tsx";
import { PacketView } from "./packet.tsx";
import { Toolbar } from "./toolbar.tsx";

/** The page. */
export function App({ model }: { readonly model: Model }) {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => model.listeners.add(() => redraw(undefined)), [model]);
  const { words, selected, draft, source, store } = model;
  return (
    <>
      <Toolbar model={model} />
      {model.isAtLesson && <LessonView model={model} />}
      <main class={source.kind === "none" ? "empty" : undefined}>
        {source.kind === "none" && store.packets.length === 0
          ? <p class="drop">{words.drop}</p>
          : (
            <>
              <div class={source.lab === undefined ? "top" : "top mapped"}>
                {source.lab !== undefined && (
                  <MapView model={model} map={source.lab.map} />
                )}
                <PacketList model={model} />
              </div>
              <section
                aria-label={words.packet}
                class={model.hasBlanks ? "packet with-blanks" : "packet"}
              >
                {draft !== undefined
                  ? <Editor model={model} draft={draft} />
                  : selected === undefined
                  ? <p class="hint">{words.choose}</p>
                  : <PacketView model={model} packet={selected} />}
              </section>
            </>
          )}
      </main>
    </>
  );
}

/** Has files that are dropped anywhere on the page shown. */
export function takeDrops(model: Model): void {
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file !== undefined) model.open(file);
  });
}
