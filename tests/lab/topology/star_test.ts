import { assertEquals, assertThrows } from "@std/assert";
import { planLab } from "../../../lib/lab/topology/catalogue.ts";

Deno.test("star() has a head, its hosts, and a switch", () => {
  const plan = planLab("star", ["2"], {});
  assertEquals(plan.hosts, ["head", "host1", "host2", "switch"]);
  assertEquals(
    plan.links.map(({ ends: [{ host, port }] }) => [host, port.addresses[0]]),
    [
      ["head", "10.9.0.1/24"],
      ["host1", "10.9.0.11/24"],
      ["host2", "10.9.0.12/24"],
    ],
  );
  assertEquals(planLab("star", [], {}).hosts.length, 6);
});

Deno.test("a star of another size, or with routers, cannot be", () => {
  const CASES: [size: string[], options: object, says: string][] = [
    [["0"], {}, "a whole number from 1 to 30, but is 0"],
    [["31"], {}, "from 1 to 30, but is 31"],
    [["x"], {}, 'number of hosts must be a whole number, but is "x"'],
    [["2", "3"], {}, 'star takes no "3"'],
    [["2"], { silent: [1] }, "star has no routers that could be silent"],
  ];
  for (const [size, options, says] of CASES) {
    assertThrows(() => planLab("star", size, options), RangeError, says);
  }
});
