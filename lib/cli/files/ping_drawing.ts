/**
 * Round trips drawn while they come, and for a page.
 *
 * @module
 */

import {
  type DrawnHost,
  renderPingSVG,
} from "../../render/drawing/ping_svg.ts";
import {
  type PingEvent,
  renderRoundTrips,
  RoundTrips,
} from "../../render/drawing/round_trips.ts";
import { print, StatusLine } from "../output.ts";
import { writeText } from "../file_failure.ts";
import { checkWritable } from "./growing_file.ts";

/** No eye sees more. */
const LEAST_MS = 50;

/** What is to be drawn. */
export interface PingDrawingOptions {
  /** Lines of blocks. */
  readonly graph?: boolean;
  /** A file for the drawing. */
  readonly svg?: string;
}

/** Draws the hosts of a ping. */
export class PingDrawing {
  readonly #options: PingDrawingOptions;
  readonly #status = new StatusLine();
  readonly #all: RoundTrips[] = [];
  /** Those that are being pinged. */
  readonly #live = new Set<RoundTrips>();
  #drawnMs = -Infinity;

  /** @throws {ScriptError} without `--allow-write` for a file that is wanted */
  constructor(options: PingDrawingOptions) {
    this.#options = options;
    if (options.svg !== undefined) checkWritable(options.svg);
  }

  /** Takes an event, before anything else is said of it. */
  async note(event: PingEvent): Promise<void> {
    const { index, name, type } = event;
    const trips = this.#all[index] ??= new RoundTrips(name);
    trips.note(event);
    if (!this.#options.graph) return;
    if (type === "start") this.#live.add(trips);
    if (type === "start" || type === "host" || type === "failed") {
      await this.#status.clear();
    }
    if (type === "host") {
      this.#live.delete(trips);
      await print(renderRoundTrips(trips).map((line) => `${line}\n`).join(""));
    } else await this.#draw();
  }

  /** Writes the file, if one is wanted. */
  async end(hosts: readonly DrawnHost["host"][]): Promise<void> {
    const { svg } = this.#options;
    if (svg === undefined) return;
    const drawn = hosts.map((host, i) => ({
      host,
      trips: this.#all[i] ?? new RoundTrips(host.name),
    }));
    await writeText(svg, renderPingSVG(drawn));
  }

  async #draw(): Promise<void> {
    const nowMs = performance.now();
    if (nowMs - this.#drawnMs < LEAST_MS) return;
    this.#drawnMs = nowMs;
    await this.#status.show(...[...this.#live].flatMap(renderRoundTrips));
  }
}
