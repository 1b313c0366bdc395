import { assert, assertEquals } from "@std/assert";
import { HostNames } from "../../../lib/tools/trace/host_names.ts";

/** Long enough for everything that is not meant to take for ever. */
const PATIENT_MS = 60_000;

Deno.test("a name is looked up once, and known when it is waited for", async () => {
  const asked: string[] = [];
  const names = new HostNames(PATIENT_MS, (address) => {
    asked.push(address);
    return Promise.resolve(address === "10.0.0.1" ? "one.test" : undefined);
  });
  names.ask("10.0.0.1");
  names.ask("10.0.0.1");
  names.ask("10.0.0.2");
  await names.settle(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
  assertEquals(asked, ["10.0.0.1", "10.0.0.2"]);
  assertEquals(names.nameOf("10.0.0.1"), "one.test");
  assertEquals(names.nameOf("10.0.0.2"), undefined);
});

Deno.test("a silent name server holds nothing up for longer than told", async () => {
  const names = new HostNames(5, () => new Promise(() => {}));
  for (let i = 0; i < 100; i++) names.ask(`10.0.0.${i}`);
  await names.settle(Array.from({ length: 100 }, (_, i) => `10.0.0.${i}`));
  assertEquals(names.nameOf("10.0.0.1"), undefined);
});

Deno.test("no more names are looked up at once than threads can spare", async () => {
  let running = 0;
  let most = 0;
  const names = new HostNames(PATIENT_MS, async (address) => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    return `host-${address}`;
  });
  const addresses = Array.from({ length: 200 }, (_, i) => `10.0.0.${i}`);
  for (const address of addresses) names.ask(address);
  await names.settle(addresses);
  assertEquals(names.nameOf("10.0.0.199"), "host-10.0.0.199");
  assert(most > 1 && most <= 16, `${most}`);
});
