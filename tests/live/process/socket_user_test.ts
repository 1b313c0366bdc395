import { assert, assertEquals } from "@std/assert";
import { liveTest } from "../live.ts";
import { AS_NOBODY, hasNobody, Programs, runToEnd } from "./socket_process.ts";
import { pair } from "../socket/socket_support.ts";

/** What these tests need, and a user namespace has not. */
const user = hasNobody ? [] : ["another-user"];

const TRY_TO_OPEN = `try {
  using socket = raw4.RawSocket.open({ protocol: 253, receiveBufferBytes: 1e6 });
  socket.send(new Uint8Array(1), "127.0.0.1");
  console.log("opened", (await socket.receive({ timeoutMs: 30_000 })).source);
} catch (error) {
  const { name, code, syscall, message, remedy } = error;
  console.log(JSON.stringify({ name, code, syscall, message, remedy }));
}`;

await liveTest(
  "RawSocket.open() as an ordinary user says what to do, and that works",
  ["lab", "setpriv", ...user],
  async () => {
    await using lab = await pair();
    await using programs = await Programs.create();
    const env = await programs.openToAll();
    const deno = await programs.command(TRY_TO_OPEN, "--allow-ffi");
    const refused = await runToEnd(
      lab.inside("sender", [...AS_NOBODY, ...deno]),
      env,
    );
    assertEquals(refused.stderr, "");
    const { remedy, ...error } = JSON.parse(refused.stdout);
    assertEquals(error, {
      name: "SocketPermissionError",
      code: "EPERM",
      syscall: "socket",
      message: "cannot open a raw socket for protocol 253: " +
        "Operation not permitted (socket: EPERM)",
    });
    for (
      const part of ["root", "sudo", "CAP_NET_RAW", "`scripts/lab.ts run pair"]
    ) {
      assert(remedy.includes(part), `${part} is missing: ${remedy}`);
    }
    // The line as it stands there, but as if 65534 had typed it, and without
    // sudo, since this is root already.
    const line = /^ *sudo (setpriv .*) deno run …$/m.exec(remedy)?.[1];
    assert(line !== undefined, remedy);
    const command = line
      .replace("$(id -u)", "65534")
      .replace("$(id -g)", "65534")
      .split(" ");
    const who = await runToEnd([...command, "id", "-u"]);
    assertEquals(who, { code: 0, stdout: "65534\n", stderr: "" });
    const opened = await runToEnd(
      lab.inside("sender", [...command, ...deno]),
      env,
    );
    assertEquals(opened, { code: 0, stdout: "opened 127.0.0.1\n", stderr: "" });
  },
);

await liveTest(
  "an ordinary user may ask for routes and names, but enter no namespace",
  ["lab", "setpriv", ...user],
  async () => {
    await using lab = await pair();
    await using programs = await Programs.create();
    const env = await programs.openToAll();
    const deno = await programs.command(
      `console.log(raw4.routeTo("1.1.1.1").source);
    console.log(await raw4.resolve("localhost", { family: 4 }));
    try {
      raw4.routeTo("1.1.1.1", { namespace: "${lab.namespace("receiver")}" });
    } catch ({ name, message, remedy }) {
      console.log([name, message, remedy].join("\\n"));
    }`,
      "--allow-ffi",
    );
    const finished = await runToEnd(
      lab.inside("sender", [...AS_NOBODY, ...deno]),
      env,
    );
    const lines = [
      "1.1.1.100",
      '[ "127.0.0.1" ]',
      "SocketPermissionError",
      "cannot enter the network namespace of " +
      `"${lab.namespace("receiver")}": Operation not permitted (setns: EPERM)`,
      "Entering a network namespace needs root (CAP_SYS_ADMIN).",
    ];
    const stdout = lines.map((line) => `${line}\n`).join("");
    assertEquals(finished, { code: 0, stdout, stderr: "" });
  },
);
