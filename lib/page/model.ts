/**
 * What the page shows, and how it changes: the one place that views read from
 * and act on.
 *
 * @module
 */

import { parseFilter } from "./filter/criteria.ts";
import { ShownPackets } from "./filter/shown.ts";
import { type FilterWorker, pack } from "./filter/work.ts";
import { Desk } from "./lessons/desk.ts";
import { download, Listeners } from "./state/browser.ts";
import { readFile, savedCapture } from "./state/capture_file.ts";
import { type Sent, Server } from "./state/server.ts";
import { NO_SOURCE, Session, type Source } from "./state/session.ts";
import { type Packet, PacketStore } from "./state/store.ts";
import { linesOf, type Octets, piecesOf } from "./state/streams.ts";
import { WORDS, type Words } from "./words.ts";

/** What went wrong, in which words. */
export type Trouble =
  | "lost"
  | "refused"
  | { readonly file: string }
  | { readonly lesson: string };

/** What views change. */
type Changeable =
  | "selected"
  | "lit"
  | "language"
  | "draft"
  | "sender"
  | "outcome"
  | "isSending"
  | "isAtLesson"
  | "speed"
  | "hasBlanks";

/** The page's state; views are told when it changes. */
export class Model {
  readonly store = new PacketStore();
  readonly shown = new ShownPackets();
  /** What is filtered by, and what is wrong with what was typed. */
  filter = "";
  filterFault: string | undefined;
  hidesNoise = true;
  /** When it was paused: how many packets there had been. */
  pausedAt: number | undefined;
  source: Source = NO_SOURCE;
  selected: Packet | undefined;
  /** The lit field's place among those of the selected packet. */
  lit: number | undefined;
  /** The packet that is being made, if one is. */
  draft: Packet | undefined;
  /** The host that sends it, and what came of that. */
  sender: string | undefined;
  outcome: string | undefined;
  isSending = false;
  readonly desk = new Desk(() => this.change({ outcome: undefined }));
  /** Whether the student is at it. */
  isAtLesson = false;
  /** Of what travels on the map: 1 is as it is by default. */
  speed = 1;
  /** Whether paper has blanks for the values. */
  hasBlanks = false;
  language = navigator.language.startsWith("de") ? "de" : "en";
  trouble: Trouble | undefined;
  /** Views, which are told of changes. */
  readonly listeners = new Listeners();
  readonly #session: Session;
  readonly #server: Server;
  readonly #worker: FilterWorker;

  /** @param token of the server's start; absent where there is no server */
  constructor(token: string | undefined, worker: FilterWorker) {
    this.#server = new Server(token);
    this.#worker = worker;
    this.#session = new Session(this.store, (name) => this.#fetchFile(name));
    this.store.onAdded = (packets) => {
      const packed = pack(packets);
      worker.post({ type: "add", packed }, [packed.octets.buffer]);
    };
    worker.listen((verdicts) => {
      this.shown.judge(verdicts);
      this.#show();
    });
    this.setFilter("", true);
  }

  /** Filters by something else; of what is no filter, the fault is kept. */
  setFilter(text: string, hidesNoise: boolean): void {
    this.filter = text;
    this.hidesNoise = hidesNoise;
    try {
      parseFilter(text);
      this.filterFault = undefined;
      const version = this.shown.renew();
      this.#worker.post({ type: "filter", version, text, hidesNoise });
    } catch (error) {
      this.filterFault = (error as Error).message;
    }
    this.change({});
  }

  /** Shows nothing more, or all that has come since. */
  pause(isPaused: boolean): void {
    this.pausedAt = isPaused ? this.store.total : undefined;
    this.#show();
  }

  /** Forgets all packets. */
  clear(): void {
    this.#empty();
    this.change({ selected: undefined });
  }

  #empty(): void {
    this.store.clear();
    this.#worker.post({ type: "clear" });
    this.shown.update(this.store);
    if (this.pausedAt !== undefined) this.pausedAt = this.store.total;
  }

  /** Has the browser save what is shown. */
  save(): void {
    const name = this.source.lab?.map.name ?? "packets";
    const pieces = savedCapture(this.shown.packets);
    download({ name: `${name}.pcapng`, pieces });
  }

  #show(): void {
    if (this.pausedAt === undefined) this.shown.update(this.store);
    this.listeners.tellSoon();
  }

  /** The page's words. */
  get words(): Words {
    return WORDS[this.language];
  }

  /** Changes something, and has it shown. */
  change(change: Partial<Pick<Model, Changeable>>): void {
    if ("selected" in change && change.selected !== this.selected) {
      this.lit = undefined;
      this.draft = undefined;
      this.outcome = undefined;
    }
    Object.assign(this, change);
    document.documentElement.lang = this.language;
    this.listeners.tellNow();
  }

  /** Reads what the server tells, until it ends. */
  async follow(): Promise<void> {
    try {
      const response = await this.#server.get("events");
      if (!response.ok || response.body === null) {
        this.trouble = "refused";
        return;
      }
      this.desk.lessons = await this.#server.lessons();
      for await (const line of linesOf(response.body)) {
        this.#session.take(line);
        this.source = this.#session.source;
        this.listeners.tellSoon();
      }
      this.#lose();
    } catch {
      this.#lose();
    } finally {
      this.listeners.tellSoon();
    }
  }

  #lose(): void {
    if (this.source.kind === "file") return;
    this.source = { ...this.source, isLive: false };
    this.trouble = "lost";
  }

  /** Has the draft sent, and tells what came of it. */
  async send(): Promise<void> {
    if (this.draft === undefined) return;
    const host = this.source.lab && (this.sender ??
      this.source.lab.map.hosts[0].name);
    const { bytes } = this.draft;
    await this.sendAll(() => [{ host, bytes }]);
  }

  /** Has packets made and sent, and tells what came of them. */
  async sendAll(make: () => readonly Sent[]): Promise<void> {
    this.change({ isSending: true, outcome: undefined });
    let outcome: string;
    try {
      outcome = await this.#server.sendAll(make());
    } catch (error) {
      // A lesson may want packets that cannot be.
      outcome = (error as Error).message;
    }
    this.change({ isSending: false, outcome });
  }

  /** Has the browser save what the student hands in. */
  async exportEvidence(): Promise<void> {
    const file = await this.desk.evidence(this.store.packets);
    if (file !== undefined) download(file);
  }

  async #fetchFile(name: string): Promise<void> {
    const { body } = await this.#server.get("file");
    if (body !== null) await this.#read(name, body);
  }

  /** Shows a capture file in place of what was there; or takes a lesson. */
  async open(file: File): Promise<void> {
    if (!/\.json$/i.test(file.name)) {
      await this.#read(file.name, file.stream());
      return;
    }
    try {
      await this.desk.take(file);
      this.trouble = undefined;
      this.change({ isAtLesson: true });
    } catch (error) {
      this.trouble = { lesson: (error as Error).message };
      this.change({});
    }
  }

  async #read(name: string, stream: Octets): Promise<void> {
    this.#empty();
    this.trouble = undefined;
    this.source = { kind: "file", name, points: [], isLive: false };
    this.selected = undefined;
    // What is in a file, somebody wanted to be seen.
    this.setFilter(this.filter, false);
    const pause = async () => {
      this.listeners.tellSoon();
      await new Promise((resolve) => setTimeout(resolve));
    };
    try {
      await readFile(piecesOf(stream), name, this.store, pause);
    } catch (error) {
      this.trouble = { file: (error as Error).message };
    }
    this.listeners.tellSoon();
  }
}
