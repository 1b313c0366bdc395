import { assertEquals, assertStringIncludes } from "@std/assert";
import { Shown } from "../../lib/bytes/shown.ts";
import { Host, Run } from "../../mod.ts";
import { Datagram } from "../../lib/socket/datagram.ts";
import { HostRecord } from "../../lib/tools/ping/host.ts";

class Circle extends Shown {
  readonly radius: number = 2;
  get area() {
    return this.radius * 3;
  }
}

class Ball extends Circle {
  readonly bytes = Uint8Array.of(1, 0xff);
  override get area() {
    return 4 * super.area;
  }
  get volume() {
    return BigInt(this.radius) ** 3n;
  }
}

Deno.test("what a class computes is shown, the last word of each name", () => {
  assertEquals(
    JSON.stringify(new Ball()),
    '{"radius":2,"bytes":"01ff","area":24,"volume":"8"}',
  );
  assertEquals(
    Deno.inspect(new Circle()),
    "Circle { radius: 2, area: 6 }",
  );
});

Deno.test("hosts and datagrams show all that they know", () => {
  const record = new HostRecord("192.0.2.1");
  record.packetsSent = 2;
  record.rttsMs.push(1, 3);
  record.failure = new Error("no route");
  const host = new Host(record);
  const json = JSON.parse(JSON.stringify(host));
  assertEquals(
    [json.isAlive, json.packetLoss, json.avgRttMs, json.failure],
    [true, 0, 2, "no route"],
  );
  assertStringIncludes(Deno.inspect(host), "avgRttMs: 2");

  const datagram = new Datagram(Uint8Array.of(0x45, 0), {
    source: 0xc0000201,
    destination: undefined,
    seconds: 1,
    nanoseconds: 5,
    truncated: false,
    interfaceIndex: 3,
    hopLimit: undefined,
    error: undefined,
  });
  assertEquals(JSON.parse(JSON.stringify([datagram])), [{
    bytes: "4500",
    payload: "",
    source: "192.0.2.1",
    timestampNs: "1000000005",
    truncated: false,
    interfaceIndex: 3,
  }]);
  assertStringIncludes(Deno.inspect(datagram), 'source: "192.0.2.1"');
});

Deno.test("a run can be awaited, and a failure of it caught", async () => {
  assertEquals(await new Run(() => Promise.resolve(7)), 7);
  const failing = new Run(() => Promise.reject(new Error("no")));
  assertEquals(await failing.then(null, (error) => `${error}`), "Error: no");
});
