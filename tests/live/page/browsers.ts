/**
 * The page in real browsers: Debian's, driven by what their makers' tests use.
 *
 * @module
 */

// deno-lint-ignore no-import-prefix -- of the tests alone: see tests/deno.lock
import { chromium, type Page } from "npm:playwright-core@1.65.1";
// deno-lint-ignore no-import-prefix -- of the tests alone: see tests/deno.lock
import puppeteer from "npm:puppeteer-core@25.16.0";
import { PcapngWriter } from "../../../lib/capture/pcapng_writer.ts";
import { LINK_TYPE_RAW } from "../../../lib/wire/link_types.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { ipv4, udp } from "../../../lib/wire/packet/layers.ts";
import { TextLineStream } from "@std/streams/text-line-stream";
import {
  bundlingOf,
  pageScript,
  staticPage,
} from "../../../lib/server/page_source.ts";
import { ROOT, run, script } from "../live.ts";

export type { Page };

/** What the page's server is, while a test looks at it. */
export interface RunningPage extends AsyncDisposable {
  /** As it was printed, with the token. */
  readonly url: string;
  readonly pid: number;
  /** Asks it to end, and waits for its exit code. */
  end(): Promise<number>;
}

/** Starts `page.ts` with arguments, and waits for its address. */
export function startPage(...args: string[]): Promise<RunningPage> {
  return startPageBy([], ...args);
}

/** The same by a command before it, such as one that enters a namespace. */
export async function startPageBy(
  before: readonly string[],
  ...args: string[]
): Promise<RunningPage> {
  const [deno, run, ...rest] = script("page", ...args);
  // Files that it is given it may read.
  const [program, ...call] = [...before, deno, run, "--allow-read", ...rest];
  const child = new Deno.Command(program, {
    args: call,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()).getReader();
  const { value: url } = await reader.read();
  if (url === undefined) {
    throw new Error(`page.ts ended with ${(await child.status).code}`);
  }
  const end = async () => {
    try {
      child.kill("SIGTERM");
    } catch { /* It has ended. */ }
    const { code } = await child.status;
    await reader.cancel();
    return code;
  };
  return {
    url,
    pid: child.pid,
    end,
    async [Symbol.asyncDispose]() {
      await end();
    },
  };
}

/** Debian's. */
export const CHROMIUM = "/usr/bin/chromium";
/** How long anything in a browser may take on a machine that is busy. */
export const PATIENCE_MS = 120_000;
/** As root Chromium runs in no sandbox of its own. */
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];

/** A page in Chromium, and all that it complained of. */
export interface ChromiumPage extends AsyncDisposable {
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** Opens an address in Chromium. */
export async function openChromium(
  url: string,
  options: Parameters<
    Awaited<ReturnType<typeof chromium.launch>>["newContext"]
  >[0] = {},
  flags: readonly string[] = [],
  executablePath = CHROMIUM,
): Promise<ChromiumPage> {
  const browser = await chromium.launch({
    executablePath,
    timeout: PATIENCE_MS,
    args: [...FLAGS, ...flags],
  });
  const context = await browser.newContext({
    viewport: { width: 1400, height: 900 },
    locale: "en-GB",
    ...options,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`${error}`));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await page.goto(url);
  return {
    page,
    complaints,
    async [Symbol.asyncDispose]() {
      await browser.close();
    },
  };
}

/** Firefox, by its own protocol. */
export function launchFirefox() {
  return puppeteer.launch({
    browser: "firefox",
    executablePath: "/usr/bin/firefox-esr",
    headless: true,
    timeout: PATIENCE_MS,
  });
}

/**
 * The command's beginning that runs something in a host of a page's lab: root's,
 * and that of a user namespace which all of this runs in.
 */
export async function hostOf(
  { pid }: RunningPage,
  host: string,
): Promise<string[]> {
  const { stdout: agent } = await run(["pgrep", "-P", `${pid}`]);
  const { stdout } = await run(["ip", "netns", "list"]);
  const name = stdout.split(/\s+/).find((name) =>
    name.includes(`-${agent.trim()}.`) && name.endsWith(`-${host}`)
  );
  if (name === undefined) throw new Error(`no host ${host} in ${stdout}`);
  return ["ip", "netns", "exec", name];
}

/** Whether the page can be bundled here. */
export async function canBundle(): Promise<boolean> {
  const bundle = [Deno.execPath(), ...bundlingOf(ENTRY)];
  return (await run(bundle)).code === 0;
}

const ENTRY = `${ROOT}lib/page/main.tsx`;

/** Makes the page's file, and removes it. */
export async function withStaticPage(
  use: (url: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "raw4-page-" });
  try {
    const path = `${folder}/page.html`;
    await Deno.writeTextFile(path, await staticPage(await pageScript(ENTRY)));
    await use(`file://${path}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** In a page: drops a file on it, given in base 64, as a person would. */
export const DROP = `async (base64, name) => {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name));
  const at = { dataTransfer, bubbles: true, cancelable: true };
  // The page minds it, once all of it is there.
  while (document.body.dispatchEvent(new DragEvent("dragover", at))) {
    await new Promise(requestAnimationFrame);
  }
  document.body.dispatchEvent(new DragEvent("drop", at));
}`;

/** A capture of as many packets as are asked for. */
export function capture(count: number): Uint8Array<ArrayBuffer> {
  const writer = new PcapngWriter();
  const blocks: Uint8Array<ArrayBuffer>[] = [writer.start];
  for (let i = 0; i < count; i++) {
    const bytes = buildPacket(
      ipv4({ source: "192.0.2.1", destination: "192.0.2.2" }),
      udp({ sourcePort: 1000 + i % 60_000, destinationPort: 9 }),
      `number ${i}`,
    );
    const timestampNs = BigInt(i) * 1_000_000n;
    blocks.push(
      ...writer.encode({ timestampNs, bytes, linkType: LINK_TYPE_RAW }),
    );
  }
  const file = new Uint8Array(
    blocks.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const block of blocks) {
    file.set(block, at);
    at += block.length;
  }
  return file;
}
