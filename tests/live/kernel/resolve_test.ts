import { assertEquals } from "@std/assert";
import { liveTest, ROOT, ROOT_URL, run } from "../live.ts";

const HOSTS = `2001:db8::2 both
192.0.2.2 both
2001:db8::1 both
192.0.2.1 both
192.0.2.1 both
192.0.2.3 four
2001:db8::3 six
`;

/** Runs with a hosts file of its own, which takes a mount namespace. */
const WITH_HOSTS = 'mount --bind "$1" /etc/hosts && shift && exec "$@"';

await liveTest("resolve() tells IPv4 before IPv6, each address once", [
  "lab",
  "unshare",
  "mount",
], async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, HOSTS);
    const code = `import { resolve } from ${
      JSON.stringify(`${ROOT_URL}mod.ts`)
    };
      const said = [];
      for (const [name, family] of [["both"], ["both", 4], ["both", 6],
        ["four"], ["six"], ["four", 6]]) {
        said.push(await resolve(name, { family }).then(
          (addresses) => addresses,
          (error) => error.name,
        ));
      }
      console.log(JSON.stringify(said));`;
    const { stdout, stderr } = await run([
      ...["unshare", "--mount", "sh", "-c", WITH_HOSTS, "sh", file],
      ...[Deno.execPath(), "eval", code],
    ], { cwd: ROOT });
    const [both, four, six, ...rest] = JSON.parse(stdout || `[${stderr}]`);
    // libc has an order of its own within each family.
    assertEquals(four.toSorted(), ["192.0.2.1", "192.0.2.2"]);
    assertEquals(six.toSorted(), ["2001:db8::1", "2001:db8::2"]);
    assertEquals(both, [...four, ...six]);
    assertEquals(rest, [["192.0.2.3"], ["2001:db8::3"], "NameLookupError"]);
  } finally {
    await Deno.remove(file);
  }
});
