/** What labs are run with: Deno's flags, the system's programs, and no more. */

import { assert, assertEquals } from "@std/assert";
import { Machine } from "./lab_machine.ts";
import { liveTest, ROOT, run, script, unwrapped } from "../live.ts";

const ALL = [Deno.execPath(), "run", "--allow-ffi", "--allow-run"];
const RUN = ["run", "pair", "--", "true"];

/** A folder with programs of these names that say that they were run. */
class Strangers implements AsyncDisposable {
  readonly folder: string;

  constructor(programs: readonly string[]) {
    this.folder = Deno.makeTempDirSync();
    const program = `#!/bin/sh\necho "$0" >>${this.folder}/log\nexit 1\n`;
    for (const name of programs) {
      Deno.writeTextFileSync(`${this.folder}/${name}`, program, {
        mode: 0o755,
      });
    }
  }

  /** A command for which they are found before all others. */
  first(command: readonly string[]): string[] {
    const path = `PATH=${this.folder}:${Deno.env.get("PATH")}`;
    return ["env", path, ...command];
  }

  /** Those that were run. */
  log(): Promise<string> {
    return Deno.readTextFile(`${this.folder}/log`).catch(() => "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

await liveTest(
  "a lab is built of the system's programs, whatever PATH finds first",
  ["lab", "nft"],
  async () => {
    await using machine = await Machine.start();
    await using strangers = new Strangers([
      ...["ip", "unshare", "nsenter", "sh", "env", "nft"],
      ...["cat", "kill", "mount", "sysctl", "tc", "bridge"],
    ]);
    const lab = async (...args: string[]) => {
      const call = [...ALL, `${ROOT}scripts/lab.ts`, ...args];
      const { code, stderr } = await run(
        machine.inside(strangers.first(call)),
      );
      assertEquals([code, stderr], [0, ""], args.join(" "));
    };
    await lab("up", "chain", "2", "--silent", "1", "--slow", "1=1");
    await lab("run", "chain", "--", "/bin/true");
    await lab("down", "chain");
    await lab("run", "lan", "--", "/bin/true");
    const demo = [...ALL, `${ROOT}scripts/demo.ts`];
    const { code } = await run(machine.inside(strangers.first(demo)));
    assertEquals(code, 0);
    assertEquals(await strangers.log(), "");
    // It is for the command alone that PATH is followed.
    const call = [...ALL, `${ROOT}scripts/lab.ts`, "run", "pair", "--", "ip"];
    await run(machine.inside(strangers.first(call)));
    assertEquals(await strangers.log(), `${strangers.folder}/ip\n`);
  },
);

await liveTest(
  "a list of programs that means another ip is refused, exit 3",
  ["lab"],
  async () => {
    await using machine = await Machine.start();
    await using strangers = new Strangers(["ip"]);
    const { code, stdout, stderr } = await run(
      machine.inside(strangers.first(script("lab", ...RUN))),
    );
    assertEquals(
      unwrapped(stderr),
      "lab: not permitted by Deno to run the system's ip PATH finds another " +
        "ip before it, which is not run. Put /usr/sbin:/usr/bin first in PATH.",
    );
    assertEquals([code, stdout], [3, ""]);
    assertEquals(await strangers.log(), "");
  },
);

await liveTest(
  "a variable that Deno minds is named, exit 3; all of --allow-run helps",
  ["lab"],
  async () => {
    await using machine = await Machine.start();
    const withVariable = (command: string[]) =>
      run(machine.inside(["env", "LD_LIBRARY_PATH=/nowhere", ...command]));
    const { code, stdout, stderr } = await withVariable(script("lab", ...RUN));
    assertEquals(
      unwrapped(stderr),
      "lab: not permitted by Deno to run programs while LD_LIBRARY_PATH is " +
        "set Unset it, such as by `env -u LD_LIBRARY_PATH …`, or add " +
        "--allow-run, without names, to the command.",
    );
    assertEquals([code, stdout], [3, ""]);
    const whole = await withVariable([
      ...ALL,
      `${ROOT}scripts/lab.ts`,
      ...RUN,
    ]);
    assertEquals([whole.code, whole.stderr], [0, ""]);
  },
);

await liveTest("lab.ts and demo.ts start by their first lines", [
  "lab",
], async () => {
  await using machine = await Machine.start();
  const folder = await Deno.makeTempDir();
  await Deno.symlink(Deno.execPath(), `${folder}/deno`);
  for (const call of [["lab.ts", ...RUN], ["demo.ts"]]) {
    const [file, ...args] = call;
    const path = `PATH=${folder}:${Deno.env.get("PATH")}`;
    const command = ["env", path, `${ROOT}scripts/${file}`, ...args];
    const { code, stderr } = await run(machine.inside(command));
    assertEquals([code, stderr], [0, ""], file);
  }
  await Deno.remove(folder, { recursive: true });
});

await liveTest("in a lab Deno does not look for a newer one", [
  "lab",
], async () => {
  await using machine = await Machine.start();
  const echo = ["sh", "-c", "echo $DENO_NO_UPDATE_CHECK"];
  const lab = (...args: string[]) =>
    run(machine.inside(script("lab", ...args, "--", ...echo)));
  assertEquals((await lab("run", "lan", "--host", "user")).stdout, "1\n");
  assertEquals((await lab("run", "pair", "--stay")).stdout, "1\n");
  assertEquals((await lab("run", "pair")).stdout, "1\n");
});

await liveTest("a command is run as it is, whatever its path", [
  "lab",
], async () => {
  await using machine = await Machine.start();
  const folder = await Deno.makeTempDir({ prefix: "a=b -c" });
  const file = `${folder}/x=y`;
  await Deno.writeTextFile(file, "#!/bin/sh\necho $0 $#\n", { mode: 0o755 });
  const args = ["run", "pair", "--", file, "c=d", "-e"];
  const { code, stdout } = await run(machine.inside(script("lab", ...args)));
  assertEquals([code, stdout], [0, `${file} 2\n`]);
  await Deno.remove(folder, { recursive: true });
});

await liveTest("a full disk is told of in a sentence, exit 4", [
  "lab",
], async () => {
  await using machine = await Machine.start();
  const CALLS = [
    script("lab", "status"),
    script("lab", "--help"),
    script("lab", "up"),
    script("demo"),
  ];
  for (const call of CALLS) {
    const { code, stderr } = await run(
      machine.inside(["sh", "-c", 'exec "$@" >/dev/full', "sh", ...call]),
    );
    const said = unwrapped(stderr);
    assert(
      /^(lab|demo): cannot write to standard output: No space left on device/
        .test(said),
      stderr,
    );
    assert(!stderr.includes(" at "), stderr);
    assertEquals(code, 4);
  }
});
