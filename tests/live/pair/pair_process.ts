/**
 * Processes that a test talks to while they run, the pair's scripts above all.
 *
 * @module
 */

import type { Lab } from "../../../lib/lab/lab.ts";
import {
  RawSocket,
  type RawSocketOptions,
} from "../../../lib/socket/raw_socket.ts";
import { delay } from "../../../lib/socket/time.ts";
import { type Finished, ROOT, run, script } from "../live.ts";

/** What is waited for is given up after so long, and its test fails. */
const PATIENCE_MS = 180_000;
/** The last that scripts listen to; signal(7). */
const SIGXFSZ = 25;

/**
 * Waits until something holds that nobody tells us of.
 *
 * @throws {Error} if it never does
 */
export async function eventually(
  what: string,
  holds: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!await holds()) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await delay(10);
  }
}

/** A running program, and what it has printed so far. */
export class Process implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #stdout: ReadableStreamDefaultReader<string>;
  readonly #stderr: ReadableStreamDefaultReader<string>;
  readonly #complaints: Promise<string>;
  #seen = "";
  #hasEnded = false;

  constructor([program, ...args]: readonly string[]) {
    this.#child = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const reader = (stream: ReadableStream<Uint8Array<ArrayBuffer>>) =>
      stream.pipeThrough(new TextDecoderStream()).getReader();
    this.#stdin = this.#child.stdin.getWriter();
    this.#stdout = reader(this.#child.stdout);
    this.#stderr = reader(this.#child.stderr);
    this.#complaints = readAll(this.#stderr);
    this.#child.status.then(() => this.#hasEnded = true);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** All that it has printed, as far as it was read. */
  get seen(): string {
    return this.#seen;
  }

  /**
   * Waits until a script listens for Ctrl-C, and would not just end of it: Deno
   * catches it once the first signal is listened to, so the last one tells.
   */
  untilItMindsCtrlC(): Promise<void> {
    const status = `/proc/${this.pid}/status`;
    const listens = async () => {
      const text = await Deno.readTextFile(status);
      const [, caught] = /^SigCgt:\s*([0-9a-f]+)/m.exec(text)!;
      return (BigInt(`0x${caught}`) >> BigInt(SIGXFSZ - 1) & 1n) !== 0n;
    };
    return eventually("it minds Ctrl-C", listens);
  }

  /**
   * Reads until it has printed `text`, so many times in all.
   *
   * @returns all that it has printed
   */
  until(text: string, times = 1): Promise<string> {
    return this.#patiently(this.#readUntil(text, times));
  }

  /** Hands out what it prints next, and keeps none of it. */
  async *chunks(): AsyncGenerator<string, void> {
    for (;;) {
      const { value, done } = await this.#patiently(this.#stdout.read());
      if (done) return;
      yield value;
    }
  }

  /** Types something; nothing happens if it reads no more. */
  async type(text: string): Promise<void> {
    await this.write(new TextEncoder().encode(text)).catch(() => {});
  }

  /** Hands it octets to read. */
  write(octets: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#stdin.write(octets);
  }

  /** Ends its input. */
  async endInput(): Promise<void> {
    await this.#stdin.close();
  }

  /** Reads no more of what it prints. */
  async stopReading(): Promise<void> {
    await this.#stdout.cancel();
  }

  kill(signal: Deno.Signal): void {
    if (!this.#hasEnded) this.#child.kill(signal);
  }

  /** Waits for its end. */
  async end(): Promise<Finished> {
    this.#seen += await this.#patiently(readAll(this.#stdout));
    const { code } = await this.#patiently(this.#child.status);
    return { code, stdout: this.#seen, stderr: await this.#complaints };
  }

  /** Ends it, if it has not ended, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#giveUp();
    await this.#stdin.abort().catch(() => {});
    await this.#child.status;
    await this.#complaints;
  }

  async #readUntil(text: string, times: number): Promise<string> {
    while (this.#seen.split(text).length <= times) {
      const { value, done } = await this.#stdout.read();
      if (done) {
        throw new Error(
          `ended before it printed ${JSON.stringify(text)}:\n` +
            `${this.#seen}${await this.#complaints}`,
        );
      }
      this.#seen += value;
    }
    return this.#seen;
  }

  /** Waits for what it does next, and gives it up if it does nothing. */
  async #patiently<T>(next: Promise<T>): Promise<T> {
    const guard = setTimeout(() => this.#giveUp(), PATIENCE_MS);
    try {
      return await next;
    } finally {
      clearTimeout(guard);
    }
  }

  /** Kills it, and waits for nothing that it started either. */
  async #giveUp(): Promise<void> {
    this.kill("SIGKILL");
    await this.#stdout.cancel();
    await this.#stderr.cancel();
  }
}

async function readAll(
  reader: ReadableStreamDefaultReader<string>,
): Promise<string> {
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return text;
    text += value;
  }
}

/** Starts the receiver in its host, and waits until it listens. */
export async function receiver(
  lab: Lab,
  ...args: string[]
): Promise<Process> {
  return await listening(lab.inside("receiver", script("receive", ...args)));
}

/** The same, permitted to write the file that it is told to. */
export async function writingReceiver(
  lab: Lab,
  file: string,
  ...args: string[]
): Promise<Process> {
  const flags = ["--allow-ffi", `--allow-write=${file}`];
  const path = `${ROOT}scripts/receive.ts`;
  const command = [Deno.execPath(), "run", ...flags, path];
  return await listening(
    lab.inside("receiver", [...command, "--write", file, ...args]),
  );
}

async function listening(command: string[]): Promise<Process> {
  const process = new Process(command);
  try {
    const isJSON = command.includes("--json");
    await process.until(isJSON ? '{"type":"opened"' : "Socket Info");
    return process;
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  }
}

/** Runs the sender in its host to its end. */
export function send(lab: Lab, ...args: string[]): Promise<Finished> {
  return run(lab.inside("sender", script("send", ...args)));
}

/** A socket in the sender's host: for what the sender itself would not send. */
export function senderSocket(
  lab: Lab,
  protocol = 253,
  options: Partial<RawSocketOptions> = {},
): RawSocket {
  const namespace = lab.namespace("sender");
  return RawSocket.open({ protocol, namespace, ...options });
}

/**
 * How tcpdump is called. As root it becomes somebody else, which it may not in
 * a user namespace; there it is called as nobody in particular.
 */
export const TCPDUMP: readonly string[] =
  (await Deno.readTextFile("/proc/self/setgroups")).startsWith("deny")
    ? ["unshare", "--user", "tcpdump"]
    : ["tcpdump"];

/** The lines of some output, its last line end apart. */
export function lines(text: string): string[] {
  return text.replace(/\n$/, "").split("\n");
}
