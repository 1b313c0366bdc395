/**
 * The page's script begins here.
 *
 * @module
 */

import { render } from "preact";
import {
  type FilterTask,
  FilterWork,
  type FilterWorker,
} from "./filter/work.ts";
import { Model } from "./model.ts";
import css from "./page.css" with { type: "text" };
import { App, takeDrops } from "./view/app.tsx";

/** The token of the server's start, which is then seen no more. */
function takeToken(): string | undefined {
  const [, token] = /^#token=([0-9a-f]{32})$/.exec(location.hash) ?? [];
  if (token === undefined) return sessionStorage.getItem("token") ?? undefined;
  // So that a picture of the window, or a copied address, gives nothing away.
  sessionStorage.setItem("token", token);
  history.replaceState(null, "", location.pathname);
  return token;
}

/** Where Trusted Types are known, only this policy makes a script's address. */
function trusted(url: string): string {
  const policy = { createScriptURL: (given: string) => given };
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  return types?.createPolicy("raw4", policy).createScriptURL(url) ?? url;
}

interface TrustedTypes {
  createPolicy(
    name: string,
    policy: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

/** This script again, which filters where there is no document. */
function startWorker(): FilterWorker {
  const { src } = document.currentScript as HTMLScriptElement;
  const worker = new Worker(trusted(src));
  return {
    post: (task, transfer = []) => worker.postMessage(task, transfer),
    listen: (listener) => {
      worker.onmessage = ({ data }) => listener(data);
    },
  };
}

function startPage(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
  const isServed = location.protocol !== "file:";
  const token = isServed ? takeToken() : undefined;
  const model = new Model(token, startWorker());
  takeDrops(model);
  render(<App model={model} />, document.body);
  if (isServed) model.follow();
}

/** In a worker there is no document: there the same script filters. */
if (typeof document === "undefined") {
  const work = new FilterWork((verdicts) => postMessage(verdicts));
  onmessage = ({ data }: MessageEvent<FilterTask>) => work.take(data);
} else {
  startPage();
}
