/** Faults that strangers met, so that nobody meets them again. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  RawSocket,
  SocketBroadcastError,
  SocketPermissionError,
} from "../../mod.ts";
import { ALLOW_RUN } from "../../lib/lab/command.ts";
import { Lab } from "../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../lib/lab/topology/catalogue.ts";
import { liveTest, ROOT, run, script } from "./live.ts";

const NEEDS = ["lab", "sysctl"];

await liveTest(
  "receive --write leaves an old file alone when it cannot receive",
  ["lab"],
  async () => {
    const path = await Deno.makeTempFile();
    await Deno.writeTextFile(path, "precious");
    const [deno, verb, flag, file] = script("receive");
    const { code } = await run([
      ...[deno, verb, flag, "--allow-write", file],
      ...["-b", "192.0.2.1", "--write", path],
    ]);
    assertEquals(code, 4);
    assertEquals(await Deno.readTextFile(path), "precious");
    await Deno.remove(path);
  },
);

await liveTest("scripts work from a folder of any name", ["lab"], async () => {
  const folder = await Deno.makeTempDir({ prefix: "a b é " });
  for (const part of ["scripts", "lib", "deno.json", "deno.lock", "mod.ts"]) {
    await run(["cp", "-r", ROOT + part, folder]);
  }
  const demo = `${folder}/scripts/demo.ts`;
  const { code, stdout, stderr } = await run([
    ...[Deno.execPath(), "run", "--allow-ffi", ALLOW_RUN, demo],
  ]);
  assertEquals([code, stderr], [0, ""]);
  assert(stdout.includes("Hello World!"));
  const help = await run([
    ...[Deno.execPath(), "run", `${folder}/scripts/send.ts`, "--help"],
  ]);
  assert(help.stdout.includes("scripts/send.ts"));
  await Deno.remove(folder, { recursive: true });
});

await liveTest(
  "ping | head ends when nobody reads any more",
  ["lab"],
  async () => {
    const ping = script("ping", "-i", "0.05", "127.0.0.1");
    const { code, stdout, stderr } = await run(
      ["timeout", "20", "sh", "-c", '"$@" | head -2', "sh", ...ping],
    );
    assertEquals([code, stderr], [0, ""]);
    assertEquals(stdout.split("\n").length, 3);
  },
);

await liveTest("send --explain tells the TTL that is sent", NEEDS, async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  const setting = "net.ipv4.ip_default_ttl=128";
  await run(lab.inside("sender", ["sysctl", "-w", setting]));
  const { stdout } = await run(
    lab.inside("sender", script("send", "1.1.1.1", "Hi", "--json")),
  );
  assertEquals(JSON.parse(stdout.split("\n")[0]).ttl, 128);
});

await liveTest(
  "send says that it cannot tell on its own host",
  ["lab"],
  async () => {
    const { stdout } = await run(script("send", "127.0.0.1", "Hi"));
    assert(stdout.includes("it cannot be told whether anybody receives there"));
  },
);

await liveTest(
  "RawSocket.send() to where a route prohibits it blames no broadcast",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const route = ["ip", "route", "add", "prohibit", "10.9.0.0/16"];
    await run(lab.inside("sender", route));
    const namespace = lab.namespace("sender");
    using plain = RawSocket.open({ protocol: 253, namespace });
    using any = RawSocket.open({ protocol: 253, namespace, broadcast: true });
    for (const socket of [plain, any]) {
      const error = assertThrows(
        () => socket.send(new Uint8Array(1), "10.9.0.1"),
        SocketPermissionError,
      );
      assert(error.remedy?.includes("A route prohibits it"));
    }
    const bytes = new Uint8Array(1);
    await assertRejects(
      () => plain.sendMany([{ bytes, destination: "10.9.0.1" }]),
      SocketPermissionError,
    );
    // It is asked without being allowed, and is not afterwards.
    assertThrows(() => plain.send(bytes, "1.1.1.255"), SocketBroadcastError);
    assertThrows(() => plain.send(bytes, "1.1.1.255"), SocketBroadcastError);
    const sending = await run(
      lab.inside("sender", script("send", "10.9.0.1", "Hi")),
    );
    assertEquals(sending.code, 3);
    assert(sending.stderr.includes("A route prohibits it"), sending.stderr);
  },
);

await liveTest(
  "protocol 255 takes no payload without its header",
  ["lab"],
  async () => {
    const { code, stderr } = await run(
      script("send", "127.0.0.1", "Hi", "-p", "255"),
    );
    assertEquals(code, 2);
    assert(stderr.includes("packets with their own header"), stderr);
  },
);
