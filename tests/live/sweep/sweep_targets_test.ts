/** Targets by name, and by standard input. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { liveTest, run, script } from "../live.ts";

/** As people keep them, also in Windows' editors. */
const LIST = `127.0.0.1, 127.0.0.2  # two
# 127.0.0.9 is out of order
\t127.0.0.7,127.0.0.5-6\r
127.0.1.0/31`;
const LISTED = [1, 2, 5, 6, 7].map((octet) => `127.0.0.${octet}`)
  .concat("127.0.1.0", "127.0.1.1");

await liveTest(
  "sweep.ts - asks what standard input names",
  ["lab"],
  async () => {
    const { code, stdout } = await run(
      script("sweep", "-", "127.0.0.3", "--alive-only", "-w", "1"),
      { input: LIST },
    );
    assertEquals(code, 0);
    assertEquals(
      stdout.trim().split("\n").sort(),
      [...LISTED, "127.0.0.3"].sort(),
    );
  },
);

await liveTest(
  "ping.ts - asks what standard input names",
  ["lab"],
  async () => {
    const input = LIST.replace("127.0.0.5-6", "localhost")
      .replace("127.0.1.0/31", "");
    const { code, stdout } = await run(
      script("ping", "-4", "-c", "1", "-i", "0.05", "--json", "-"),
      { input },
    );
    assertEquals(code, 0);
    const hosts = stdout.trim().split("\n").map((line) => JSON.parse(line))
      .filter(({ type }) => type === "host");
    assertEquals(
      hosts.map(({ name, isAlive }) => [name, isAlive]).sort(),
      ["127.0.0.1", "127.0.0.2", "127.0.0.7", "localhost"]
        .map((name) => [name, true]),
    );
  },
);

await liveTest(
  "standard input that names nothing is refused",
  ["lab"],
  async () => {
    for (const name of ["ping", "sweep"]) {
      for (const input of ["", " ,\n# 127.0.0.1\n"]) {
        assertEquals(await run(script(name, "-"), { input }), {
          code: 2,
          stdout: "",
          stderr: `${name}: standard input names no target\n`,
        });
      }
      const twice = await run(script(name, "-", "-"), { input: "127.0.0.1" });
      assertEquals(twice.code, 2);
      assertStringIncludes(twice.stderr, "which can be read but once");
    }
  },
);

await liveTest(
  "sweep.ts takes names, and ranges as nmap has them",
  ["lab"],
  async () => {
    const sweep = (...args: string[]) =>
      run(script("sweep", "--alive-only", "-w", "1", ...args));
    const { code, stdout } = await sweep("localhost", "127.0.0.2-3");
    const localhost = await run(["getent", "ahosts", "localhost"]);
    const [first] = localhost.stdout.split(" ");
    assertEquals(code, 0);
    assertEquals(
      stdout.trim().split("\n").sort(),
      ["127.0.0.2", "127.0.0.3", first].sort(),
    );
    // No name server is asked of what is no name.
    for (const wrong of ["127.0.0.9-5", "127.0.0.256", "127.0.0.0/33"]) {
      const { code, stdout, stderr } = await sweep(wrong);
      assertEquals([code, stdout], [2, ""]);
      assertStringIncludes(stderr, wrong);
    }
  },
);
