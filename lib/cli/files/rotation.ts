/**
 * A capture that goes on unattended: in another file when one is long or old
 * enough, and in a new one when somebody has taken the file away.
 *
 * @module
 */

import {
  type CaptureFile,
  type CaptureHead,
  type Format,
  formatOf,
  type WrittenPacket,
} from "./capture_file.ts";
import { checkWritable, GrowingFile } from "./growing_file.ts";
import { onHangup } from "../interrupt.ts";
import { complain } from "../output.ts";
import { requirePermission } from "../script.ts";

/** When a capture goes on in another file. */
export interface Rotation {
  /** Octets that a file has at most, unless its one packet has more. */
  readonly octets?: number;
  /** How long packets go into a file, in milliseconds. */
  readonly ms?: number;
  /** How many files there are: then the oldest is written anew. */
  readonly files?: number;
}

/**
 * Asserts that Deno lets a capture's files be written, before anything else is
 * done. Standard output always may be.
 *
 * @param rotation default: always the same file
 * @throws {ScriptError} without `--allow-write`
 */
export function checkRotating(path: string, rotation?: Rotation): void {
  if (path === "-") return;
  if (rotation === undefined) return checkWritable(path);
  const folder = /^.*(?=\/)/.exec(path)?.[0] ?? ".";
  requirePermission(
    { name: "write", path: folder || "/" },
    `--allow-write=${folder || "/"}`,
    `to write files beside ${path}`,
  );
}

/**
 * Opens a capture file as `openCapture` does. Where no terminal can have been
 * closed, SIGHUP has it opened anew: so `logrotate` renames it.
 *
 * @param rotation default: always the same file
 * @throws {ScriptError} without `--allow-write`, or if it cannot be created
 */
export async function openRotating(
  path: string,
  head: CaptureHead = {},
  rotation?: Rotation,
): Promise<CaptureFile> {
  checkRotating(path, rotation);
  const capture = new RotatingCapture(path, head, rotation);
  await capture.open();
  onHangup(() => capture.reopen());
  return capture;
}

class RotatingCapture implements CaptureFile {
  readonly #newFormat: () => Format;
  readonly #rotation: Rotation;
  readonly #nextName: () => string;
  #file!: GrowingFile;
  #format!: Format;
  #openedAt = 0;
  /** Records that are to be written with the next one. */
  #kept: Uint8Array[] = [];
  /** Octets of the file, kept ones included. */
  #length = 0;
  #isEmpty = true;
  /** One thing is done after the other, SIGHUP whenever it likes. */
  #turn: Promise<void> = Promise.resolve();

  constructor(path: string, head: CaptureHead, rotation?: Rotation) {
    this.#newFormat = () => formatOf(path, head);
    this.#rotation = rotation ?? {};
    this.#nextName = rotation === undefined
      ? () => path
      : fileNames(path, rotation.files);
  }

  /** Opens the first file, or the next. */
  async open(): Promise<void> {
    await this.#goOnIn(await GrowingFile.open(this.#nextName()));
  }

  append(
    packet: WrittenPacket,
    more = false,
    device?: string,
  ): Promise<void> {
    return this.#turn = this.#turn.then(async () => {
      let records = this.#format.encode(packet, device);
      if (this.#isFull(records)) {
        await this.#flush();
        await this.open();
        records = this.#format.encode(packet, device);
      }
      this.#kept.push(...records);
      this.#length += lengthOf(records);
      this.#isEmpty = false;
      if (!more) await this.#flush();
    });
  }

  /** Goes on in a new file of the same name, if this one has lost it. */
  reopen(): void {
    this.#turn = this.#turn.then(async () => {
      await this.#flush();
      try {
        const file = await this.#file.renewed();
        if (file !== undefined) await this.#goOnIn(file);
      } catch (error) {
        // What is captured goes on into the old one, rather than nowhere.
        await complain(`${(error as Error).message}; the old one goes on`);
      }
    });
    // The next packet's is the same failure.
    this.#turn.catch(() => {});
  }

  async #goOnIn(file: GrowingFile): Promise<void> {
    const format = this.#newFormat();
    await file.append([format.start]);
    this.#file?.close();
    this.#file = file;
    this.#format = format;
    this.#length = format.start.length;
    this.#isEmpty = true;
    this.#openedAt = performance.now();
  }

  /** Whether these have no place in the file any more. */
  #isFull(records: readonly Uint8Array[]): boolean {
    if (this.#isEmpty) return false;
    const { octets, ms } = this.#rotation;
    return (octets !== undefined &&
      this.#length + lengthOf(records) > octets) ||
      (ms !== undefined && performance.now() - this.#openedAt >= ms);
  }

  async #flush(): Promise<void> {
    const records = this.#kept;
    if (records.length === 0) return;
    this.#kept = [];
    await this.#file.append(records);
  }
}

function lengthOf(records: readonly Uint8Array[]): number {
  return records.reduce((sum, { length }) => sum + length, 0);
}

/**
 * What files are called, one after another, as tcpdump calls them: `x.pcap`,
 * `x.pcap1`, `x.pcap2` …; of a limited number, `x.pcap00` to `x.pcap11`, and
 * again; or with the time in their names, as `date` has it: `%Y-%m-%d.pcap`.
 *
 * @param files how many there are; default: without limit
 * @param now the time; default the clock's
 */
export function fileNames(
  path: string,
  files?: number,
  now: () => Date = () => new Date(),
): () => string {
  const digits = `${(files ?? 1) - 1}`.length;
  let count = 0;
  let last: string | undefined;
  return () => {
    const name = withTime(path, now());
    if (files !== undefined) {
      return `${name}${`${count++ % files}`.padStart(digits, "0")}`;
    }
    // A name that is new has no number.
    count = name === last ? count + 1 : 0;
    last = name;
    return count === 0 ? name : `${name}${count}`;
  };
}

/** As strftime(3) writes them, in local time. */
const CONVERSIONS: Readonly<Record<string, (date: Date) => string>> = {
  "%Y": (date) => `${date.getFullYear()}`,
  "%m": (date) => twoDigits(date.getMonth() + 1),
  "%d": (date) => twoDigits(date.getDate()),
  "%H": (date) => twoDigits(date.getHours()),
  "%M": (date) => twoDigits(date.getMinutes()),
  "%S": (date) => twoDigits(date.getSeconds()),
  "%s": (date) => `${Math.floor(date.getTime() / 1000)}`,
  "%%": () => "%",
};

/** What there is of a time, for whoever writes a name. */
export const TIMES = Object.keys(CONVERSIONS).slice(0, -1).join(" ");

/** Whether a name has a time in it. */
export function hasTime(path: string): boolean {
  return words(path).some((word) => word !== "%%" && isKnown(word));
}

/** What a name has in the place of a time, and that is none. */
export function unknownTime(path: string): string | undefined {
  return words(path).find((word) => !isKnown(word));
}

function words(path: string): readonly string[] {
  return path.match(/%./g) ?? [];
}

function isKnown(word: string): boolean {
  return Object.hasOwn(CONVERSIONS, word);
}

function withTime(path: string, date: Date): string {
  return path.replace(/%./g, (word) => CONVERSIONS[word]?.(date) ?? word);
}

function twoDigits(number: number): string {
  return `${number}`.padStart(2, "0");
}
