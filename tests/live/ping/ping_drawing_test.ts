/** Round trips as they are drawn: in lines, at a terminal, and for a page. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { pairUp } from "../hosts.ts";
import { flagsOf, liveTest, ROOT, run, script, shellWords } from "../live.ts";
import { reply, Responder } from "../responder.ts";

const NEEDS = ["lab", "nsenter", "sysctl"];
const PING = ["-c", "5", "-i", "0.05", "-W", "4", "1.1.1.1"];
/** The second and the fourth request get no reply. */
const answer = (request: Parameters<typeof reply>[0]) =>
  request.sequence % 2 === 1 ? [reply(request)] : [];

/** What a parser that is not ours makes of a drawing. */
const PARSE = `
import json, sys
from xml.dom import minidom
svg = minidom.parse(sys.argv[1]).documentElement
text = lambda name: svg.getElementsByTagName(name)[0].firstChild.data
paths = {p.getAttribute("class"): p.getAttribute("d")
         for p in svg.getElementsByTagName("path")}
ids = {e.getAttribute("id") for e in svg.getElementsByTagName("*")}
print(json.dumps({
    "name": svg.tagName, "space": svg.namespaceURI, "title": text("title"),
    "desc": text("desc"), "paths": paths,
    "labelled": set(svg.getAttribute("aria-labelledby").split()) <= ids,
    "scripts": len(svg.getElementsByTagName("script"))}))`;

await liveTest("ping.ts --graph draws a line for a pipe", NEEDS, async () => {
  await using lab = await pairUp();
  await using _ = await Responder.start(lab, 4, answer);
  const { code, stdout, stderr } = await run(
    lab.inside("sender", script("ping", "--graph", ...PING)),
  );
  assertEquals([code, stderr], [0, ""]);
  const [first, bars, scale, empty, title, counts, times] = stdout.split("\n");
  assert(first.startsWith("PING 1.1.1.1 "), stdout);
  assertMatch(bars, /^[▁-█]×[▁-█]×[▁-█]$/);
  assert(bars.includes("█"), bars);
  const [, max] = /\/([\d.]+)\/[\d.]+ ms$/.exec(times)!;
  assertEquals(
    scale,
    `1.1.1.1 icmp_seq 1 to 5, █ ${max} ms, × lost: 2`,
  );
  assertEquals([empty, title], ["", "--- 1.1.1.1 ping statistics ---"]);
  assert(counts.startsWith("5 packets transmitted, 3 received, 40%"), counts);
  for (const other of ["--json", "--explain"]) {
    const { code, stdout } = await run(
      script("ping", "--graph", other, "127.0.0.1"),
    );
    assertEquals([code, stdout], [2, ""]);
  }
});

await liveTest(
  "ping.ts --graph grows on a terminal, and leaves what a pipe gets",
  [...NEEDS, "script"],
  async () => {
    await using lab = await pairUp();
    await using _ = await Responder.start(lab, 4, answer);
    const ping = shellWords(script("ping", "--graph", ...PING));
    const { stdout } = await run(
      lab.inside("sender", [
        ...["env", "TERM=xterm", "script", "-qefc", ping, "/dev/null"],
      ]),
    );
    // deno-lint-ignore no-control-regex
    const frames = stdout.replaceAll(/\r|\x1b\[1A/g, "").split(/\x1b\[[JK]/);
    const bars = frames.slice(1, -1).map((frame) =>
      frame.split("\n")[0].replaceAll(/[▁-█]/g, "-")
    );
    // Each as long as the one before, or longer.
    assert(bars.length > 1 && bars[0].length < 5, JSON.stringify(bars));
    assertEquals(bars.toSorted((a, b) => a.length - b.length), bars);
    assertMatch(
      frames.at(-1)!,
      /^[▁-█]×[▁-█]×[▁-█]\n1\.1\.1\.1 icmp_seq 1 to 5/,
    );
  },
);

await liveTest(
  "ping.ts --svg writes what an XML parser reads",
  [...NEEDS, "python3"],
  async () => {
    await using lab = await pairUp();
    await using _ = await Responder.start(lab, 4, answer);
    const folder = await Deno.makeTempDir();
    const path = `${folder}/a "trip" & <more>.svg`;
    try {
      const ping = [
        ...[Deno.execPath(), "run", ...flagsOf("ping").split(" ")],
        ...[`--allow-write=${path}`, `${ROOT}scripts/ping.ts`],
        ...["--svg", path, ...PING],
      ];
      const { code, stdout, stderr } = await run(lab.inside("sender", ping));
      assertEquals([code, stderr], [0, ""]);
      assert(stdout.includes("icmp_seq=1 ttl="), stdout);
      const parsed = await run(["python3", "-c", PARSE, path]);
      assertEquals(parsed.stderr, "");
      const { title, desc, paths, ...rest } = JSON.parse(parsed.stdout);
      assertEquals(rest, {
        name: "svg",
        space: "http://www.w3.org/2000/svg",
        labelled: true,
        scripts: 0,
      });
      assertEquals(title, "Round trips of ICMP echoes: 1.1.1.1");
      assert(desc.startsWith("1.1.1.1: 5 sent, 3 received, min/avg/max"), desc);
      const count = (path: string) => path.split("M").length - 1;
      assertEquals([count(paths.trips), count(paths.lost)], [3, 2]);
      assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
    // Before anything is sent.
    const refused = await run(script("ping", "--svg", "x.svg", "127.0.0.1"));
    assertEquals([refused.code, refused.stdout], [3, ""]);
    assert(refused.stderr.includes("Add --allow-write=x.svg"), refused.stderr);
  },
);
