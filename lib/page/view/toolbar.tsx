/**
 * What is shown, and what can be done with it.
 *
 * @module
 */

import type { Model } from "../model.ts";
import { KINDS, newDraft } from "../packet/draft.ts";

/** The page's head. */
export function Toolbar({ model }: { readonly model: Model }) {
  const { words, source, trouble, language } = model;
  const name = source.lab?.call ?? source.name;
  return (
    <header>
      <h1>raw4{name === undefined ? "" : ` · ${name}`}</h1>
      {source.kind !== "none" && <Controls model={model} />}
      <label class="button">
        {words.open}
        <input
          type="file"
          class="hidden"
          onChange={({ currentTarget }) => {
            const file = currentTarget.files?.[0];
            if (file !== undefined) model.open(file);
          }}
        />
      </label>
      <button
        type="button"
        lang={language === "en" ? "de" : "en"}
        onClick={() =>
          model.change({ language: language === "en" ? "de" : "en" })}
      >
        {words.language}
      </button>
      <p role="status" class="status">{statusOf(model)}</p>
      {trouble !== undefined && (
        <p role="alert" class="trouble">
          {typeof trouble === "string"
            ? words[trouble]
            : "file" in trouble
            ? words.fileFailed(trouble.file)
            : words.lessonFailed(trouble.lesson)}
        </p>
      )}
    </header>
  );
}

function Controls({ model }: { readonly model: Model }) {
  const { words, filter, filterFault, hidesNoise, pausedAt, source } = model;
  const isPaused = pausedAt !== undefined;
  return (
    <>
      <label>
        {words.filter}{" "}
        <input
          type="search"
          class="filter"
          value={filter}
          placeholder="icmp host 10.9.1.1 not on router1"
          spellcheck={false}
          aria-invalid={filterFault !== undefined}
          aria-describedby="filter-fault"
          onInput={({ currentTarget: { value } }) =>
            model.setFilter(value, hidesNoise)}
        />
      </label>
      <label>
        <input
          type="checkbox"
          checked={!hidesNoise}
          onChange={({ currentTarget: { checked } }) =>
            model.setFilter(filter, !checked)}
        />{" "}
        {words.noise}
      </label>
      {source.isLive && (
        <button
          type="button"
          aria-pressed={isPaused}
          onClick={() => model.pause(!isPaused)}
        >
          {isPaused ? words.goOn : words.pause}
        </button>
      )}
      {source.isLive && <NewPacket model={model} />}
      {source.lab !== undefined && (
        <button
          type="button"
          aria-pressed={model.isAtLesson}
          onClick={() => model.change({ isAtLesson: !model.isAtLesson })}
        >
          {words.lessons}
        </button>
      )}
      <button type="button" onClick={() => model.clear()}>{words.clear}</button>
      <button type="button" onClick={() => model.save()}>{words.save}</button>
      <span id="filter-fault" class="fault">{filterFault}</span>
    </>
  );
}

/** Begins a packet between the lab's ends, or over loopback. */
function NewPacket({ model }: { readonly model: Model }) {
  const { words, source } = model;
  const hosts = source.lab?.map.hosts.filter(({ role }) => role === "host");
  const addressOf = (at: number, isSix: boolean) =>
    hosts?.at(at)?.ports[0]?.addresses.find((one) =>
      one.includes(":") === isSix
    )
      ?.replace(/\/.*/, "") ?? (isSix ? "::1" : "127.0.0.1");
  return (
    <select
      aria-label={words.make}
      value=""
      onChange={({ currentTarget }) => {
        const kind = KINDS.find((kind) => kind === currentTarget.value);
        if (kind === undefined) return;
        const isSix = kind === "echo6";
        const [from, to] = [0, -1].map((at) => addressOf(at, isSix));
        const draft = newDraft(kind, from, to);
        const sender = hosts?.[0]?.name;
        model.change({ draft, sender, lit: undefined, outcome: undefined });
        currentTarget.value = "";
      }}
    >
      <option value="">{words.make}</option>
      {KINDS.map((kind) => (
        <option key={kind} value={kind}>{words.kinds[kind]}</option>
      ))}
    </select>
  );
}

function statusOf({ words, store, shown, source, pausedAt }: Model): string {
  const { dropped, forgotten } = store.missing;
  const parts = [words.shown(shown.packets.length, store.packets.length)];
  if (dropped + forgotten > 0) parts.push(words.missing(dropped, forgotten));
  if (pausedAt !== undefined) {
    parts.push(words.waiting(store.total - pausedAt));
  } else if (source.isLive) parts.push(words.live);
  return parts.join(" · ");
}
