import { assertEquals, assertNotEquals } from "@std/assert";
import { libc } from "../../lib/ffi/libc.ts";
import { isRunning, thisProcess } from "../../lib/lab/process.ts";
import { eventually, Process } from "../live/pair/pair_process.ts";

// Opened here, or the first test to need it would seem to leak it.
libc();

Deno.test("thisProcess() is this process, and the same every time", () => {
  const owner = thisProcess();
  assertEquals(owner.split(".")[0], `${Deno.pid}`);
  assertEquals(thisProcess(), owner);
  assertEquals(isRunning(owner), true);
});

Deno.test("isRunning() tells a process from a later one with its id", () => {
  const [pid, start] = thisProcess().split(".");
  assertEquals(isRunning(`${pid}.${Number(start) + 1}`), false);
});

Deno.test("isRunning() is false once a process has ended", async () => {
  const child = new Deno.Command("cat", { stdin: "piped" }).spawn();
  const stat = await Deno.readTextFile(`/proc/${child.pid}/stat`);
  const owner = `${child.pid}.${stat.split(" ")[21]}`;
  assertEquals(isRunning(owner), true);
  await child.stdin.close();
  await child.status;
  assertEquals(isRunning(owner), false);
  assertNotEquals(owner, thisProcess());
});

Deno.test("isRunning() is false for a process that waits to be waited for", async () => {
  // A child that its parent never asks for, since that is another program now.
  await using parent = new Process([
    ...["sh", "-c", "sleep 1000 & echo $! child; exec sleep 1000"],
  ]);
  const pid = parseInt(await parent.until("child"));
  const stat = (pid: number) => Deno.readTextFile(`/proc/${pid}/stat`);
  await eventually(
    "it is",
    async () => (await stat(parent.pid)).includes("(sleep)"),
  );
  const owner = `${pid}.${(await stat(pid)).split(" ")[21]}`;
  assertEquals(isRunning(owner), true);
  Deno.kill(pid, "SIGKILL");
  const state = async () => (await stat(pid)).split(" ")[2];
  await eventually("it is a zombie", async () => await state() === "Z");
  assertEquals(isRunning(owner), false);
});
