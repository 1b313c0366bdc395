import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { LABS, planLab } from "../../lib/lab/catalogue.ts";
import { isRunning, namespaceName, thisProcess } from "../../lib/lab/names.ts";
import { inUserNamespace } from "../../lib/lab/rung.ts";

Deno.test("namespaceName() is unique to a run, and fixed for a lab that stays", () => {
  assertEquals(namespaceName("pair", "sender", undefined), "raw4-pair-sender");
  assertEquals(
    namespaceName("pair", "sender", "12.345"),
    "raw4-pair-12.345-sender",
  );
});

Deno.test("thisProcess() is this process, and the same every time", async () => {
  const owner = await thisProcess();
  assertEquals(owner.split(".")[0], `${Deno.pid}`);
  assertEquals(await thisProcess(), owner);
  assertEquals(await isRunning(owner), true);
});

Deno.test("isRunning() tells a process from a later one with its id", async () => {
  const [pid, start] = (await thisProcess()).split(".");
  assertEquals(await isRunning(`${pid}.${Number(start) + 1}`), false);
});

Deno.test("isRunning() is false once a process has ended", async () => {
  const child = new Deno.Command("cat", { stdin: "piped" }).spawn();
  const stat = await Deno.readTextFile(`/proc/${child.pid}/stat`);
  const owner = `${child.pid}.${stat.split(" ")[21]}`;
  assertEquals(await isRunning(owner), true);
  await child.stdin.close();
  await child.status;
  assertEquals(await isRunning(owner), false);
  assertNotEquals(owner, await thisProcess());
});

Deno.test("inUserNamespace() hands the command on word by word", () => {
  const command = ["deno", "run", "a b", "$x", "'"];
  assertEquals(inUserNamespace(command).slice(-command.length), command);
});

Deno.test("every topology joins hosts that it has", () => {
  for (const name of Object.keys(LABS)) {
    const topology = planLab(name, [], {});
    assertEquals(topology.name, name);
    assert(/^[a-z]+$/.test(name), "as the namespaces' names have it");
    for (const host of topology.hosts) assert(/^[a-z0-9]+$/.test(host), host);
    for (const { ends } of topology.links) {
      for (const { host, port } of ends) {
        assert(topology.hosts.includes(host), host);
        assert(port.addresses.length > 0 || host === "switch", port.device);
      }
    }
  }
});
