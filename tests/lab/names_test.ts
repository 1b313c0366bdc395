import { assert, assertEquals } from "@std/assert";
import { LABS, planLab } from "../../lib/lab/topology/catalogue.ts";
import { namespaceName } from "../../lib/lab/names.ts";
import { inUserNamespace } from "../../lib/lab/rung.ts";

Deno.test("namespaceName() is unique to a run, and fixed for a lab that stays", () => {
  assertEquals(namespaceName("pair", "sender", undefined), "raw4-pair-sender");
  assertEquals(
    namespaceName("pair", "sender", "12.345"),
    "raw4-pair-12.345-sender",
  );
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
